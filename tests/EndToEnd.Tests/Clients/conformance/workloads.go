package main

import (
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/util/retry"
)

func init() {
	register("workloads: scale is read, updated and patched", scales)
	register("workloads: a deployment's status and its replica set", deploymentLife)
	register("workloads: collections over namespaces", collections)
	register("workloads: owners, background, foreground and orphans", garbage)
	register("workloads: owners in a circle", garbageCircle)
	register("workloads: revisions of controllers", revisions)
	register("workloads: cron jobs and jobs are checked", jobs)
	register("workloads: disruption budgets", budgets)
	register("pods: status is patched and replaced", podStatus)
	register("pods: ephemeral containers are added, never changed", ephemeralContainers)
	register("pods: quality of service", quality)
	register("pods: runtime classes give overhead or refuse", runtimeClasses)
	register("pods: a volume of a CSI driver", inlineVolumes)
	register("pods: resize", resizes)
	register("pods: a deadline may come and shrink", deadlines)
	register("pods: readiness and scheduling gates", gates)
	register("pods: system controls are checked", sysctls)
}

func scales(here *place) {
	for _, plural := range []string{"deployments", "replicasets", "statefulsets", "replicationcontrollers"} {
		group, kind, body := "apps", map[string]string{"deployments": "Deployment", "replicasets": "ReplicaSet", "statefulsets": "StatefulSet"}[plural], owner
		if plural == "replicationcontrollers" {
			group, kind, body = "", "ReplicationController", `{"spec":{"replicas":0,"selector":{"walk":"a"},"template":`+template+`}}`
		}
		api := objects.Resource(kindOf(group, "v1", plural)).Namespace(here.namespace)
		version := strings.TrimPrefix(group+"/v1", "/")
		got(api.Create(ctx, changed(parse("{apiVersion: "+version+", kind: "+kind+", metadata: {name: s}}"), body), metav1.CreateOptions{}))
		scale := got(api.Get(ctx, "s", metav1.GetOptions{}, "scale"))
		contains(plural, map[string]any{"apiVersion": "autoscaling/v1", "kind": "Scale", "spec": map[string]any{}, "status": map[string]any{"replicas": 0, "selector": "walk=a"}}, scale.Object)
		expect(scale.GetUID() == got(api.Get(ctx, "s", metav1.GetOptions{})).GetUID(), "%s: the scale has another identity", plural)
		must(retry.RetryOnConflict(retry.DefaultRetry, func() error {
			scale = got(api.Get(ctx, "s", metav1.GetOptions{}, "scale"))
			must(unstructured.SetNestedField(scale.Object, int64(2), "spec", "replicas"))
			_, err := api.Update(ctx, scale, metav1.UpdateOptions{}, "scale")
			return err
		}))
		contains(plural, map[string]any{"spec": map[string]any{"replicas": 2}}, got(api.Get(ctx, "s", metav1.GetOptions{})).Object)
		patched := got(api.Patch(ctx, "s", types.StrategicMergePatchType, []byte(`{"spec":{"replicas":4}}`), metav1.PatchOptions{}, "scale"))
		contains(plural, map[string]any{"kind": "Scale", "spec": map[string]any{"replicas": 4}}, patched.Object)
		scale.SetResourceVersion("1")
		_, err := api.Update(ctx, scale, metav1.UpdateOptions{}, "scale")
		refused(err, apierrors.IsConflict)
		_, err = api.Patch(ctx, "s", types.MergePatchType, []byte(`{"spec":{"replicas":-1}}`), metav1.PatchOptions{}, "scale")
		refused(err, apierrors.IsInvalid, "spec.replicas: Invalid value: -1: must be greater than or equal to 0")
		must(api.Delete(ctx, "s", metav1.DeleteOptions{PropagationPolicy: ptr(metav1.DeletePropagationBackground)}))
	}
	typed := got(client.AppsV1().Deployments(here.namespace).Create(ctx, newDeployment("typed", 0), metav1.CreateOptions{}))
	updated := got(client.AppsV1().Deployments(here.namespace).UpdateScale(ctx, "typed", &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: "typed", Namespace: typed.Namespace}, Spec: autoscalingv1.ScaleSpec{Replicas: 3}}, metav1.UpdateOptions{}))
	expect(updated.Spec.Replicas == 3, "without a version: %v", updated)
}

func newDeployment(name string, replicas int32) *appsv1.Deployment {
	labels := map[string]string{"walk": name}
	pod := idlePod("", nil)
	return &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}, Spec: appsv1.DeploymentSpec{
		Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: labels}, Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: pod.Spec},
	}}
}

func deploymentLife(here *place) {
	api := client.AppsV1().Deployments(here.namespace)
	got(api.Create(ctx, newDeployment("d", 2), metav1.CreateOptions{}))
	eventually("there are two pods", func() bool {
		return len(got(client.CoreV1().Pods(here.namespace).List(ctx, metav1.ListOptions{LabelSelector: "walk=d"})).Items) == 2
	})
	eventually("the status knows", func() bool {
		status := got(api.Get(ctx, "d", metav1.GetOptions{})).Status
		return status.Replicas == 2 && status.UnavailableReplicas == 2 && status.ObservedGeneration == 1
	})
	patched := got(api.Patch(ctx, "d", types.StrategicMergePatchType, []byte(`{"metadata":{"labels":{"walked":"patched"}},"spec":{"template":{"spec":{"containers":[{"name":"c","image":"walk.example.com/i:9"}]}}}}`), metav1.PatchOptions{}))
	expect(patched.Generation == 2 && patched.Spec.Template.Spec.Containers[0].Image == "walk.example.com/i:9" && len(patched.Spec.Template.Spec.Containers) == 1, "patched: %v", patched.Spec)
	eventually("there is a second replica set", func() bool {
		return len(got(client.AppsV1().ReplicaSets(here.namespace).List(ctx, metav1.ListOptions{LabelSelector: "walk=d"})).Items) == 2
	})
	must(api.DeleteCollection(ctx, metav1.DeleteOptions{GracePeriodSeconds: ptr(int64(1))}, metav1.ListOptions{LabelSelector: "walked=patched"}))
	eventually("all of it is gone", func() bool {
		return len(got(client.AppsV1().ReplicaSets(here.namespace).List(ctx, metav1.ListOptions{})).Items) == 0
	})
}

func collections(here *place) {
	second := here.newNamespace("-second", nil)
	for _, space := range []string{here.namespace, second} {
		for i := range 2 {
			deployment := newDeployment(fmt.Sprint("d", i), 0)
			deployment.Labels["collection"] = here.namespace
			got(client.AppsV1().Deployments(space).Create(ctx, deployment, metav1.CreateOptions{}))
		}
	}
	of := metav1.ListOptions{LabelSelector: "collection=" + here.namespace}
	expect(len(got(client.AppsV1().Deployments("").List(ctx, of)).Items) == 4, "not all are listed over namespaces")
	must(client.AppsV1().Deployments(second).DeleteCollection(ctx, metav1.DeleteOptions{}, of))
	eventually("those of one namespace are left", func() bool { return len(got(client.AppsV1().Deployments("").List(ctx, of)).Items) == 2 })
	must(client.AppsV1().Deployments(here.namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: of.LabelSelector, FieldSelector: "metadata.name=d0"}))
	eventually("one is left", func() bool { return len(got(client.AppsV1().Deployments("").List(ctx, of)).Items) == 1 })
}

func garbage(here *place) {
	sets, api := client.AppsV1().ReplicaSets(here.namespace), client.AppsV1().Deployments(here.namespace)
	count := func(name string) int {
		return len(got(sets.List(ctx, metav1.ListOptions{LabelSelector: "walk=" + name})).Items)
	}
	for _, policy := range []metav1.DeletionPropagation{metav1.DeletePropagationBackground, metav1.DeletePropagationForeground, metav1.DeletePropagationOrphan} {
		name := strings.ToLower(string(policy))
		got(api.Create(ctx, newDeployment(name, 1), metav1.CreateOptions{}))
		eventually("there is a replica set", func() bool { return count(name) == 1 })
		must(api.Delete(ctx, name, metav1.DeleteOptions{PropagationPolicy: &policy}))
		eventually(name+" is gone", func() bool {
			_, err := api.Get(ctx, name, metav1.GetOptions{})
			return notFound(err)
		})
		if policy != metav1.DeletePropagationOrphan {
			eventually("its replica set is gone", func() bool { return count(name) == 0 })
			continue
		}
		left := got(sets.List(ctx, metav1.ListOptions{LabelSelector: "walk=" + name})).Items
		expect(len(left) == 1 && len(left[0].OwnerReferences) == 0 && left[0].DeletionTimestamp == nil, "not orphaned: %v", left)
	}
	// An owner that waits for its dependents does not take those that another owns as well.
	maps := client.CoreV1().ConfigMaps(here.namespace)
	make := func(name string, owners ...*corev1.ConfigMap) *corev1.ConfigMap {
		one := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}
		for _, owner := range owners {
			one.OwnerReferences = append(one.OwnerReferences, metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", Name: owner.Name, UID: owner.UID, BlockOwnerDeletion: ptr(true)})
		}
		return got(maps.Create(ctx, one, metav1.CreateOptions{}))
	}
	first, second := make("first"), make("second")
	make("both", first, second)
	make("one", first)
	must(maps.Delete(ctx, "first", metav1.DeleteOptions{PropagationPolicy: ptr(metav1.DeletePropagationForeground)}))
	for _, name := range []string{"first", "one"} {
		eventually(name+" is gone", func() bool {
			_, err := maps.Get(ctx, name, metav1.GetOptions{})
			return notFound(err)
		})
	}
	both := got(maps.Get(ctx, "both", metav1.GetOptions{}))
	expect(both.DeletionTimestamp == nil && len(both.OwnerReferences) == 1 && both.OwnerReferences[0].Name == "second", "both: %v", both.ObjectMeta)
}

func garbageCircle(here *place) {
	pods := client.CoreV1().Pods(here.namespace)
	made := make([]*corev1.Pod, 3)
	for i := range made {
		made[i] = got(pods.Create(ctx, idlePod(fmt.Sprint("p", i), nil), metav1.CreateOptions{}))
	}
	for i := range made {
		owner := made[(i+2)%3]
		patch := fmt.Sprintf(`{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":%q,"uid":%q,"controller":true,"blockOwnerDeletion":true}]}}`, owner.Name, owner.UID)
		got(pods.Patch(ctx, made[i].Name, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}))
	}
	must(pods.Delete(ctx, "p0", metav1.DeleteOptions{PropagationPolicy: ptr(metav1.DeletePropagationForeground)}))
	eventually("all of the circle are gone", func() bool { return len(got(pods.List(ctx, metav1.ListOptions{})).Items) == 0 })
}

func revisions(here *place) {
	api := objects.Resource(kindOf("apps", "v1", "controllerrevisions")).Namespace(here.namespace)
	text := "{apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: r, labels: {walk: r}}, revision: 1, data: {spec: {template: {a: b}}}}"
	got(api.Create(ctx, parse(text), metav1.CreateOptions{}))
	_, err := api.Patch(ctx, "r", types.MergePatchType, []byte(`{"data":{"spec":{"template":{"a":"c"}}}}`), metav1.PatchOptions{})
	refused(err, apierrors.IsInvalid, "data: Invalid value", "field is immutable")
	typed := got(client.AppsV1().ControllerRevisions(here.namespace).Get(ctx, "r", metav1.GetOptions{}))
	expect(strings.Contains(string(typed.Data.Raw), `"a":"b"`), "in protobuf the data are %s", typed.Data.Raw)
	typed.Labels["walked"] = "updated"
	typed.Revision = 3
	updated := got(client.AppsV1().ControllerRevisions(here.namespace).Update(ctx, typed, metav1.UpdateOptions{}))
	expect(updated.Revision == 3 && updated.Labels["walked"] == "updated", "updated: %v", updated)
	typed.Revision = -1
	_, err = client.AppsV1().ControllerRevisions(here.namespace).Update(ctx, typed, metav1.UpdateOptions{})
	refused(err, anyError)
}

func jobs(here *place) {
	api := objects.Resource(kindOf("batch", "v1", "jobs")).Namespace(here.namespace)
	job := func(name, change string) *unstructured.Unstructured {
		return changed(changed(parse("{apiVersion: batch/v1, kind: Job, metadata: {name: "+name+"}}"), `{"spec":`+jobSpec+`}`), change)
	}
	made := got(api.Create(ctx, job("plain", "{}"), metav1.CreateOptions{}))
	contains("made", map[string]any{"spec": map[string]any{"completionMode": "NonIndexed", "backoffLimit": 6, "parallelism": 1, "completions": 1, "podReplacementPolicy": "TerminatingOrFailed", "manualSelector": nil}}, made.Object)
	labels, _, _ := unstructured.NestedStringMap(made.Object, "spec", "template", "metadata", "labels")
	expect(labels["batch.kubernetes.io/controller-uid"] == string(made.GetUID()) && labels["controller-uid"] == string(made.GetUID()) && labels["batch.kubernetes.io/job-name"] == "plain" && labels["job-name"] == "plain", "labels: %v", labels)
	for change, word := range map[string]string{
		`{"spec":{"podFailurePolicy":{"rules":[{"action":"Ignore"}]}}}`:                                                       "spec.podFailurePolicy.rules[0]",
		`{"spec":{"successPolicy":{"rules":[{"succeededCount":1}]}}}`:                                                         "spec.successPolicy",
		`{"spec":{"backoffLimitPerIndex":1}}`:                                                                                 "spec.backoffLimitPerIndex",
		`{"spec":{"template":{"spec":{"restartPolicy":"Always"}}}}`:                                                           "spec.template.spec.restartPolicy",
		`{"spec":{"managedBy":"not a path"}}`:                                                                                 "spec.managedBy",
		`{"spec":{"podFailurePolicy":{"rules":[{"action":"FailJob","onExitCodes":{"operator":"In","values":[0]}}]}}}`:         "must not be 0 for the In operator",
		`{"spec":{"completionMode":"Indexed","completions":2,"successPolicy":{"rules":[{"succeededIndexes":"5"}]}}}`:         "spec.successPolicy.rules[0].succeededIndexes",
	} {
		_, err := api.Create(ctx, job("wrong", change), metav1.CreateOptions{})
		expect(err != nil, "stored although %s", word)
		refused(err, apierrors.IsInvalid, word)
	}
	_, err := api.Patch(ctx, "plain", types.MergePatchType, []byte(`{"spec":{"completions":3}}`), metav1.PatchOptions{})
	refused(err, apierrors.IsInvalid, "spec.completions: Invalid value", "field is immutable")
	got(api.Patch(ctx, "plain", types.MergePatchType, []byte(`{"spec":{"parallelism":3}}`), metav1.PatchOptions{}))
	crons := objects.Resource(kindOf("batch", "v1", "cronjobs")).Namespace(here.namespace)
	cron := func(change string) *unstructured.Unstructured {
		return changed(changed(parse("{apiVersion: batch/v1, kind: CronJob, metadata: {name: c}}"), `{"spec":{"suspend":true,"schedule":"*/5 * * * *","jobTemplate":{"spec":`+jobSpec+`}}}`), change)
	}
	for change, word := range map[string]string{
		`{"spec":{"schedule":"every day"}}`: "spec.schedule: Invalid value", `{"spec":{"timeZone":"Nowhere/Land"}}`: "spec.timeZone: Invalid value", `{"spec":{"schedule":"TZ=UTC 0 0 * * *"}}`: "spec.schedule: Invalid value",
	} {
		_, err := crons.Create(ctx, cron(change), metav1.CreateOptions{})
		expect(err != nil, "stored although %s", word)
		refused(err, apierrors.IsInvalid, word)
	}
	contains("cron", map[string]any{"spec": map[string]any{"concurrencyPolicy": "Allow", "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1}}, got(crons.Create(ctx, cron(`{"spec":{"timeZone":"Europe/Berlin"}}`), metav1.CreateOptions{})).Object)
}

func budgets(here *place) {
	second := here.newNamespace("-second", nil)
	labels := map[string]string{"budget": here.namespace}
	for _, space := range []string{here.namespace, second} {
		budget := &policyv1.PodDisruptionBudget{ObjectMeta: metav1.ObjectMeta{Name: "b", Labels: labels}, Spec: policyv1.PodDisruptionBudgetSpec{MinAvailable: ptr(intstr.FromString("50%")), Selector: &metav1.LabelSelector{MatchLabels: labels}}}
		got(client.PolicyV1().PodDisruptionBudgets(space).Create(ctx, budget, metav1.CreateOptions{}))
	}
	of := metav1.ListOptions{LabelSelector: "budget=" + here.namespace}
	expect(len(got(client.PolicyV1().PodDisruptionBudgets("").List(ctx, of)).Items) == 2, "not both are listed")
	must(client.PolicyV1().PodDisruptionBudgets(second).DeleteCollection(ctx, metav1.DeleteOptions{}, of))
	expect(len(got(client.PolicyV1().PodDisruptionBudgets("").List(ctx, of)).Items) == 1, "not one is left")
	both := &policyv1.PodDisruptionBudget{ObjectMeta: metav1.ObjectMeta{Name: "both"}, Spec: policyv1.PodDisruptionBudgetSpec{MinAvailable: ptr(intstr.FromInt32(1)), MaxUnavailable: ptr(intstr.FromInt32(1))}}
	_, err := client.PolicyV1().PodDisruptionBudgets(here.namespace).Create(ctx, both, metav1.CreateOptions{})
	refused(err, apierrors.IsInvalid, "minAvailable and maxUnavailable cannot be both set")
}

func podStatus(here *place) {
	pods := client.CoreV1().Pods(here.namespace)
	got(pods.Create(ctx, idlePod("p", nil), metav1.CreateOptions{}))
	patched := got(pods.Patch(ctx, "p", types.StrategicMergePatchType, []byte(`{"metadata":{"labels":{"a":"b"}},"status":{"message":"Patched by a walk","reason":"Walk"}}`), metav1.PatchOptions{}, "status"))
	expect(patched.Status.Message == "Patched by a walk" && patched.Status.Reason == "Walk" && patched.Labels["a"] == "b", "patched: %v", patched.Status)
	must(retry.RetryOnConflict(retry.DefaultRetry, func() error {
		current := got(pods.Get(ctx, "p", metav1.GetOptions{}))
		current.Status.Conditions = []corev1.PodCondition{{Type: "Ready", Status: corev1.ConditionFalse, Reason: "Walk"}}
		_, err := pods.UpdateStatus(ctx, current, metav1.UpdateOptions{})
		return err
	}))
	raw := got(objects.Resource(kindOf("", "v1", "pods")).Namespace(here.namespace).Get(ctx, "p", metav1.GetOptions{}, "status"))
	contains("read", map[string]any{"kind": "Pod", "status": map[string]any{"conditions": []any{map[string]any{"type": "Ready", "reason": "Walk"}}}}, raw.Object)
}

func ephemeralContainers(here *place) {
	pods := client.CoreV1().Pods(here.namespace)
	pod := got(pods.Create(ctx, idlePod("p", nil), metav1.CreateOptions{}))
	pod.Spec.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "debug", Image: "walk.example.com/d:1"}}}
	// The scheduler writes its condition meanwhile: what is refused is refused for what it says, not for its age.
	pod.ResourceVersion = ""
	_, err := pods.Update(ctx, pod, metav1.UpdateOptions{})
	refused(err, apierrors.IsInvalid)
	var updated *corev1.Pod
	must(retry.RetryOnConflict(retry.DefaultRetry, func() (err error) {
		current := got(pods.Get(ctx, "p", metav1.GetOptions{}))
		current.Spec.EphemeralContainers = pod.Spec.EphemeralContainers
		updated, err = pods.UpdateEphemeralContainers(ctx, "p", current, metav1.UpdateOptions{})
		return err
	}))
	expect(len(updated.Spec.EphemeralContainers) == 1 && updated.Spec.EphemeralContainers[0].TerminationMessagePolicy == corev1.TerminationMessageReadFile, "updated: %v", updated.Spec.EphemeralContainers)
	updated.Spec.EphemeralContainers = append(updated.Spec.EphemeralContainers, corev1.EphemeralContainer{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "second", Image: "walk.example.com/d:2"}})
	updated.ResourceVersion = ""
	updated = got(pods.UpdateEphemeralContainers(ctx, "p", updated, metav1.UpdateOptions{}))
	expect(len(updated.Spec.EphemeralContainers) == 2, "a second one: %v", updated.Spec.EphemeralContainers)
	updated.Spec.EphemeralContainers[0].Image = "walk.example.com/d:3"
	updated.ResourceVersion = ""
	_, err = pods.UpdateEphemeralContainers(ctx, "p", updated, metav1.UpdateOptions{})
	refused(err, apierrors.IsInvalid, "existing ephemeral containers \"debug\" may not be changed")
	patch := `{"spec":{"ephemeralContainers":[{"name":"third","image":"walk.example.com/d:4","resources":{"limits":{"cpu":"1"}}}]}}`
	_, err = pods.Patch(ctx, "p", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}, "ephemeralcontainers")
	refused(err, apierrors.IsInvalid, "cannot be set for an Ephemeral Container")
	patch = `{"spec":{"ephemeralContainers":[{"name":"third","image":"walk.example.com/d:4","targetContainerName":"c"}]}}`
	updated = got(pods.Patch(ctx, "p", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}, "ephemeralcontainers"))
	expect(len(updated.Spec.EphemeralContainers) == 3, "a third one: %v", updated.Spec.EphemeralContainers)
}

func quality(here *place) {
	pods := client.CoreV1().Pods(here.namespace)
	for class, needs := range map[corev1.PodQOSClass]corev1.ResourceRequirements{
		corev1.PodQOSBestEffort: {},
		corev1.PodQOSBurstable:  {Requests: requests("cpu", "10m")},
		corev1.PodQOSGuaranteed: {Requests: requests("cpu", "10m", "memory", "10Mi"), Limits: requests("cpu", "10m", "memory", "10Mi")},
	} {
		pod := got(pods.Create(ctx, idlePod(strings.ToLower(string(class)), func(p *corev1.Pod) { p.Spec.Containers[0].Resources = needs }), metav1.CreateOptions{}))
		expect(pod.Status.QOSClass == class, "%s is %s", class, pod.Status.QOSClass)
	}
}

func runtimeClasses(here *place) {
	classes := objects.Resource(kindOf("node.k8s.io", "v1", "runtimeclasses"))
	got(classes.Create(ctx, parse("{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: "+here.namespace+"}, handler: h, overhead: {podFixed: {cpu: 10m, memory: 1Mi}}, scheduling: {nodeSelector: {class: x}}}"), metav1.CreateOptions{}))
	here.later(func() { _ = classes.Delete(ctx, here.namespace, metav1.DeleteOptions{}) })
	of := func(class string) func(*corev1.Pod) { return func(p *corev1.Pod) { p.Spec.RuntimeClassName = &class } }
	pods := client.CoreV1().Pods(here.namespace)
	pod := got(pods.Create(ctx, idlePod("p", of(here.namespace)), metav1.CreateOptions{}))
	expect(equalLists(pod.Spec.Overhead, requests("cpu", "10m", "memory", "1Mi")) && pod.Spec.NodeSelector["class"] == "x", "the class is not in the pod: %v", pod.Spec)
	_, err := pods.Create(ctx, idlePod("q", of("absent-"+here.namespace)), metav1.CreateOptions{})
	refused(err, apierrors.IsForbidden, "pod rejected: RuntimeClass \"absent-"+here.namespace+"\" not found")
	must(classes.Delete(ctx, here.namespace, metav1.DeleteOptions{}))
	_, err = pods.Create(ctx, idlePod("r", of(here.namespace)), metav1.CreateOptions{})
	refused(err, apierrors.IsForbidden, "not found")
	_, err = classes.Create(ctx, parse("{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: wrong}, handler: NOT_A_LABEL}"), metav1.CreateOptions{})
	refused(err, apierrors.IsInvalid, "handler: Invalid value")
}

func inlineVolumes(here *place) {
	pods := client.CoreV1().Pods(here.namespace)
	with := func(p *corev1.Pod) {
		p.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{CSI: &corev1.CSIVolumeSource{Driver: "csi.example.com", FSType: ptr("xfs"), ReadOnly: ptr(true), VolumeAttributes: map[string]string{"a": "b"}}}}}
		p.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "v", MountPath: "/v"}}
	}
	pod := got(pods.Create(ctx, idlePod("p", with), metav1.CreateOptions{}))
	expect(pod.Spec.Volumes[0].CSI.VolumeAttributes["a"] == "b", "the volume: %v", pod.Spec.Volumes)
	got(pods.Patch(ctx, "p", types.StrategicMergePatchType, []byte(`{"metadata":{"labels":{"walked":"patched"}}}`), metav1.PatchOptions{}))
	expect(len(got(pods.List(ctx, metav1.ListOptions{LabelSelector: "walked=patched"})).Items) == 1, "the patched pod is not listed")
	must(pods.DeleteCollection(ctx, *metav1.NewDeleteOptions(0), metav1.ListOptions{LabelSelector: "walked=patched"}))
	eventually("it is gone", func() bool { return len(got(pods.List(ctx, metav1.ListOptions{})).Items) == 0 })
}

func resizes(here *place) {
	pods := client.CoreV1().Pods(here.namespace)
	got(pods.Create(ctx, idlePod("p", func(p *corev1.Pod) {
		p.Spec.Containers[0].Resources = corev1.ResourceRequirements{Requests: requests("cpu", "10m", "memory", "20Mi"), Limits: requests("cpu", "20m", "memory", "40Mi")}
	}), metav1.CreateOptions{}))
	resized := got(pods.Patch(ctx, "p", types.StrategicMergePatchType, []byte(`{"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"15m"},"limits":{"cpu":"30m"}}}]}}`), metav1.PatchOptions{}, "resize"))
	expect(resized.Spec.Containers[0].Resources.Requests.Cpu().MilliValue() == 15 && resized.Generation == 2, "resized: %v", resized.Spec.Containers[0].Resources)
	_, err := pods.Patch(ctx, "p", types.StrategicMergePatchType, []byte(`{"spec":{"containers":[{"name":"c","image":"walk.example.com/i:7"}]}}`), metav1.PatchOptions{}, "resize")
	must(err) // what is not about resources is left aside
	expect(got(pods.Get(ctx, "p", metav1.GetOptions{})).Spec.Containers[0].Image == "walk.example.com/i:1", "resize changed an image")
	_, err = pods.Patch(ctx, "p", types.StrategicMergePatchType, []byte(`{"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"30m","memory":"40Mi"}}}]}}`), metav1.PatchOptions{}, "resize")
	refused(err, apierrors.IsInvalid, "Pod QOS Class may not change as a result of resizing")
}

func deadlines(here *place) {
	pods := client.CoreV1().Pods(here.namespace)
	got(pods.Create(ctx, idlePod("p", nil), metav1.CreateOptions{}))
	set := func(seconds string) error {
		_, err := pods.Patch(ctx, "p", types.MergePatchType, []byte(`{"spec":{"activeDeadlineSeconds":`+seconds+`}}`), metav1.PatchOptions{})
		return err
	}
	must(set("3600"))
	must(set("1800"))
	refused(set("3600"), apierrors.IsInvalid, "must be less than or equal to previous value")
	refused(set("null"), apierrors.IsInvalid, "must not update from a positive integer to nil value")
}

func gates(here *place) {
	pods := client.CoreV1().Pods(here.namespace)
	pod := got(pods.Create(ctx, idlePod("p", func(p *corev1.Pod) { p.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "example.com/a"}, {Name: "example.com/b"}} }), metav1.CreateOptions{}))
	expect(pod.Status.Conditions[0].Reason == corev1.PodReasonSchedulingGated, "the status: %v", pod.Status)
	_, err := pods.Patch(ctx, "p", types.StrategicMergePatchType, []byte(`{"spec":{"schedulingGates":[{"name":"example.com/c"}]}}`), metav1.PatchOptions{})
	refused(err, apierrors.IsInvalid, "only deletion is allowed, but found new scheduling gate 'example.com/c'")
	got(pods.Patch(ctx, "p", types.StrategicMergePatchType, []byte(`{"spec":{"nodeSelector":{"more":"x"}}}`), metav1.PatchOptions{}))
	got(pods.Patch(ctx, "p", types.MergePatchType, []byte(`{"spec":{"schedulingGates":[]}}`), metav1.PatchOptions{}))
	_, err = pods.Patch(ctx, "p", types.StrategicMergePatchType, []byte(`{"spec":{"nodeSelector":{"more":"y"}}}`), metav1.PatchOptions{})
	refused(err, apierrors.IsInvalid)
}

func sysctls(here *place) {
	_, err := client.CoreV1().Pods(here.namespace).Create(ctx, idlePod("p", func(p *corev1.Pod) {
		p.Spec.SecurityContext = &corev1.PodSecurityContext{Sysctls: []corev1.Sysctl{{Name: "foo-", Value: "bar"}, {Name: "kernel.shmmax", Value: "1"}, {Name: "safe-and-unsafe", Value: "1"}, {Name: "bar..", Value: "42"}}}
	}), metav1.CreateOptions{})
	refused(err, apierrors.IsInvalid, `Invalid value: "foo-"`, `Invalid value: "bar.."`)
	expect(!strings.Contains(err.Error(), "safe-and-unsafe") && !strings.Contains(err.Error(), "kernel.shmmax"), "valid names are refused: %v", err)
}
