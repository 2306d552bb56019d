package main

import "strings"

// A kind is walked through its whole life with one object: what makes it valid, and what of it can change.
type kind struct {
	group, version, plural, name string
	cluster                      bool
	object                       string // the manifest without names
	change                       string // a merge patch of the spec; a label is changed when there is none
	status                       string // a merge patch of the status; none when there is no status
	statusKeepsMetadata          bool   // a write of the status leaves labels and annotations as they are
	named                        string // a name that its rules ask for
	held                         bool   // a finalizer of the system may keep it for a while
}

const (
	podSpec   = `{"automountServiceAccountToken":false,"nodeSelector":{"walk":"nowhere"},"containers":[{"name":"c","image":"walk.example.com/i:1"}]}`
	podSpec2  = `{"automountServiceAccountToken":false,"nodeSelector":{"walk":"nowhere"},"containers":[{"name":"c","image":"walk.example.com/i:2"}]}`
	template  = `{"metadata":{"labels":{"walk":"a"}},"spec":` + podSpec + `}`
	owner     = `{"spec":{"replicas":0,"selector":{"matchLabels":{"walk":"a"}},"template":` + template + `}}`
	jobSpec   = `{"suspend":true,"template":{"spec":{"restartPolicy":"Never","nodeSelector":{"walk":"nowhere"},"containers":[{"name":"c","image":"walk.example.com/i:1"}]}}}`
	condition = `{"type":"Walked","status":"True","reason":"Walk","message":"set by a walk","lastTransitionTime":"2026-01-02T03:04:05Z"}`
	rules     = `[{"operations":["CREATE"],"apiGroups":["never.example.com"],"apiVersions":["v1"],"resources":["things"]}]`
	webhooks  = `{"webhooks":[{"name":"a.example.com","admissionReviewVersions":["v1"],"sideEffects":"None","clientConfig":{"url":"https://127.0.0.1:1/"},"rules":` + rules + `,"matchConditions":[{"name":"m","expression":"object.metadata.name == 'x'"}]}]}`
	webhook2  = `{"webhooks":[{"name":"a.example.com","admissionReviewVersions":["v1"],"sideEffects":"None","clientConfig":{"url":"https://127.0.0.1:1/"},"rules":` + rules + `,"matchConditions":[{"name":"n","expression":"object.metadata.name == 'y'"}]}]}`
	device    = `{"spec":{"devices":{"requests":[{"name":"r","exactly":{"deviceClassName":"d"}}]}}}`
)

var kinds = []kind{
	{version: "v1", plural: "configmaps", name: "ConfigMap", object: `{"data":{"a":"1"}}`, change: `{"data":{"b":"2"}}`},
	{version: "v1", plural: "secrets", name: "Secret", object: `{"data":{"a":"MQ=="}}`, change: `{"data":{"b":"Mg=="}}`},
	{version: "v1", plural: "serviceaccounts", name: "ServiceAccount", object: `{}`, change: `{"automountServiceAccountToken":false}`},
	{version: "v1", plural: "limitranges", name: "LimitRange", object: `{"spec":{"limits":[{"type":"Container","max":{"cpu":"1"}}]}}`, change: `{"spec":{"limits":[{"type":"Container","max":{"cpu":"2"}}]}}`},
	{version: "v1", plural: "endpoints", name: "Endpoints", object: `{"subsets":[{"addresses":[{"ip":"192.0.2.1"}],"ports":[{"name":"http","port":80,"protocol":"TCP"}]}]}`, change: `{"subsets":[{"addresses":[{"ip":"192.0.2.2"}],"ports":[{"name":"http","port":81,"protocol":"TCP"}]}]}`},
	{version: "v1", plural: "podtemplates", name: "PodTemplate", object: `{"template":` + template + `}`, change: `{"template":{"metadata":{"labels":{"more":"b"}}}}`},
	{version: "v1", plural: "pods", name: "Pod", object: `{"spec":` + podSpec + `}`, change: `{"spec":` + podSpec2 + `}`, status: `{"status":{"message":"walked","conditions":[` + condition + `]}}`},
	{version: "v1", plural: "replicationcontrollers", name: "ReplicationController", object: `{"spec":{"replicas":0,"selector":{"walk":"a"},"template":` + template + `}}`, change: `{"spec":{"minReadySeconds":3}}`, status: `{"status":{"conditions":[` + condition + `]}}`},
	{version: "v1", plural: "resourcequotas", name: "ResourceQuota", object: `{"spec":{"hard":{"pods":"4"}}}`, change: `{"spec":{"hard":{"secrets":"50"}}}`, status: `{"status":{"hard":{"walked":"4"}}}`},
	{version: "v1", plural: "services", name: "Service", object: `{"spec":{"ports":[{"port":80,"protocol":"TCP"}]}}`, change: `{"spec":{"sessionAffinity":"ClientIP"}}`, status: `{"status":{"conditions":[` + condition + `]}}`},
	{version: "v1", plural: "events", name: "Event", object: `{"involvedObject":{"kind":"Pod","namespace":"NAMESPACE","name":"p"},"reason":"R","message":"m"}`, change: `{"series":{"count":2,"lastObservedTime":"2026-01-02T03:04:05.000006Z"}}`},
	{version: "v1", plural: "persistentvolumeclaims", name: "PersistentVolumeClaim", object: `{"spec":{"storageClassName":"","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}`, status: `{"status":{"conditions":[` + condition + `]}}`, held: true},
	{version: "v1", plural: "persistentvolumes", name: "PersistentVolume", cluster: true, object: `{"spec":{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},"csi":{"driver":"csi.example.com","volumeHandle":"h"},"storageClassName":"walk"}}`, status: `{"status":{"reason":"Walk","message":"walked"}}`, held: true},
	{version: "v1", plural: "nodes", name: "Node", cluster: true, object: `{"spec":{"unschedulable":true}}`, status: `{"status":{"conditions":[` + condition + `]}}`},
	{version: "v1", plural: "namespaces", name: "Namespace", cluster: true, object: `{}`, status: `{"status":{"conditions":[` + condition + `]}}`, held: true},
	{group: "apps", version: "v1", plural: "controllerrevisions", name: "ControllerRevision", object: `{"revision":1,"data":{"x":1}}`, change: `{"revision":2}`},
	{group: "apps", version: "v1", plural: "daemonsets", name: "DaemonSet", object: `{"spec":{"selector":{"matchLabels":{"walk":"a"}},"template":` + template + `}}`, change: `{"spec":{"minReadySeconds":3}}`, status: `{"status":{"conditions":[` + condition + `]}}`},
	{group: "apps", version: "v1", plural: "deployments", name: "Deployment", object: owner, change: `{"spec":{"minReadySeconds":3}}`, status: `{"status":{"conditions":[` + condition + `]}}`},
	{group: "apps", version: "v1", plural: "replicasets", name: "ReplicaSet", object: owner, change: `{"spec":{"minReadySeconds":3}}`, status: `{"status":{"conditions":[` + condition + `]}}`},
	{group: "apps", version: "v1", plural: "statefulsets", name: "StatefulSet", object: strings.Replace(owner, `"replicas":0`, `"replicas":0,"serviceName":"s"`, 1), change: `{"spec":{"minReadySeconds":3}}`, status: `{"status":{"conditions":[` + condition + `]}}`},
	{group: "autoscaling", version: "v1", plural: "horizontalpodautoscalers", name: "HorizontalPodAutoscaler", object: `{"spec":{"maxReplicas":3,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}}}`, change: `{"spec":{"maxReplicas":4}}`, status: `{"status":{"currentReplicas":1,"desiredReplicas":2}}`},
	{group: "autoscaling", version: "v2", plural: "horizontalpodautoscalers", name: "HorizontalPodAutoscaler", object: `{"spec":{"maxReplicas":3,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}}}`, change: `{"spec":{"maxReplicas":4}}`, status: `{"status":{"desiredReplicas":2,"conditions":[` + condition + `]}}`},
	{group: "batch", version: "v1", plural: "cronjobs", name: "CronJob", object: `{"spec":{"suspend":true,"schedule":"*/5 * * * *","jobTemplate":{"spec":` + jobSpec + `}}}`, change: `{"spec":{"schedule":"*/7 * * * *"}}`, status: `{"status":{"lastScheduleTime":"2026-01-02T03:04:05Z"}}`},
	{group: "batch", version: "v1", plural: "jobs", name: "Job", object: `{"spec":` + jobSpec + `}`, change: `{"spec":{"backoffLimit":3}}`, status: `{"status":{"startTime":"2026-01-02T03:04:05Z"}}`},
	{group: "policy", version: "v1", plural: "poddisruptionbudgets", name: "PodDisruptionBudget", object: `{"spec":{"minAvailable":1,"selector":{"matchLabels":{"walk":"a"}}}}`, change: `{"spec":{"minAvailable":2}}`, status: `{"status":{"currentHealthy":1,"desiredHealthy":2,"disruptionsAllowed":0,"expectedPods":3,"conditions":[` + condition + `]}}`},
	{group: "networking.k8s.io", version: "v1", plural: "ingresses", name: "Ingress", object: `{"spec":{"defaultBackend":{"service":{"name":"web","port":{"number":80}}}}}`, change: `{"spec":{"defaultBackend":{"service":{"name":"web","port":{"number":81}}}}}`, status: `{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.9"}]}}}`},
	{group: "networking.k8s.io", version: "v1", plural: "ingressclasses", name: "IngressClass", cluster: true, object: `{"spec":{"controller":"example.com/c"}}`, change: `{"spec":{"parameters":{"kind":"K","name":"p","scope":"Cluster"}}}`},
	{group: "networking.k8s.io", version: "v1", plural: "networkpolicies", name: "NetworkPolicy", object: `{"spec":{"podSelector":{},"policyTypes":["Ingress"]}}`, change: `{"spec":{"podSelector":{"matchLabels":{"a":"b"}}}}`},
	{group: "networking.k8s.io", version: "v1", plural: "ipaddresses", name: "IPAddress", cluster: true, named: "192.0.2.%d", object: `{"spec":{"parentRef":{"resource":"services","namespace":"default","name":"walk"}}}`},
	{group: "networking.k8s.io", version: "v1", plural: "servicecidrs", name: "ServiceCIDR", cluster: true, object: `{"spec":{"cidrs":["192.0.2.0/24"]}}`, status: `{"status":{"conditions":[` + condition + `]}}`, statusKeepsMetadata: true, held: true},
	{group: "discovery.k8s.io", version: "v1", plural: "endpointslices", name: "EndpointSlice", object: `{"addressType":"IPv4","endpoints":[{"addresses":["192.0.2.1"]}]}`, change: `{"endpoints":[{"addresses":["192.0.2.1"]},{"addresses":["192.0.2.2"]}]}`},
	{group: "coordination.k8s.io", version: "v1", plural: "leases", name: "Lease", object: `{"spec":{"holderIdentity":"walk","leaseDurationSeconds":30,"acquireTime":"2026-01-02T03:04:05.000006Z","renewTime":"2026-01-02T03:04:05.000006Z","leaseTransitions":0}}`, change: `{"spec":{"holderIdentity":"another","leaseTransitions":1}}`},
	{group: "events.k8s.io", version: "v1", plural: "events", name: "Event", object: `{"eventTime":"2026-01-02T03:04:05.000006Z","type":"Normal","reason":"R","action":"A","regarding":{"kind":"Pod","namespace":"NAMESPACE","name":"p"},"reportingController":"example.com/c","reportingInstance":"i"}`, change: `{"series":{"count":2,"lastObservedTime":"2026-01-02T03:04:05.000006Z"}}`},
	{group: "scheduling.k8s.io", version: "v1", plural: "priorityclasses", name: "PriorityClass", cluster: true, object: `{"value":7}`, change: `{"description":"walked"}`},
	{group: "node.k8s.io", version: "v1", plural: "runtimeclasses", name: "RuntimeClass", cluster: true, object: `{"handler":"runc"}`, change: `{"overhead":{"podFixed":{"cpu":"10m"}}}`},
	{group: "storage.k8s.io", version: "v1", plural: "storageclasses", name: "StorageClass", cluster: true, object: `{"provisioner":"example.com/p"}`, change: `{"allowVolumeExpansion":true}`},
	{group: "storage.k8s.io", version: "v1", plural: "csidrivers", name: "CSIDriver", cluster: true, named: "csi-%d.example.com", object: `{"spec":{}}`, change: `{"spec":{"requiresRepublish":true}}`},
	{group: "storage.k8s.io", version: "v1", plural: "csinodes", name: "CSINode", cluster: true, object: `{"spec":{"drivers":[]}}`, change: `{"spec":{"drivers":[{"name":"csi.example.com","nodeID":"n","topologyKeys":null}]}}`},
	{group: "storage.k8s.io", version: "v1", plural: "csistoragecapacities", name: "CSIStorageCapacity", object: `{"storageClassName":"fast","capacity":"1Gi"}`, change: `{"capacity":"2Gi"}`},
	{group: "storage.k8s.io", version: "v1", plural: "volumeattachments", name: "VolumeAttachment", cluster: true, object: `{"spec":{"attacher":"csi.example.com","nodeName":"n","source":{"persistentVolumeName":"v"}}}`, status: `{"status":{"attached":true}}`, statusKeepsMetadata: true},
	{group: "storage.k8s.io", version: "v1", plural: "volumeattributesclasses", name: "VolumeAttributesClass", cluster: true, object: `{"driverName":"csi.example.com","parameters":{"a":"b"}}`},
	{group: "rbac.authorization.k8s.io", version: "v1", plural: "roles", name: "Role", object: `{"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}`, change: `{"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["list"]}]}`},
	{group: "rbac.authorization.k8s.io", version: "v1", plural: "clusterroles", name: "ClusterRole", cluster: true, object: `{"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}`, change: `{"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["list"]}]}`},
	{group: "rbac.authorization.k8s.io", version: "v1", plural: "rolebindings", name: "RoleBinding", object: `{"subjects":[{"kind":"User","name":"u","apiGroup":"rbac.authorization.k8s.io"}],"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"}}`, change: `{"subjects":[{"kind":"User","name":"v","apiGroup":"rbac.authorization.k8s.io"}]}`},
	{group: "rbac.authorization.k8s.io", version: "v1", plural: "clusterrolebindings", name: "ClusterRoleBinding", cluster: true, object: `{"subjects":[{"kind":"User","name":"u","apiGroup":"rbac.authorization.k8s.io"}],"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"}}`, change: `{"subjects":[{"kind":"User","name":"v","apiGroup":"rbac.authorization.k8s.io"}]}`},
	{group: "flowcontrol.apiserver.k8s.io", version: "v1", plural: "flowschemas", name: "FlowSchema", cluster: true, object: `{"spec":{"matchingPrecedence":10000,"priorityLevelConfiguration":{"name":"global-default"},"distinguisherMethod":{"type":"ByUser"}}}`, change: `{"spec":{"matchingPrecedence":9999}}`, status: `{"status":{"conditions":[` + condition + `]}}`, statusKeepsMetadata: true},
	{group: "flowcontrol.apiserver.k8s.io", version: "v1", plural: "prioritylevelconfigurations", name: "PriorityLevelConfiguration", cluster: true, object: `{"spec":{"type":"Limited","limited":{"nominalConcurrencyShares":2,"limitResponse":{"type":"Reject"}}}}`, change: `{"spec":{"limited":{"nominalConcurrencyShares":4}}}`, status: `{"status":{"conditions":[` + condition + `]}}`, statusKeepsMetadata: true},
	{group: "admissionregistration.k8s.io", version: "v1", plural: "validatingwebhookconfigurations", name: "ValidatingWebhookConfiguration", cluster: true, object: webhooks, change: webhook2},
	{group: "admissionregistration.k8s.io", version: "v1", plural: "mutatingwebhookconfigurations", name: "MutatingWebhookConfiguration", cluster: true, object: webhooks, change: webhook2},
	{group: "admissionregistration.k8s.io", version: "v1", plural: "validatingadmissionpolicies", name: "ValidatingAdmissionPolicy", cluster: true, object: `{"spec":{"matchConstraints":{"resourceRules":` + rules + `},"validations":[{"expression":"object.spec.replicas <= 100"}]}}`, change: `{"spec":{"failurePolicy":"Ignore"}}`, status: `{"status":{"conditions":[` + condition + `]}}`, statusKeepsMetadata: true},
	{group: "admissionregistration.k8s.io", version: "v1", plural: "validatingadmissionpolicybindings", name: "ValidatingAdmissionPolicyBinding", cluster: true, object: `{"spec":{"policyName":"absent.example.com","validationActions":["Deny"]}}`, change: `{"spec":{"validationActions":["Warn"]}}`},
	{group: "admissionregistration.k8s.io", version: "v1", plural: "mutatingadmissionpolicies", name: "MutatingAdmissionPolicy", cluster: true, object: `{"spec":{"matchConstraints":{"resourceRules":` + rules + `},"reinvocationPolicy":"Never","mutations":[{"patchType":"JSONPatch","jsonPatch":{"expression":"[JSONPatch{op: \"test\", path: \"/a\", value: \"b\"}]"}}]}}`, change: `{"spec":{"failurePolicy":"Ignore"}}`},
	{group: "admissionregistration.k8s.io", version: "v1", plural: "mutatingadmissionpolicybindings", name: "MutatingAdmissionPolicyBinding", cluster: true, object: `{"spec":{"policyName":"absent.example.com"}}`, change: `{"spec":{"policyName":"another.example.com"}}`},
	{group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions", name: "CustomResourceDefinition", cluster: true, named: "walks.life-%d.example.com", object: `{"spec":{"group":"life-NUMBER.example.com","scope":"Namespaced","names":{"plural":"walks","singular":"walk","kind":"Walk","listKind":"WalkList"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}`, change: `{"spec":{"names":{"shortNames":["wk"]}}}`, status: `{"status":{"conditions":[` + condition + `]}}`},
	{group: "apiregistration.k8s.io", version: "v1", plural: "apiservices", name: "APIService", cluster: true, named: "v1.life-%d.example.com", object: `{"spec":{"group":"life-NUMBER.example.com","version":"v1","groupPriorityMinimum":100,"versionPriority":10,"insecureSkipTLSVerify":true,"service":{"namespace":"default","name":"absent"}}}`, change: `{"spec":{"versionPriority":11}}`, status: `{"status":{"conditions":[` + condition + `]}}`, statusKeepsMetadata: true},
	{group: "resource.k8s.io", version: "v1", plural: "deviceclasses", name: "DeviceClass", cluster: true, object: `{"spec":{}}`, change: `{"spec":{"selectors":[{"cel":{"expression":"true"}}]}}`},
	{group: "resource.k8s.io", version: "v1", plural: "resourceclaims", name: "ResourceClaim", object: device, status: `{"status":{"allocation":{"devices":{"results":[{"request":"r","driver":"d.example.com","pool":"p","device":"x"}]}}}}`, statusKeepsMetadata: true, held: true},
	{group: "resource.k8s.io", version: "v1", plural: "resourceclaimtemplates", name: "ResourceClaimTemplate", object: `{"spec":` + device + `}`},
	{group: "resource.k8s.io", version: "v1", plural: "resourceslices", name: "ResourceSlice", cluster: true, object: `{"spec":{"driver":"d.example.com","nodeName":"n","pool":{"name":"p","generation":1,"resourceSliceCount":1}}}`, change: `{"spec":{"pool":{"generation":2}}}`},
}
