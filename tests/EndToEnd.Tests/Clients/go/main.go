// The official Go client against a running cluster. Usage: walk NAMESPACE. Prints a line a step; any surprise ends it with a message.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/util/retry"
)

const protobuf = "application/vnd.kubernetes.protobuf"

var (
	ctx       = context.Background()
	namespace string
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func expect(condition bool, format string, arguments ...any) {
	if !condition {
		panic(fmt.Errorf(format, arguments...))
	}
}

func step(name string) { fmt.Println("ok", name) }

func main() {
	defer func() {
		if surprise := recover(); surprise != nil {
			fmt.Fprintln(os.Stderr, "surprise:", surprise)
			os.Exit(1)
		}
	}()
	namespace = os.Args[1]
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig()
	must(err)
	config.QPS, config.Burst = 1000, 1000

	json := kubernetes.NewForConfigOrDie(config)
	binary := rest.CopyConfig(config)
	binary.AcceptContentTypes, binary.ContentType = protobuf+",application/json", protobuf
	proto := kubernetes.NewForConfigOrDie(binary)

	for form, client := range map[string]*kubernetes.Clientset{"JSON": json, "protobuf": proto} {
		crud(client, form)
		informer(client, form)
	}
	sameInBothForms(json, proto)
	apply(json)
	release(json)
	generic(config)
	election(json)
	fmt.Println("done")
}

func crud(client *kubernetes.Clientset, form string) {
	maps := client.CoreV1().ConfigMaps(namespace)
	created, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{GenerateName: "go-"}, Data: map[string]string{"k": "v"}}, metav1.CreateOptions{})
	must(err)
	expect(created.UID != "" && created.ResourceVersion != "", "a stored object has a uid and a version: %v", created)
	_, err = maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: created.Name}}, metav1.CreateOptions{})
	expect(apierrors.IsAlreadyExists(err), "a second creation is AlreadyExists, not %v", err)
	stale := created.DeepCopy()
	created.Data["k"] = "w"
	updated, err := maps.Update(ctx, created, metav1.UpdateOptions{})
	must(err)
	expect(updated.Data["k"] == "w", "the update is answered: %v", updated)
	_, err = maps.Update(ctx, stale, metav1.UpdateOptions{})
	expect(apierrors.IsConflict(err), "a stale update is a Conflict, not %v", err)
	_, err = maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "Not_A_Name"}}, metav1.CreateOptions{})
	expect(apierrors.IsInvalid(err), "a bad name is Invalid, not %v", err)
	for kind, patch := range map[types.PatchType]string{
		types.MergePatchType:          `{"data":{"k":"m"}}`,
		types.StrategicMergePatchType: `{"data":{"k":"s"}}`,
		types.JSONPatchType:           `[{"op":"replace","path":"/data/k","value":"j"}]`,
	} {
		_, err = maps.Patch(ctx, created.Name, kind, []byte(patch), metav1.PatchOptions{})
		must(err)
	}
	dry, err := maps.Update(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: created.Name}, Data: map[string]string{"k": "dry"}}, metav1.UpdateOptions{DryRun: []string{metav1.DryRunAll}})
	must(err)
	expect(dry.Data["k"] == "dry", "a dry run answers what would be: %v", dry)
	read, err := maps.Get(ctx, created.Name, metav1.GetOptions{})
	must(err)
	expect(read.Data["k"] != "dry", "a dry run changes nothing: %v", read)
	wrong := types.UID("00000000-0000-0000-0000-000000000000")
	err = maps.Delete(ctx, created.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &wrong}})
	expect(apierrors.IsConflict(err), "a precondition that does not hold is a Conflict, not %v", err)
	must(maps.Delete(ctx, created.Name, metav1.DeleteOptions{}))
	_, err = maps.Get(ctx, created.Name, metav1.GetOptions{})
	expect(apierrors.IsNotFound(err), "what is deleted is NotFound, not %v", err)
	step("crud in " + form)
}

// informer proves that what a cache has seen is what there is, while objects come, change and go.
func informer(client *kubernetes.Clientset, form string) {
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace), informers.WithTweakListOptions(func(options *metav1.ListOptions) {
		options.LabelSelector = "informed=" + form
	}))
	secrets := factory.Core().V1().Secrets()
	var mutex sync.Mutex
	versions := map[string][]string{}
	note := func(obj any) {
		secret := obj.(*corev1.Secret)
		mutex.Lock()
		defer mutex.Unlock()
		versions[secret.Name] = append(versions[secret.Name], secret.ResourceVersion)
	}
	_, err := secrets.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: note, UpdateFunc: func(_, obj any) { note(obj) }})
	must(err)
	stop := make(chan struct{})
	defer close(stop)
	factory.Start(stop)
	for kind, synced := range factory.WaitForCacheSync(stop) {
		expect(synced, "the cache of %v is filled", kind)
	}

	const total = 100
	written := map[string][]string{}
	for i := range total {
		name := fmt.Sprintf("informed-%s-%d", map[string]string{"JSON": "j", "protobuf": "p"}[form], i)
		created, err := client.CoreV1().Secrets(namespace).Create(ctx, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"informed": form}}, StringData: map[string]string{"n": fmt.Sprint(i)},
		}, metav1.CreateOptions{})
		must(err)
		created.Data["n"] = []byte("changed")
		updated, err := client.CoreV1().Secrets(namespace).Update(ctx, created, metav1.UpdateOptions{})
		must(err)
		written[name] = []string{created.ResourceVersion, updated.ResourceVersion}
	}
	must(wait.PollUntilContextTimeout(ctx, 20*time.Millisecond, 20*time.Second, true, func(context.Context) (bool, error) {
		mutex.Lock()
		defer mutex.Unlock()
		return reflect.DeepEqual(versions, written), nil
	}))
	must(client.CoreV1().Secrets(namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "informed=" + form}))
	must(wait.PollUntilContextTimeout(ctx, 20*time.Millisecond, 20*time.Second, true, func(context.Context) (bool, error) {
		return len(secrets.Informer().GetStore().List()) == 0, nil
	}))
	step("informer in " + form)
}

// sameInBothForms writes a workload in one form and reads it in both: every field must survive.
func sameInBothForms(json, proto *kubernetes.Clientset) {
	replicas, seconds, truth := int32(0), int64(7), true
	labels := map[string]string{"app": "forms"}
	deployment := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "forms", Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					TerminationGracePeriodSeconds: &seconds,
					SecurityContext:               &corev1.PodSecurityContext{RunAsNonRoot: &truth},
					Volumes:                       []corev1.Volume{{Name: "scratch", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
					Containers: []corev1.Container{{
						Name: "main", Image: "busybox:1.36", Command: []string{"sleep", "3600"},
						Env:          []corev1.EnvVar{{Name: "POD", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.name"}}}},
						VolumeMounts: []corev1.VolumeMount{{Name: "scratch", MountPath: "/scratch"}},
					}},
				},
			},
		},
	}
	_, err := proto.AppsV1().Deployments(namespace).Create(ctx, deployment, metav1.CreateOptions{})
	must(err)
	// A controller may write its status in between: what is compared must be of one version.
	must(retry.OnError(wait.Backoff{Steps: 20, Duration: 50 * time.Millisecond, Factor: 1}, func(error) bool { return true }, func() error {
		one, err := json.AppsV1().Deployments(namespace).Get(ctx, "forms", metav1.GetOptions{})
		must(err)
		other, err := proto.AppsV1().Deployments(namespace).Get(ctx, "forms", metav1.GetOptions{})
		must(err)
		if one.ResourceVersion != other.ResourceVersion {
			return errors.New("written in between")
		}
		expect(reflect.DeepEqual(one, other), "JSON says %+v, protobuf says %+v", one, other)
		return nil
	}))
	nodes, err := json.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	must(err)
	same, err := proto.CoreV1().Nodes().List(ctx, metav1.ListOptions{ResourceVersion: nodes.ResourceVersion, ResourceVersionMatch: metav1.ResourceVersionMatchExact})
	must(err)
	expect(reflect.DeepEqual(nodes.Items, same.Items), "nodes differ: JSON says %+v, protobuf says %+v", nodes.Items, same.Items)
	step("the same in JSON and in protobuf")
}

func apply(client *kubernetes.Clientset) {
	maps := client.CoreV1().ConfigMaps(namespace)
	mine := applycorev1.ConfigMap("applied", namespace).WithData(map[string]string{"a": "1", "b": "2"})
	_, err := maps.Apply(ctx, mine, metav1.ApplyOptions{FieldManager: "mine"})
	must(err)
	_, err = maps.Apply(ctx, applycorev1.ConfigMap("applied", namespace).WithData(map[string]string{"a": "3"}), metav1.ApplyOptions{FieldManager: "theirs"})
	expect(apierrors.IsConflict(err), "another's field is a Conflict, not %v", err)
	_, err = maps.Apply(ctx, applycorev1.ConfigMap("applied", namespace).WithData(map[string]string{"a": "3"}), metav1.ApplyOptions{FieldManager: "theirs", Force: true})
	must(err)
	last, err := maps.Apply(ctx, applycorev1.ConfigMap("applied", namespace).WithData(map[string]string{}), metav1.ApplyOptions{FieldManager: "mine"})
	must(err)
	expect(reflect.DeepEqual(last.Data, map[string]string{"a": "3"}), "what nobody owns any more is gone, what another owns stays: %v", last.Data)
	extracted, err := applycorev1.ExtractConfigMap(last, "theirs")
	must(err)
	expect(reflect.DeepEqual(extracted.Data, map[string]string{"a": "3"}), "managed fields can be read back: %v", extracted.Data)
	step("server-side apply")
}

func generic(config *rest.Config) {
	kind := schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	objects := dynamic.NewForConfigOrDie(config).Resource(kind).Namespace(namespace)
	_, err := objects.Create(ctx, &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "generic", "labels": map[string]any{"generic": ""}}, "data": map[string]any{"a": "b"},
	}}, metav1.CreateOptions{})
	must(err)
	found, err := objects.List(ctx, metav1.ListOptions{LabelSelector: "generic"})
	must(err)
	expect(len(found.Items) == 1, "the dynamic client lists what it wrote: %v", found)
	partial, err := metadata.NewForConfigOrDie(config).Resource(kind).Namespace(namespace).Get(ctx, "generic", metav1.GetOptions{})
	must(err)
	_, labelled := partial.Labels["generic"]
	expect(partial.Name == "generic" && labelled, "metadata alone: %v", partial)
	step("dynamic and metadata clients")
}

func election(client *kubernetes.Clientset) {
	lock, err := resourcelock.New(resourcelock.LeasesResourceLock, namespace, "leader", client.CoreV1(), client.CoordinationV1(), resourcelock.ResourceLockConfig{Identity: "walker"})
	must(err)
	running, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	led := false
	leaderelection.RunOrDie(running, leaderelection.LeaderElectionConfig{
		Lock: lock, LeaseDuration: 4 * time.Second, RenewDeadline: 3 * time.Second, RetryPeriod: 500 * time.Millisecond, ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{OnStartedLeading: func(context.Context) { led = true; stop() }, OnStoppedLeading: func() {}},
	})
	expect(led, "a leader is elected within half a minute")
	step("leader election")
}
