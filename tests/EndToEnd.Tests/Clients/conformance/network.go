package main

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/util/retry"
)

func init() {
	register("network: a service's status", serviceStatus)
	register("network: a service changes its type", serviceTypes)
	register("network: services, listed everywhere and deleted as a collection", serviceCollection)
	register("network: the service of the API and its endpoints", apiService)
	register("network: slices and endpoints of a service with a selector", slicesOfService)
	register("network: endpoints and slices are checked", endpointsChecked)
	register("storage: claims and volumes, their status and what is fixed", volumes)
	register("storage: what is fixed in classes and attachments", storageImmutables)
	register("nodes: life, status and labels", nodes)
	register("events: of both groups, with a series, by field and as a collection", events)
	register("apply: owners, conflicts, force, and what nobody owns any more", applied)
}

func serviceStatus(here *place) {
	api := client.CoreV1().Services(here.namespace)
	got(api.Create(ctx, &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "s"}, Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeLoadBalancer, Ports: []corev1.ServicePort{{Port: 80}}}}, metav1.CreateOptions{}))
	patched := got(api.Patch(ctx, "s", types.MergePatchType, []byte(`{"metadata":{"annotations":{"patched":"yes"}},"status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.1"}]}}}`), metav1.PatchOptions{}, "status"))
	expect(patched.Annotations["patched"] == "yes" && patched.Status.LoadBalancer.Ingress[0].IP == "203.0.113.1", "patched: %v", patched.Status)
	must(retry.RetryOnConflict(retry.DefaultRetry, func() error {
		current := got(api.Get(ctx, "s", metav1.GetOptions{}))
		current.Status.Conditions = append(current.Status.Conditions, metav1.Condition{Type: "StatusUpdate", Status: metav1.ConditionTrue, Reason: "Walk", Message: "set", LastTransitionTime: metav1.Now()})
		updated, err := api.UpdateStatus(ctx, current, metav1.UpdateOptions{})
		if err == nil {
			expect(updated.Status.Conditions[0].Type == "StatusUpdate", "updated: %v", updated.Status)
		}
		return err
	}))
	raw := got(objects.Resource(kindOf("", "v1", "services")).Namespace(here.namespace).Get(ctx, "s", metav1.GetOptions{}, "status"))
	contains("read", map[string]any{"kind": "Service", "status": map[string]any{"loadBalancer": map[string]any{"ingress": []any{map[string]any{"ip": "203.0.113.1"}}}}}, raw.Object)
}

func serviceTypes(here *place) {
	api := client.CoreV1().Services(here.namespace)
	service := got(api.Create(ctx, &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "s"}, Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "example.com"}}, metav1.CreateOptions{}))
	expect(service.Spec.ClusterIP == "", "an external name has an address")
	change := func(with func(*corev1.Service)) *corev1.Service {
		var after *corev1.Service
		must(retry.RetryOnConflict(retry.DefaultRetry, func() (err error) {
			current := got(api.Get(ctx, "s", metav1.GetOptions{}))
			with(current)
			after, err = api.Update(ctx, current, metav1.UpdateOptions{})
			return err
		}))
		return after
	}
	service = change(func(s *corev1.Service) {
		s.Spec.Type, s.Spec.ExternalName = corev1.ServiceTypeNodePort, ""
		s.Spec.Ports = []corev1.ServicePort{{Port: 80, Name: "http", Protocol: corev1.ProtocolTCP}, {Port: 80, Name: "dns", Protocol: corev1.ProtocolUDP}}
	})
	expect(service.Spec.ClusterIP != "" && service.Spec.Ports[0].NodePort >= 30000 && service.Spec.Ports[1].NodePort >= 30000, "as a node port: %v", service.Spec)
	taken := service.Spec.Ports[0].NodePort
	_, err := api.Create(ctx, &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "t"}, Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort, Ports: []corev1.ServicePort{{Port: 80, NodePort: taken}}}}, metav1.CreateOptions{})
	refused(err, apierrors.IsInvalid, "provided port is already allocated")
	service = change(func(s *corev1.Service) { s.Spec.Type = corev1.ServiceTypeClusterIP })
	expect(service.Spec.ClusterIP != "" && service.Spec.Ports[0].NodePort == 0, "as a cluster address: %v", service.Spec)
	service = change(func(s *corev1.Service) { s.Spec.Type, s.Spec.ExternalName = corev1.ServiceTypeExternalName, "example.com" })
	expect(service.Spec.ClusterIP == "", "as an external name: %v", service.Spec)
	got(api.Create(ctx, &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "t"}, Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeNodePort, Ports: []corev1.ServicePort{{Port: 80, NodePort: taken}}}}, metav1.CreateOptions{}))
}

func serviceCollection(here *place) {
	api := client.CoreV1().Services(here.namespace)
	for i := range 3 {
		labels := map[string]string{"collection": fmt.Sprint(min(i, 1))}
		got(api.Create(ctx, &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("s", i), Labels: labels}, Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}}}, metav1.CreateOptions{}))
	}
	must(objects.Resource(kindOf("", "v1", "services")).Namespace(here.namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "collection=1"}))
	expect(len(got(api.List(ctx, metav1.ListOptions{})).Items) == 1, "not one is left")
	everywhere := got(client.CoreV1().Services("").List(ctx, metav1.ListOptions{}))
	expect(slices.ContainsFunc(everywhere.Items, func(s corev1.Service) bool { return s.Name == "kubernetes" && s.Namespace == "default" }), "the API's own is not listed")
}

func apiService(*place) {
	got(client.CoreV1().Services("default").Get(ctx, "kubernetes", metav1.GetOptions{}))
	eventually("it has endpoints", func() bool {
		endpoints, err := client.CoreV1().Endpoints("default").Get(ctx, "kubernetes", metav1.GetOptions{})
		return err == nil && len(endpoints.Subsets) > 0 && len(endpoints.Subsets[0].Addresses) > 0
	})
	slices := got(client.DiscoveryV1().EndpointSlices("default").List(ctx, metav1.ListOptions{LabelSelector: "kubernetes.io/service-name=kubernetes"}))
	expect(len(slices.Items) > 0 && len(slices.Items[0].Endpoints) > 0, "it has no slices")
}

func slicesOfService(here *place) {
	got(client.CoreV1().Services(here.namespace).Create(ctx, &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "s"}, Spec: corev1.ServiceSpec{Selector: map[string]string{"a": "nobody"}, Ports: []corev1.ServicePort{{Name: "http", Port: 80}}}}, metav1.CreateOptions{}))
	of := metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=s"}
	eventually("there are a slice and endpoints", func() bool {
		_, err := client.CoreV1().Endpoints(here.namespace).Get(ctx, "s", metav1.GetOptions{})
		list := got(client.DiscoveryV1().EndpointSlices(here.namespace).List(ctx, of)).Items
		return err == nil && len(list) == 1 && list[0].Labels[discoveryv1.LabelManagedBy] == "endpointslice-controller.k8s.io"
	})
	must(client.CoreV1().Services(here.namespace).Delete(ctx, "s", metav1.DeleteOptions{}))
	eventually("they are gone", func() bool {
		_, err := client.CoreV1().Endpoints(here.namespace).Get(ctx, "s", metav1.GetOptions{})
		return notFound(err) && len(got(client.DiscoveryV1().EndpointSlices(here.namespace).List(ctx, of)).Items) == 0
	})
}

func endpointsChecked(here *place) {
	slice := func(name, change string) error {
		one := changed(parse("{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: "+name+"}, addressType: IPv4, endpoints: [{addresses: [192.0.2.1]}], ports: [{name: http, port: 80}]}"), change)
		_, err := objects.Resource(kindOf("discovery.k8s.io", "v1", "endpointslices")).Namespace(here.namespace).Create(ctx, one, metav1.CreateOptions{})
		return err
	}
	must(slice("good", "{}"))
	stored := func(err error, what string) { expect(err != nil, "stored although of %s", what) }
	stored(slice("l", `{"endpoints":[{"addresses":["127.0.0.1"]}]}`), "loopback")
	stored(slice("p", `{"ports":[{"name":"a","port":1},{"name":"a","port":2}]}`), "one name twice")
	refused(slice("kind", `{"addressType":"IPv5"}`), apierrors.IsInvalid, "addressType: Unsupported value")
	refused(slice("loop", `{"endpoints":[{"addresses":["127.0.0.1"]}]}`), apierrors.IsInvalid, "endpoints[0].addresses[0]")
	refused(slice("twice", `{"ports":[{"name":"a","port":1},{"name":"a","port":2}]}`), apierrors.IsInvalid, "ports[1].name: Duplicate value")
	_, err := client.DiscoveryV1().EndpointSlices(here.namespace).Patch(ctx, "good", types.MergePatchType, []byte(`{"addressType":"IPv6"}`), metav1.PatchOptions{})
	refused(err, apierrors.IsInvalid, "addressType: Invalid value", "field is immutable")
}

func volumes(here *place) {
	claims, all := client.CoreV1().PersistentVolumeClaims(here.namespace), client.CoreV1().PersistentVolumes()
	volume := parse(`{apiVersion: v1, kind: PersistentVolume, metadata: {name: ` + here.namespace + `}, spec: {accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, storageClassName: walk, csi: {driver: csi.example.com, volumeHandle: h}}}`)
	got(objects.Resource(kindOf("", "v1", "persistentvolumes")).Create(ctx, volume, metav1.CreateOptions{}))
	here.later(func() { _ = all.Delete(ctx, here.namespace, metav1.DeleteOptions{}) })
	made := got(claims.Create(ctx, claim("c", "absent-"+here.namespace), metav1.CreateOptions{}))
	expect(made.Status.Phase == corev1.ClaimPending && *made.Spec.VolumeMode == corev1.PersistentVolumeFilesystem, "the claim: %v", made)
	patched := got(claims.Patch(ctx, "c", types.StrategicMergePatchType, []byte(`{"status":{"conditions":[{"type":"StatusPatched","status":"True","reason":"Walk","message":"set"}]}}`), metav1.PatchOptions{}, "status"))
	expect(string(patched.Status.Conditions[0].Type) == "StatusPatched", "patched: %v", patched.Status)
	_, err := claims.Patch(ctx, "c", types.MergePatchType, []byte(`{"spec":{"accessModes":["ReadWriteMany"]}}`), metav1.PatchOptions{})
	refused(err, apierrors.IsInvalid, "spec is immutable after creation except resources.requests")
	_, err = all.Patch(ctx, here.namespace, types.MergePatchType, []byte(`{"spec":{"csi":{"volumeHandle":"another"}}}`), metav1.PatchOptions{})
	refused(err, apierrors.IsInvalid, "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation")
	must(claims.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{}))
	must(all.Delete(ctx, here.namespace, metav1.DeleteOptions{}))
	eventually("both are gone", func() bool {
		_, err := all.Get(ctx, here.namespace, metav1.GetOptions{})
		return notFound(err) && len(got(claims.List(ctx, metav1.ListOptions{})).Items) == 0
	})
}

func storageImmutables(here *place) {
	for plural, manifest := range map[string]string{
		"storageclasses":    "kind: StorageClass, provisioner: example.com/p, parameters: {a: b}",
		"volumeattachments": "kind: VolumeAttachment, spec: {attacher: csi.example.com, nodeName: node, source: {persistentVolumeName: v}}",
	} {
		api := objects.Resource(kindOf("storage.k8s.io", "v1", plural))
		got(api.Create(ctx, parse("{apiVersion: storage.k8s.io/v1, metadata: {name: "+here.namespace+"}, "+manifest+"}"), metav1.CreateOptions{}))
		here.later(func() { _ = api.Delete(ctx, here.namespace, metav1.DeleteOptions{}) })
		_, err := api.Patch(ctx, here.namespace, types.MergePatchType, []byte(map[string]string{"storageclasses": `{"parameters":{"a":"c"}}`, "volumeattachments": `{"spec":{"nodeName":"m"}}`}[plural]), metav1.PatchOptions{})
		refused(err, apierrors.IsInvalid)
	}
}

func nodes(here *place) {
	api := client.CoreV1().Nodes()
	got(api.Create(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: here.namespace}, Spec: corev1.NodeSpec{Unschedulable: true}, Status: corev1.NodeStatus{Phase: corev1.NodeRunning}}, metav1.CreateOptions{}))
	here.later(func() { _ = api.Delete(ctx, here.namespace, metav1.DeleteOptions{}) })
	patched := got(api.Patch(ctx, here.namespace, types.StrategicMergePatchType, []byte(`{"metadata":{"labels":{"walked":"`+here.namespace+`"}}}`), metav1.PatchOptions{}))
	expect(patched.Labels["walked"] == here.namespace, "patched: %v", patched.Labels)
	status := got(api.Patch(ctx, here.namespace, types.StrategicMergePatchType, []byte(`{"status":{"capacity":{"walk.example.com/dongle":"3"}}}`), metav1.PatchOptions{}, "status"))
	dongles := status.Status.Capacity["walk.example.com/dongle"]
	expect(dongles.Value() == 3, "the capacity: %v", status.Status.Capacity)
	expect(len(got(api.List(ctx, metav1.ListOptions{LabelSelector: "walked=" + here.namespace})).Items) == 1, "it is not listed")
	must(api.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "walked=" + here.namespace}))
	eventually("it is gone", func() bool {
		_, err := api.Get(ctx, here.namespace, metav1.GetOptions{})
		return notFound(err)
	})
}

func events(here *place) {
	core, newer := client.CoreV1().Events(here.namespace), client.EventsV1().Events(here.namespace)
	for i := range 3 {
		got(newer.Create(ctx, &eventsv1.Event{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("e", i), Labels: map[string]string{"walk": "events"}}, EventTime: metav1.NowMicro(), Note: "first", Type: "Normal", Reason: "Walked", Action: "Walk",
			ReportingController: "walk.example.com/c", ReportingInstance: "i", Regarding: corev1.ObjectReference{Kind: "Pod", Namespace: here.namespace, Name: fmt.Sprint("p", i)},
		}, metav1.CreateOptions{}))
	}
	seen := got(core.Get(ctx, "e0", metav1.GetOptions{}))
	expect(seen.Message == "first" && seen.InvolvedObject.Name == "p0" && seen.ReportingController == "walk.example.com/c", "the core's view: %v", seen)
	expect(len(got(newer.List(ctx, metav1.ListOptions{FieldSelector: "reportingController=walk.example.com/c,regarding.name=p1"})).Items) == 1, "fields do not select")
	expect(len(got(core.List(ctx, metav1.ListOptions{FieldSelector: "involvedObject.name=p1"})).Items) == 1, "the core's fields do not select")
	one := got(newer.Get(ctx, "e0", metav1.GetOptions{}))
	one.Series = &eventsv1.EventSeries{Count: 100, LastObservedTime: metav1.NewMicroTime(one.EventTime.Time)}
	updated := got(newer.Update(ctx, one, metav1.UpdateOptions{}))
	expect(updated.Series.Count == 100, "the series: %v", updated.Series)
	must(newer.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "walk=events"}))
	expect(len(got(core.List(ctx, metav1.ListOptions{LabelSelector: "walk=events"})).Items) == 0, "they are still there")
	_, err := newer.Create(ctx, &eventsv1.Event{ObjectMeta: metav1.ObjectMeta{Name: "old"}}, metav1.CreateOptions{})
	refused(err, apierrors.IsInvalid, "eventTime: Required value")
}

func applied(here *place) {
	pods := client.CoreV1().Pods(here.namespace)
	container := func(image string) *applycorev1.PodApplyConfiguration {
		return applycorev1.Pod("p", here.namespace).WithSpec(applycorev1.PodSpec().WithNodeSelector(map[string]string{"walk": "nowhere"}).WithContainers(applycorev1.Container().WithName("c").WithImage(image)))
	}
	got(pods.Apply(ctx, container("walk.example.com/i:1"), metav1.ApplyOptions{FieldManager: "one"}))
	_, err := pods.Apply(ctx, container("walk.example.com/i:2"), metav1.ApplyOptions{FieldManager: "two"})
	refused(err, apierrors.IsConflict, `conflict with "one"`, `.spec.containers[name="c"].image`)
	after := got(pods.Apply(ctx, container("walk.example.com/i:2"), metav1.ApplyOptions{FieldManager: "two", Force: true}))
	expect(after.Spec.Containers[0].Image == "walk.example.com/i:2", "forced: %v", after.Spec.Containers)
	managers := []string{}
	for _, entry := range after.ManagedFields {
		managers = append(managers, string(entry.Operation)+" "+entry.Manager+" "+entry.Subresource)
	}
	expect(slices.Contains(managers, "Apply one ") && slices.Contains(managers, "Apply two "), "managers: %v", managers)
	status := applycorev1.Pod("p", here.namespace).WithStatus(applycorev1.PodStatus().WithMessage("walked"))
	after = got(pods.ApplyStatus(ctx, status, metav1.ApplyOptions{FieldManager: "one", Force: true}))
	expect(after.Status.Message == "walked" && len(after.Spec.Containers) == 1, "the status: %v", after.Status)
	_, err = pods.Patch(ctx, "p", types.ApplyPatchType, []byte(`{"apiVersion":"v1","kind":"Pod"}`), metav1.PatchOptions{})
	refused(err, func(err error) bool { return strings.Contains(err.Error(), "fieldManager") })
}
