package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/util/retry"
)

func init() {
	register("namespaces: status is patched and updated", namespaceStatus)
	register("namespaces: finalize adds and removes a finalizer", namespaceFinalizer)
	register("namespaces: pods go before everything else", namespaceOrder)
	register("namespaces: services go with them", namespaceServices)
	register("quotas: counts of configMaps, secrets, services and workloads", quotaCounts)
	register("quotas: a pod's life", quotaOfPods)
	register("quotas: scopes", quotaScopes)
	register("quotas: status is updated and patched, apart from the spec", quotaStatus)
	register("limits: defaults, bounds, and a collection over namespaces", limitRanges)
	register("configMaps and secrets: immutable ones", immutables)
	register("priority classes: what may change and what may not", priorityClasses)
}

func namespaceStatus(here *place) {
	spaces := client.CoreV1().Namespaces()
	read := got(spaces.Get(ctx, here.namespace, metav1.GetOptions{}))
	expect(read.Status.Phase == corev1.NamespaceActive, "the phase is %s", read.Status.Phase)
	patch := `{"metadata":{"annotations":{"walked":"yes"}},"status":{"conditions":[{"type":"StatusPatch","status":"True","reason":"Walk","message":"patched"}]}}`
	patched := got(spaces.Patch(ctx, here.namespace, types.MergePatchType, []byte(patch), metav1.PatchOptions{}, "status"))
	expect(patched.Annotations["walked"] == "yes" && patched.Status.Conditions[len(patched.Status.Conditions)-1].Reason == "Walk", "patched: %v", patched)
	must(retry.RetryOnConflict(retry.DefaultRetry, func() error {
		current := got(spaces.Get(ctx, here.namespace, metav1.GetOptions{}))
		current.Status.Conditions = append(current.Status.Conditions, corev1.NamespaceCondition{Type: "StatusUpdate", Status: corev1.ConditionTrue, Reason: "Walk", Message: "updated"})
		updated, err := spaces.UpdateStatus(ctx, current, metav1.UpdateOptions{})
		if err == nil {
			expect(updated.Status.Conditions[len(updated.Status.Conditions)-1].Type == "StatusUpdate", "updated: %v", updated.Status)
		}
		return err
	}))
}

func namespaceFinalizer(here *place) {
	spaces := client.CoreV1().Namespaces()
	const mine = corev1.FinalizerName("walk.example.com/finalizer")
	current := got(spaces.Get(ctx, here.namespace, metav1.GetOptions{}))
	current.Spec.Finalizers = append(current.Spec.Finalizers, mine)
	added := got(spaces.Finalize(ctx, current, metav1.UpdateOptions{}))
	expect(slices.Contains(added.Spec.Finalizers, mine), "not added: %v", added.Spec)
	added.Spec.Finalizers = slices.DeleteFunc(added.Spec.Finalizers, func(one corev1.FinalizerName) bool { return one == mine })
	removed := got(spaces.Finalize(ctx, added, metav1.UpdateOptions{}))
	expect(slices.Equal(removed.Spec.Finalizers, []corev1.FinalizerName{"kubernetes"}), "not removed: %v", removed.Spec)
}

func namespaceOrder(here *place) {
	space := here.newNamespace("-order", nil)
	pods, maps := client.CoreV1().Pods(space), client.CoreV1().ConfigMaps(space)
	got(pods.Create(ctx, idlePod("held", func(p *corev1.Pod) { p.Finalizers = []string{"walk.example.com/finalizer"} }), metav1.CreateOptions{}))
	got(maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "later"}}, metav1.CreateOptions{}))
	must(client.CoreV1().Namespaces().Delete(ctx, space, metav1.DeleteOptions{}))
	eventually("the namespace tells what it waits for", func() bool {
		one := got(client.CoreV1().Namespaces().Get(ctx, space, metav1.GetOptions{}))
		told := slices.ContainsFunc(one.Status.Conditions, func(c corev1.NamespaceCondition) bool { return c.Type == corev1.NamespaceDeletionContentFailure })
		return told && one.Status.Phase == corev1.NamespaceTerminating
	})
	expect(got(pods.Get(ctx, "held", metav1.GetOptions{})).DeletionTimestamp != nil, "the pod is not being deleted")
	expect(got(maps.Get(ctx, "later", metav1.GetOptions{})).DeletionTimestamp == nil, "the config map went before the pod")
	_, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "too-late"}}, metav1.CreateOptions{})
	refused(err, apierrors.IsForbidden, "because it is being terminated")
	got(pods.Patch(ctx, "held", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{}))
	eventually("the namespace is gone", func() bool {
		_, err := client.CoreV1().Namespaces().Get(ctx, space, metav1.GetOptions{})
		return notFound(err)
	})
}

func namespaceServices(here *place) {
	space := here.newNamespace("-services", nil)
	got(client.CoreV1().Services(space).Create(ctx, &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "s"}, Spec: corev1.ServiceSpec{Selector: map[string]string{"a": "b"}, Ports: []corev1.ServicePort{{Port: 80}}}}, metav1.CreateOptions{}))
	must(client.CoreV1().Namespaces().Delete(ctx, space, metav1.DeleteOptions{}))
	eventually("the namespace is gone", func() bool {
		_, err := client.CoreV1().Namespaces().Get(ctx, space, metav1.GetOptions{})
		return notFound(err)
	})
	got(client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: space}}, metav1.CreateOptions{}))
	_, err := client.CoreV1().Services(space).Get(ctx, "s", metav1.GetOptions{})
	refused(err, notFound)
}

// idlePod is a pod that no node takes.
func idlePod(name string, change func(*corev1.Pod)) *corev1.Pod {
	no := false
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"walk": "idle"}},
		Spec: corev1.PodSpec{
			NodeSelector: map[string]string{"walk": "nowhere"}, AutomountServiceAccountToken: &no,
			Containers: []corev1.Container{{Name: "c", Image: "walk.example.com/i:1"}},
		},
	}
	if change != nil {
		change(pod)
	}
	return pod
}

func requests(pairs ...string) corev1.ResourceList {
	list := corev1.ResourceList{}
	for i := 0; i < len(pairs); i += 2 {
		list[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
	}
	return list
}

func newQuota(here *place, name string, hard corev1.ResourceList, scopes ...corev1.ResourceQuotaScope) {
	got(client.CoreV1().ResourceQuotas(here.namespace).Create(ctx, &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.ResourceQuotaSpec{Hard: hard, Scopes: scopes}}, metav1.CreateOptions{}))
	eventually("the quota is counted", func() bool {
		return equalLists(got(client.CoreV1().ResourceQuotas(here.namespace).Get(ctx, name, metav1.GetOptions{})).Status.Hard, hard)
	})
}

// uses waits until the quota tells these numbers.
func uses(here *place, name string, pairs ...string) {
	last := ""
	told := func() bool {
		status := got(client.CoreV1().ResourceQuotas(here.namespace).Get(ctx, name, metav1.GetOptions{})).Status
		last = fmt.Sprint(status)
		for key, value := range requests(pairs...) {
			used, present := status.Used[key]
			if !present || used.Cmp(value) != 0 {
				return false
			}
		}
		return true
	}
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(25 * time.Millisecond) {
		if told() {
			return
		}
	}
	panic(fmt.Errorf("quota %s does not tell %v but %s", name, pairs, last))
}

func quotaCounts(here *place) {
	core := client.CoreV1()
	newQuota(here, "counts", requests("configmaps", "5", "secrets", "5", "services", "5", "services.nodeports", "1", "services.loadbalancers", "1", "replicationcontrollers", "5",
		"resourcequotas", "1", "count/replicasets.apps", "5", "count/deployments.apps", "2", "persistentvolumeclaims", "3", "requests.storage", "10Gi", "gold.storageclass.storage.k8s.io/requests.storage", "10Gi"))
	eventually("the root certificate is there", func() bool {
		_, err := core.ConfigMaps(here.namespace).Get(ctx, "kube-root-ca.crt", metav1.GetOptions{})
		return err == nil
	})
	uses(here, "counts", "configmaps", "1", "secrets", "0", "services", "0", "resourcequotas", "1")
	got(core.ConfigMaps(here.namespace).Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a"}}, metav1.CreateOptions{}))
	got(core.Secrets(here.namespace).Create(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "a"}}, metav1.CreateOptions{}))
	service := func(name string, kind corev1.ServiceType) error {
		_, err := core.Services(here.namespace).Create(ctx, &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.ServiceSpec{Type: kind, Ports: []corev1.ServicePort{{Port: 80}}}}, metav1.CreateOptions{})
		return err
	}
	must(service("cluster", corev1.ServiceTypeClusterIP))
	must(service("node", corev1.ServiceTypeNodePort))
	refused(service("node2", corev1.ServiceTypeNodePort), apierrors.IsForbidden, "exceeded quota: counts, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1")
	_, err := objects.Resource(kindOf("", "v1", "resourcequotas")).Namespace(here.namespace).Create(ctx, parse("{apiVersion: v1, kind: ResourceQuota, metadata: {name: more}}"), metav1.CreateOptions{})
	refused(err, apierrors.IsForbidden, "exceeded quota: counts, requested: resourcequotas=1")
	for _, kind := range []string{"replicasets", "deployments"} {
		text := "{apiVersion: apps/v1, kind: " + map[string]string{"replicasets": "ReplicaSet", "deployments": "Deployment"}[kind] + ", metadata: {name: a}}"
		got(objects.Resource(kindOf("apps", "v1", kind)).Namespace(here.namespace).Create(ctx, changed(parse(text), owner), metav1.CreateOptions{}))
	}
	got(core.PersistentVolumeClaims(here.namespace).Create(ctx, claim("a", "gold"), metav1.CreateOptions{}))
	uses(here, "counts", "configmaps", "2", "secrets", "1", "services", "2", "services.nodeports", "1", "services.loadbalancers", "0", "count/deployments.apps", "1",
		"persistentvolumeclaims", "1", "requests.storage", "1Gi", "gold.storageclass.storage.k8s.io/requests.storage", "1Gi")
	must(core.ConfigMaps(here.namespace).Delete(ctx, "a", metav1.DeleteOptions{}))
	must(core.Secrets(here.namespace).Delete(ctx, "a", metav1.DeleteOptions{}))
	must(core.Services(here.namespace).Delete(ctx, "node", metav1.DeleteOptions{}))
	must(client.AppsV1().Deployments(here.namespace).Delete(ctx, "a", metav1.DeleteOptions{}))
	must(client.AppsV1().ReplicaSets(here.namespace).Delete(ctx, "a", metav1.DeleteOptions{}))
	must(core.PersistentVolumeClaims(here.namespace).Delete(ctx, "a", metav1.DeleteOptions{}))
	uses(here, "counts", "configmaps", "1", "secrets", "0", "services", "1", "services.nodeports", "0", "count/deployments.apps", "0", "count/replicasets.apps", "0", "persistentvolumeclaims", "0", "requests.storage", "0")
}

func quotaOfPods(here *place) {
	newQuota(here, "pods", requests("pods", "5", "cpu", "1", "memory", "500Mi", "ephemeral-storage", "50Gi", "requests.walk.example.com/dongle", "3"))
	pods := client.CoreV1().Pods(here.namespace)
	with := func(cpu, memory, dongles string) func(*corev1.Pod) {
		return func(p *corev1.Pod) {
			p.Spec.Containers[0].Resources = corev1.ResourceRequirements{Requests: requests("cpu", cpu, "memory", memory, "ephemeral-storage", "30Gi", "walk.example.com/dongle", dongles), Limits: requests("walk.example.com/dongle", dongles)}
		}
	}
	got(pods.Create(ctx, idlePod("fits", with("500m", "252Mi", "2")), metav1.CreateOptions{}))
	uses(here, "pods", "pods", "1", "cpu", "500m", "memory", "252Mi", "ephemeral-storage", "30Gi", "requests.walk.example.com/dongle", "2")
	_, err := pods.Create(ctx, idlePod("much", with("600m", "100Mi", "1")), metav1.CreateOptions{})
	refused(err, apierrors.IsForbidden, "exceeded quota: pods", "cpu=600m")
	_, err = pods.Create(ctx, idlePod("dongles", with("1m", "1Mi", "2")), metav1.CreateOptions{})
	refused(err, apierrors.IsForbidden, "requests.walk.example.com/dongle=2")
	_, err = pods.Create(ctx, idlePod("silent", nil), metav1.CreateOptions{})
	refused(err, apierrors.IsForbidden, "failed quota: pods: must specify cpu for: c; memory for: c")
	fits := got(pods.Get(ctx, "fits", metav1.GetOptions{}))
	fits.Spec.Containers[0].Resources.Requests = requests("cpu", "100m", "memory", "100Mi")
	_, err = pods.Update(ctx, fits, metav1.UpdateOptions{})
	refused(err, apierrors.IsInvalid, "pod updates may not change fields other than")
	uses(here, "pods", "pods", "1", "cpu", "500m")
	must(pods.Delete(ctx, "fits", *metav1.NewDeleteOptions(0)))
	uses(here, "pods", "pods", "0", "cpu", "0", "memory", "0", "ephemeral-storage", "0", "requests.walk.example.com/dongle", "0")
}

func quotaScopes(here *place) {
	newQuota(here, "best", requests("pods", "5"), corev1.ResourceQuotaScopeBestEffort)
	newQuota(here, "rest", requests("pods", "5"), corev1.ResourceQuotaScopeNotBestEffort)
	newQuota(here, "ending", requests("pods", "5", "requests.cpu", "1", "limits.cpu", "2"), corev1.ResourceQuotaScopeTerminating)
	newQuota(here, "lasting", requests("pods", "5", "requests.cpu", "1", "limits.cpu", "2"), corev1.ResourceQuotaScopeNotTerminating)
	pods := client.CoreV1().Pods(here.namespace)
	ending := func(p *corev1.Pod) {
		p.Spec.ActiveDeadlineSeconds = ptr(int64(3600))
		p.Spec.Containers[0].Resources = corev1.ResourceRequirements{Requests: requests("cpu", "500m"), Limits: requests("cpu", "1")}
	}
	got(pods.Create(ctx, idlePod("ending", ending), metav1.CreateOptions{}))
	uses(here, "best", "pods", "0")
	uses(here, "rest", "pods", "1")
	uses(here, "ending", "pods", "1", "requests.cpu", "500m", "limits.cpu", "1")
	uses(here, "lasting", "pods", "0", "requests.cpu", "0")
	must(pods.Delete(ctx, "ending", *metav1.NewDeleteOptions(0)))
	uses(here, "ending", "pods", "0", "requests.cpu", "0", "limits.cpu", "0")
	must(client.CoreV1().ResourceQuotas(here.namespace).Delete(ctx, "lasting", metav1.DeleteOptions{}))
	got(pods.Create(ctx, idlePod("best", nil), metav1.CreateOptions{}))
	uses(here, "best", "pods", "1")
	uses(here, "rest", "pods", "0")
	must(pods.Delete(ctx, "best", *metav1.NewDeleteOptions(0)))
	uses(here, "best", "pods", "0")
}

func quotaStatus(here *place) {
	quotas := client.CoreV1().ResourceQuotas(here.namespace)
	newQuota(here, "q", requests("cpu", "500m", "memory", "500Mi"))
	seen := got(quotas.Watch(ctx, metav1.ListOptions{FieldSelector: "metadata.name=q"}))
	defer seen.Stop()
	shows := func(what string, hard corev1.ResourceList) {
		timeout := time.After(patience)
		for {
			select {
			case event := <-seen.ResultChan():
				one, isQuota := event.Object.(*corev1.ResourceQuota)
				if isQuota && event.Type != watch.Deleted && equalLists(one.Status.Hard, hard) {
					return
				}
			case <-timeout:
				panic(fmt.Errorf("%s: no status with %v is seen", what, hard))
			}
		}
	}
	shows("created", requests("cpu", "500m", "memory", "500Mi"))
	must(retry.RetryOnConflict(retry.DefaultRetry, func() error {
		current := got(quotas.Get(ctx, "q", metav1.GetOptions{}))
		current.Status.Hard = requests("cpu", "500m", "memory", "500Mi", "pods", "7")
		_, err := quotas.UpdateStatus(ctx, current, metav1.UpdateOptions{})
		return err
	}))
	shows("updated", requests("cpu", "500m", "memory", "500Mi", "pods", "7"))
	shows("counted again", requests("cpu", "500m", "memory", "500Mi"))
	got(quotas.Patch(ctx, "q", types.StrategicMergePatchType, []byte(`{"spec":{"hard":{"cpu":"1","memory":"1Gi"}}}`), metav1.PatchOptions{}))
	shows("spec patched", requests("cpu", "1", "memory", "1Gi"))
	patched := got(quotas.Patch(ctx, "q", types.StrategicMergePatchType, []byte(`{"spec":{"hard":{"cpu":"9"}},"status":{"hard":{"cpu":"2","memory":"2Gi"}}}`), metav1.PatchOptions{}, "status"))
	expect(equalLists(patched.Status.Hard, requests("cpu", "2", "memory", "2Gi")) && equalLists(patched.Spec.Hard, requests("cpu", "1", "memory", "1Gi")), "status patched: %v", patched)
	shows("counted again", requests("cpu", "1", "memory", "1Gi"))
}

func equalLists(left, right corev1.ResourceList) bool {
	for key, value := range left {
		other, present := right[key]
		if !present || other.Cmp(value) != 0 {
			return false
		}
	}
	return len(left) == len(right)
}

func limitRanges(here *place) {
	second := here.newNamespace("-second", nil)
	labels := map[string]string{"walk": here.namespace}
	limit := &corev1.LimitRange{ObjectMeta: metav1.ObjectMeta{Name: "l", Labels: labels}, Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{
		Type: corev1.LimitTypeContainer, Min: requests("cpu", "50m", "memory", "100Mi"), Max: requests("cpu", "500m", "memory", "500Mi"),
		Default: requests("cpu", "300m", "memory", "300Mi"), DefaultRequest: requests("cpu", "100m", "memory", "200Mi"),
	}}}}
	got(client.CoreV1().LimitRanges(here.namespace).Create(ctx, limit, metav1.CreateOptions{}))
	got(client.CoreV1().LimitRanges(second).Create(ctx, limit, metav1.CreateOptions{}))
	everywhere := metav1.ListOptions{LabelSelector: "walk=" + here.namespace}
	expect(len(got(client.CoreV1().LimitRanges("").List(ctx, everywhere)).Items) == 2, "not both are listed")
	pods := client.CoreV1().Pods(here.namespace)
	pod := got(pods.Create(ctx, idlePod("plain", nil), metav1.CreateOptions{}))
	expect(equalLists(pod.Spec.Containers[0].Resources.Requests, requests("cpu", "100m", "memory", "200Mi")), "requests %v", pod.Spec.Containers[0].Resources)
	expect(equalLists(pod.Spec.Containers[0].Resources.Limits, requests("cpu", "300m", "memory", "300Mi")), "limits %v", pod.Spec.Containers[0].Resources)
	pod = got(pods.Create(ctx, idlePod("partial", func(p *corev1.Pod) { p.Spec.Containers[0].Resources = corev1.ResourceRequirements{Limits: requests("cpu", "400m")} }), metav1.CreateOptions{}))
	expect(equalLists(pod.Spec.Containers[0].Resources.Requests, requests("cpu", "400m", "memory", "200Mi")), "a limit is its request: %v", pod.Spec.Containers[0].Resources)
	_, err := pods.Create(ctx, idlePod("little", func(p *corev1.Pod) { p.Spec.Containers[0].Resources.Requests = requests("cpu", "10m") }), metav1.CreateOptions{})
	refused(err, apierrors.IsForbidden, "minimum cpu usage per Container is 50m, but request is 10m")
	_, err = pods.Create(ctx, idlePod("much", func(p *corev1.Pod) { p.Spec.Containers[0].Resources.Limits = requests("cpu", "600m") }), metav1.CreateOptions{})
	refused(err, apierrors.IsForbidden, "maximum cpu usage per Container is 500m, but limit is 600m")
	patched := got(client.CoreV1().LimitRanges(here.namespace).Patch(ctx, "l", types.StrategicMergePatchType, []byte(`{"metadata":{"labels":{"l":"patched"}},"spec":{"limits":[{"type":"Container","min":{"cpu":"9m"}}]}}`), metav1.PatchOptions{}))
	expect(patched.Labels["l"] == "patched" && patched.Spec.Limits[0].Min.Cpu().MilliValue() == 9, "patched: %v", patched)
	must(client.CoreV1().LimitRanges(here.namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "l=patched"}))
	expect(len(got(client.CoreV1().LimitRanges("").List(ctx, everywhere)).Items) == 1, "not one is left")
}

func immutables(here *place) {
	maps, secrets := client.CoreV1().ConfigMaps(here.namespace), client.CoreV1().Secrets(here.namespace)
	one := got(maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "m"}, Data: map[string]string{"a": "1"}}, metav1.CreateOptions{}))
	one.Data["a"] = "2"
	one = got(maps.Update(ctx, one, metav1.UpdateOptions{}))
	one.Immutable = ptr(true)
	one = got(maps.Update(ctx, one, metav1.UpdateOptions{}))
	for _, wrong := range []func(*corev1.ConfigMap){
		func(m *corev1.ConfigMap) { m.Data["a"] = "3" }, func(m *corev1.ConfigMap) { m.Immutable = ptr(false) }, func(m *corev1.ConfigMap) { m.Immutable = nil },
	} {
		copied := one.DeepCopy()
		wrong(copied)
		_, err := maps.Update(ctx, copied, metav1.UpdateOptions{})
		refused(err, apierrors.IsInvalid, "field is immutable when `immutable` is set")
	}
	one.Labels = map[string]string{"a": "b"}
	got(maps.Update(ctx, one, metav1.UpdateOptions{}))
	must(maps.Delete(ctx, "m", metav1.DeleteOptions{}))
	secret := got(secrets.Create(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "s"}, Data: map[string][]byte{"a": []byte("1")}, Immutable: ptr(true)}, metav1.CreateOptions{}))
	secret.Data["a"] = []byte("2")
	_, err := secrets.Update(ctx, secret, metav1.UpdateOptions{})
	refused(err, apierrors.IsInvalid, "data: Forbidden: field is immutable when `immutable` is set")
	_, err = secrets.Create(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "empty"}, Data: map[string][]byte{"": []byte("1")}}, metav1.CreateOptions{})
	refused(err, apierrors.IsInvalid, "data[]: Invalid value")
	_, err = maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "empty"}, Data: map[string]string{"": "1"}}, metav1.CreateOptions{})
	refused(err, apierrors.IsInvalid, "data[]: Invalid value")
}

func priorityClasses(here *place) {
	api := objects.Resource(kindOf("scheduling.k8s.io", "v1", "priorityclasses"))
	text := "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: " + here.namespace + "}, value: 1, description: a}"
	got(api.Create(ctx, parse(text), metav1.CreateOptions{}))
	here.later(func() { _ = api.Delete(ctx, here.namespace, metav1.DeleteOptions{}) })
	listed := got(client.SchedulingV1().PriorityClasses().List(ctx, metav1.ListOptions{}))
	names := string(got(json.Marshal(listed)))
	expect(strings.Contains(names, "system-node-critical") && strings.Contains(names, "system-cluster-critical"), "the system's own are missing")
	got(api.Patch(ctx, here.namespace, types.JSONPatchType, []byte(`[{"op":"replace","path":"/description","value":"b"}]`), metav1.PatchOptions{}))
	_, err := api.Patch(ctx, here.namespace, types.JSONPatchType, []byte(`[{"op":"replace","path":"/value","value":2}]`), metav1.PatchOptions{})
	refused(err, apierrors.IsInvalid, "Forbidden: may not be changed in an update")
	_, err = api.Patch(ctx, here.namespace, types.MergePatchType, []byte(`{"preemptionPolicy":"Never"}`), metav1.PatchOptions{})
	refused(err, apierrors.IsInvalid, "preemptionPolicy")
}

func claim(name, class string) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}, StorageClassName: &class, Resources: corev1.VolumeResourceRequirements{Requests: requests("storage", "1Gi")},
	}}
}
