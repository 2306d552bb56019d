using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Defaults;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.Tests.Validation;

/// <summary>What is refused of pods, in upstream's words, at its paths and in its order, worked out by hand from its validation.</summary>
public class PodLetterTests
{
    private const string Label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private const string Subdomain = @"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string Qualified = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private static JsonObject Pod(string spec, string metadata = "", string status = "{}")
    {
        var pod = JsonNode.Parse($$$"""{"metadata":{"name":"x","uid":"u","namespace":"n"{{{metadata}}}},"spec":{{{spec}}},"status":{{{status}}}}""")!.AsObject();
        pod["spec"]!.AsObject().TryAdd("serviceAccountName", "default");
        pod["spec"]!.AsObject().TryAdd("containers", JsonNode.Parse("""[{"name":"c","image":"i"}]"""));
        ObjectDefaults.Apply(ResourceCatalog.BuiltIn.All.First(kind => kind.Plural == "pods"), pod);
        return pod;
    }

    private static string[] Problems(JsonObject pod, JsonObject? old = null) =>
        [.. ObjectValidation.ValidateKind(ResourceCatalog.BuiltIn.All.First(kind => kind.Plural == "pods"), pod, old).Select(cause => $"{cause.Field}: {cause.Message}")];

    [Theory]
    [InlineData("""{"name":"C","image":"i"}""", $"spec.containers[0].name: Invalid value: \"C\": {Label}")]
    [InlineData("""{"name":"c","image":" i"}""", "spec.containers[0].image: Invalid value: \" i\": must not have leading or trailing whitespace")]
    [InlineData("""{"name":"c","image":"i","restartPolicy":"Always"}""", "spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers")]
    [InlineData("""{"name":"c","image":"i","resources":{"limits":{"mem":"1"}}}""", "spec.containers[0].resources.limits[mem]: Invalid value: \"mem\": must be a standard resource type or fully qualified", "spec.containers[0].resources.limits[mem]: Invalid value: \"mem\": must be a standard resource for containers", "spec.containers[0].resources.requests[mem]: Invalid value: \"mem\": must be a standard resource type or fully qualified", "spec.containers[0].resources.requests[mem]: Invalid value: \"mem\": must be a standard resource for containers")]
    [InlineData("""{"name":"c","image":"i","resources":{"requests":{"example.com/gpu":"1"}}}""", "spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources")]
    [InlineData("""{"name":"c","image":"i","resources":{"requests":{"example.com/gpu":"1"},"limits":{"example.com/gpu":"2"}}}""", "spec.containers[0].resources.requests: Invalid value: \"1\": must be equal to example.com/gpu limit of 2")]
    [InlineData("""{"name":"c","image":"i","resources":{"limits":{"hugepages-2Mi":"4Mi"}}}""", "spec.containers[0].resources: Forbidden: HugePages require cpu or memory")]
    [InlineData("""{"name":"c","image":"i","resources":{"limits":{"cpu":"1","hugepages-2Mi":"3Mi"}}}""", "spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: \"3Mi\": 3Mi is not positive integer multiple of hugepages-2Mi", "spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: \"3Mi\": 3Mi is not positive integer multiple of hugepages-2Mi")]
    [InlineData("""{"name":"c","image":"i","resources":{"claims":[{"name":"z"}]}}""", "spec.containers[0].resources.claims[0]: Not found: \"z\": must be one of the names in pod.spec.resourceClaims which is empty")]
    [InlineData("""{"name":"c","image":"i","resizePolicy":[{"resourceName":"cpu","restartPolicy":"Odd"}]}""", "spec.containers[0].resizePolicy: Unsupported value: \"Odd\": supported values: \"NotRequired\", \"RestartContainer\"")]
    [InlineData("""{"name":"c","image":"i","securityContext":{"runAsUser":-1}}""", "spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive")]
    [InlineData("""{"name":"c","image":"i","securityContext":{"procMount":"Unmasked"}}""", "spec.containers[0].securityContext.procMount: Invalid value: \"Unmasked\": `hostUsers` must be false to use `Unmasked`")]
    [InlineData("""{"name":"c","image":"i","securityContext":{"seccompProfile":{"type":"Localhost"}}}""", "spec.containers[0].securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost")]
    [InlineData("""{"name":"c","image":"i","securityContext":{"appArmorProfile":{"type":"Odd"}}}""", "spec.containers[0].securityContext.appArmorProfile.type: Unsupported value: \"Odd\": supported values: \"Localhost\", \"RuntimeDefault\", \"Unconfined\"")]
    [InlineData("""{"name":"c","image":"i","lifecycle":{"preStop":{"sleep":{"seconds":31}}}}""", "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)")]
    [InlineData("""{"name":"c","image":"i","lifecycle":{"stopSignal":"SIGTERM","postStart":{}}}""", "spec.containers[0].lifecycle.postStart: Required value: must specify a handler type", "spec.containers[0].lifecycle.stopSignal: Forbidden: may not be set for containers with empty `spec.os.name`")]
    [InlineData("""{"name":"c","image":"i","readinessProbe":{"exec":{"command":["a"]},"tcpSocket":{"port":1},"terminationGracePeriodSeconds":0}}""", "spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type", "spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0", "spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 0: must not be set for readinessProbes")]
    [InlineData("""{"name":"c","image":"i","livenessProbe":{"httpGet":{"port":"a b","httpHeaders":[{"name":"a:b"}]}}}""", "spec.containers[0].livenessProbe.httpGet.port: Invalid value: \"a b\": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)", "spec.containers[0].livenessProbe.httpGet.httpHeaders: Invalid value: \"a:b\": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')")]
    [InlineData("""{"name":"c","image":"i","env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"spec.restartPolicy"}}}]}""", "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: \"spec.restartPolicy\": supported values: \"metadata.name\", \"metadata.namespace\", \"metadata.uid\", \"spec.nodeName\", \"spec.serviceAccountName\", \"status.hostIP\", \"status.hostIPs\", \"status.podIP\", \"status.podIPs\"")]
    [InlineData("""{"name":"c","image":"i","env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"metadata.odd"}}}]}""", "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"metadata.odd\": error converting fieldPath: field label not supported: metadata.odd")]
    [InlineData("""{"name":"c","image":"i","env":[{"name":"A","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu","divisor":"2"}}}]}""", "spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: \"limits.cpu\": only divisor's values 1m and 1 are supported with the cpu resource")]
    [InlineData("""{"name":"c","image":"i","env":[{"name":"A","valueFrom":{"configMapKeyRef":{"key":"k"}}}]}""", $"spec.containers[0].env[0].valueFrom.configMapKeyRef.name: Invalid value: \"\": {Subdomain}")]
    [InlineData("""{"name":"c","image":"i","envFrom":[{}]}""", "spec.containers[0].envFrom: Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`")]
    [InlineData("""{"name":"c","image":"i","volumeMounts":[{"name":"v","mountPath":"/a","mountPropagation":"Bidirectional"}]}""", "spec.containers[0].volumeMounts[0].name: Not found: \"v\"", "spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers")]
    [InlineData("""{"name":"c","image":"i","volumeDevices":[{"name":"v","devicePath":"a/../b"}]}""", "spec.containers[0].volumeDevices[0].name: Not found: \"v\"", "spec.containers[0].volumeDevices[0].devicePath: Invalid value: \"a/../b\": can not contain backsteps ('..')")]
    public void Containers(string container, params string[] expected) => Assert.Equal(expected, Problems(Pod($$"""{"containers":[{{container}}]}""")));

    [Theory]
    [InlineData("""{"initContainers":[{"name":"c","image":"i","restartPolicy":"Never","livenessProbe":{"tcpSocket":{"port":1}}}]}""", "spec.initContainers[0].restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"", "spec.initContainers[0].name: Duplicate value: \"c\"", "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always")]
    [InlineData("""{"ephemeralContainers":[{"name":"e","image":"i","ports":[{"containerPort":1}],"targetContainerName":"z"}]}""", "spec.ephemeralContainers[0].targetContainerName: Not found: \"z\"", "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container", "spec.ephemeralContainers: Forbidden: cannot be set on create")]
    [InlineData("""{"nodeName":"n","schedulingGates":[{"name":"a"},{"name":"a"}]}""", "spec.schedulingGates[1]: Duplicate value: \"a\"", "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared")]
    [InlineData("""{"resourceClaims":[{"name":"a"}]}""", "spec.resourceClaims[0]: Invalid value: {\"name\":\"a\"}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")]
    [InlineData("""{"hostNetwork":true,"containers":[{"name":"c","image":"i","ports":[{"containerPort":1,"hostPort":2}]}]}""", "spec.containers[0].ports[0].hostPort: Invalid value: 2: must match `containerPort` when `hostNetwork` is true")]
    [InlineData("""{"dnsPolicy":"Odd","dnsConfig":{"searches":["a_b","A"],"options":[{}]}}""", "spec.dnsPolicy: Unsupported value: \"Odd\": supported values: \"ClusterFirstWithHostNet\", \"ClusterFirst\", \"Default\", \"None\"", "spec.dnsConfig.searches[1]: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')", "spec.dnsConfig.options[0]: Required value: must not be empty")]
    [InlineData("""{"securityContext":{"fsGroupChangePolicy":"Odd","supplementalGroups":[1,-1]}}""", "spec.securityContext.supplementalGroups[1]: Invalid value: -1: must be between 0 and 2147483647, inclusive", "spec.securityContext.fsGroupChangePolicy: Unsupported value: \"Odd\": supported values: \"Always\", \"OnRootMismatch\"")]
    [InlineData("""{"hostNetwork":true,"securityContext":{"sysctls":[{"name":"net.core.somaxconn","value":"1"}]}}""", "spec.securityContext.sysctls[0].name: Invalid value: \"net.core.somaxconn\": may not be specified when 'hostNetwork' is true")]
    [InlineData("""{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"k","whenUnsatisfiable":"ScheduleAnyway","minDomains":2,"nodeTaintsPolicy":"Odd","matchLabelKeys":["a"]}]}""", "spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway", "spec.topologySpreadConstraints[0].nodeTaintsPolicy: Unsupported value: \"Odd\": supported values: \"Honor\", \"Ignore\"", "spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set")]
    [InlineData("""{"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"k","labelSelector":{},"matchLabelKeys":["a"],"mismatchLabelKeys":["a"]}]}}}""", "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys[0]: Invalid value: \"a\": exists in both matchLabelKeys and mismatchLabelKeys")]
    [InlineData("""{"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{}]}}}""", "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty", "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: \"\": name part must be non-empty", $"spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: \"\": {Qualified}")]
    [InlineData("""{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchFields":[{"key":"spec.x","operator":"Exists"}]}]}}}}""", "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].operator: Invalid value: \"Exists\": not a valid selector operator", "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].key: Invalid value: \"spec.x\": not a valid field selector key")]
    [InlineData("""{"os":{"name":"windows"},"hostPID":true,"containers":[{"name":"c","image":"i","securityContext":{"privileged":true}}]}""", "spec.hostPID: Forbidden: cannot be set for a windows pod", "spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod")]
    [InlineData("""{"os":{"name":"plan9"}}""", "spec.os: Unsupported value: \"plan9\": supported values: \"linux\", \"windows\"")]
    [InlineData("""{"os":{"name":"linux"},"securityContext":{"windowsOptions":{"runAsUserName":""}}}""", "spec.securityContext.windowsOptions.runAsUserName: Invalid value: \"\": runAsUserName cannot be an empty string", "spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod")]
    [InlineData("""{"hostUsers":false,"hostNetwork":true}""", "spec.hostNetwork: Forbidden: when `hostUsers` is false")]
    [InlineData("""{"preemptionPolicy":"Odd","runtimeClassName":"A"}""", $"spec.runtimeClassName: Invalid value: \"A\": {Subdomain}", "spec.preemptionPolicy: Unsupported value: \"Odd\": supported values: \"PreemptLowerPriority\", \"Never\"")]
    [InlineData("""{"resources":{"requests":{"cpu":"1"},"limits":{"cpu":"2","ephemeral-storage":"1Gi"}},"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"3"},"limits":{"cpu":"3"}}}]}""", "spec.resources.limits[ephemeral-storage]: Unsupported value: \"ephemeral-storage\": supported values: \"cpu\", \"hugepages-\", \"memory\"", "spec.resources.requests[cpu]: Invalid value: \"1\": must be greater than or equal to aggregate container requests of 3", "spec.resources.containers[0][cpu].limits: Invalid value: \"3\": must be less than or equal to pod limits of 2")]
    [InlineData("""{"tolerations":[{"key":"a","operator":"Exists","value":"b"},{"operator":"Equal"},{"key":"a","effect":"NoSchedule","tolerationSeconds":1}]}""", "spec.tolerations[0].operator: Invalid value: {\"key\":\"a\",\"operator\":\"Exists\",\"value\":\"b\"}: value must be empty when `operator` is 'Exists'", "spec.tolerations[1].operator: Invalid value: \"Equal\": operator must be Exists when `key` is empty, which means \"match all values and all keys\"", "spec.tolerations[2].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set")]
    [InlineData("""{"hostAliases":[{"ip":"1.2.3","hostnames":["A"]}]}""", "spec.hostAliases[0].ip: Invalid value: \"1.2.3\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)", $"spec.hostAliases[0].hostnames[0]: Invalid value: \"A\": {Subdomain}")]
    [InlineData("""{"terminationGracePeriodSeconds":-1}""")]
    public void Specifications(string spec, params string[] expected) => Assert.Equal(expected, Problems(Pod(spec)));

    [Theory]
    [InlineData("""{"name":"v","secret":{"secretName":"s","items":[{"key":"k","path":"..a"}]}}""", "spec.volumes[0].secret.items[0].path: Invalid value: \"..a\": must not start with '..'")]
    [InlineData("""{"name":"v","downwardAPI":{"items":[{"path":"a","fieldRef":{"fieldPath":"status.podIP"}}]}}""", "spec.volumes[0].downwardAPI.fieldRef.fieldPath: Unsupported value: \"status.podIP\": supported values: \"metadata.annotations\", \"metadata.labels\", \"metadata.name\", \"metadata.namespace\", \"metadata.uid\"")]
    [InlineData("""{"name":"v","downwardAPI":{"items":[{"path":"a","resourceFieldRef":{"resource":"limits.cpu"}}]}}""", "spec.volumes[0].downwardAPI.resourceFieldRef.containerName: Required value")]
    [InlineData("""{"name":"v","projected":{"sources":[{"serviceAccountToken":{"path":"t","expirationSeconds":10}},{"configMap":{"name":"a","items":[{"key":"k","path":"p"}]}},{"secret":{"name":"b","items":[{"key":"k","path":"p"}]}}]}}""", "spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes", "spec.volumes[0].projected: Invalid value: \"b\": conflicting duplicate paths")]
    [InlineData("""{"name":"v","projected":{"sources":[{"secret":{"name":"a"},"configMap":{"name":"b"}}]}}""", "spec.volumes[0].projected.sources[0]: Forbidden: may not specify more than 1 volume type per source")]
    [InlineData("""{"name":"v","nfs":{"server":"s","path":"a"}}""", "spec.volumes[0].nfs.path: Invalid value: \"a\": must be an absolute path")]
    [InlineData("""{"name":"v","gcePersistentDisk":{"partition":256}}""", "spec.volumes[0].persistentDisk.pdName: Required value", "spec.volumes[0].persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive")]
    [InlineData("""{"name":"v","iscsi":{"targetPortal":"t","iqn":"odd","lun":0}}""", "spec.volumes[0].iscsi.iqn: Invalid value: \"odd\": must be valid format starting with iqn, eui, or naa")]
    [InlineData("""{"name":"v","csi":{"driver":""}}""", "spec.volumes[0].csi.driver: Required value")]
    [InlineData("""{"name":"v","flexVolume":{"driver":"d","options":{"kubernetes.io/x":"1"}}}""", "spec.volumes[0].flexVolume.options[kubernetes.io/x]: Invalid value: \"kubernetes.io/x\": kubernetes.io and k8s.io namespaces are reserved")]
    [InlineData("""{"name":"v","ephemeral":{}}""", "spec.volumes[0].ephemeral.volumeClaimTemplate: Required value")]
    [InlineData("""{"name":"v","ephemeral":{"volumeClaimTemplate":{"metadata":{"name":"n"},"spec":{"resources":{"requests":{"storage":"1"}}}}}}""", "spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set", "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required")]
    [InlineData("""{"name":"v","image":{"pullPolicy":"Always"}}""", "spec.volumes[0].image.reference: Required value")]
    [InlineData("""{"name":"v","emptyDir":{},"downwardAPI":{},"cephfs":{}}""", "spec.volumes[0].cephFS: Forbidden: may not specify more than 1 volume type", "spec.volumes[0].downwarAPI: Forbidden: may not specify more than 1 volume type")]
    public void Volumes(string volume, params string[] expected) => Assert.Equal(expected, Problems(Pod($$"""{"volumes":[{{volume}}]}""")));

    [Theory]
    [InlineData("kubernetes.io/config.mirror", "m", "metadata.annotations[kubernetes.io/config.mirror]: Invalid value: \"m\": must set spec.nodeName if mirror pod annotation is set")]
    [InlineData("controller.kubernetes.io/pod-deletion-cost", "+1", "metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: \"+1\": must be a 32bit integer")]
    [InlineData("container.apparmor.security.beta.kubernetes.io/c", "odd", "metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: Invalid value: \"odd\": invalid AppArmor profile name: \"odd\"")]
    [InlineData("container.apparmor.security.beta.kubernetes.io/z", "unconfined", "metadata.annotations[container.apparmor.security.beta.kubernetes.io/z]: Invalid value: \"z\": container not found")]
    [InlineData("seccomp.security.alpha.kubernetes.io/pod", "odd", "metadata.annotations.seccomp.security.alpha.kubernetes.io/pod: Invalid value: \"odd\": must be a valid seccomp profile")]
    public void Annotations(string key, string value, string expected)
    {
        Assert.Equal([expected], Problems(Pod("{}", $",\"annotations\":{{\"{key}\":\"{value}\"}}")));
        var old = Pod("""{"nodeName":"n"}""");
        var added = Problems(Pod("""{"nodeName":"n"}""", $",\"annotations\":{{\"{key}\":\"{value}\"}}"), old);
        var fixedOnes = key.Contains("apparmor", StringComparison.Ordinal) || key.Contains("mirror", StringComparison.Ordinal);
        Assert.Equal(fixedOnes, added.Any(problem => problem.Contains("may not add", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("""{"podIPs":[{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]}""", "status.podIPs: Invalid value: [{\"ip\":\"10.0.0.1\"},{\"ip\":\"10.0.0.2\"}]: may specify no more than one IP for each IP family")]
    [InlineData("""{"conditions":[{"type":"a b"}]}""", $"status.conditions[0].Type: Invalid value: \"a b\": {Qualified}")]
    [InlineData("""{"containerStatuses":[{"name":"c","state":{"running":{}}}]}""", "status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state")]
    [InlineData("""{"hostIP":"10.0.0.1","hostIPs":[{"ip":"10.0.0.2"}]}""", "status.hostIPs[0].ip: Invalid value: \"10.0.0.2\": must be equal to `hostIP`")]
    [InlineData("""{"nominatedNodeName":"A"}""", $"status.nominatedNodeName: Invalid value: \"A\": {Subdomain}")]
    public void Statuses(string status, string expected) => Assert.Equal(
        [expected],
        Problems(Pod("""{"restartPolicy":"Never"}""", status: status), Pod("""{"restartPolicy":"Never"}""", status: """{"containerStatuses":[{"name":"c","state":{"terminated":{"exitCode":0}}}]}""")));
}
