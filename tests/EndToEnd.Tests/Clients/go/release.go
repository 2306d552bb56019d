package main

import (
	"encoding/json"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes"
)

// What a package manager does with a release: a secret for each revision, found by its labels, and its objects changed by a patch that is made of
// the last manifest, the new one and the live object.
func release(client *kubernetes.Clientset) {
	records(client)
	workload := set("1.27", corev1.EnvVar{Name: "COLOR", Value: "red"}, corev1.EnvVar{Name: "OLD", Value: "1"})
	sets := client.AppsV1().StatefulSets(namespace)
	_, err := sets.Create(ctx, workload, metav1.CreateOptions{FieldManager: "release"})
	must(err)

	// What somebody else has set meanwhile stays, what the manifest no longer has goes.
	_, err = sets.Patch(ctx, workload.Name, types.StrategicMergePatchType,
		[]byte(`{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"THEIRS","value":"1"}]}]}}}}`), metav1.PatchOptions{FieldManager: "other"})
	must(err)
	live, err := sets.Get(ctx, workload.Name, metav1.GetOptions{})
	must(err)
	next := set("1.28", corev1.EnvVar{Name: "COLOR", Value: "blue"})
	patch := threeWay(workload, next, live)
	time.Sleep(1100 * time.Millisecond) // the times of managers have whole seconds
	changed, err := sets.Patch(ctx, workload.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{FieldManager: "release"})
	must(err)
	var variables []string
	for _, variable := range changed.Spec.Template.Spec.Containers[0].Env {
		variables = append(variables, variable.Name+"="+variable.Value)
	}
	expect(len(variables) == 2 && strings.Contains(strings.Join(variables, " "), "COLOR=blue") && strings.Contains(strings.Join(variables, " "), "THEIRS=1"),
		"the patch of three merges the variables: %v", variables)
	expect(managedAt(changed, "release").After(managedAt(live, "release")), "a manager's time follows its changes: %v", changed.ManagedFields)

	again, err := sets.Patch(ctx, workload.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{FieldManager: "release"})
	must(err)
	// Its controller may have written its status in between: what a user writes is counted by the generation.
	expect(again.Generation == changed.Generation && !managedAt(again, "release").After(managedAt(changed, "release")),
		"the same patch again changes nothing: %d, %d", changed.Generation, again.Generation)
	foreground := metav1.DeletePropagationForeground
	must(sets.Delete(ctx, workload.Name, metav1.DeleteOptions{PropagationPolicy: &foreground}))
	step("a release")
}

func records(client *kubernetes.Clientset) {
	secrets := client.CoreV1().Secrets(namespace)
	for revision, size := range map[string]int{"1": 1000, "2": 1024 * 1024} {
		_, err := secrets.Create(ctx, record(revision, size), metav1.CreateOptions{})
		must(err)
	}
	_, err := secrets.Create(ctx, record("3", 1024*1024+1), metav1.CreateOptions{})
	expect(apierrors.IsInvalid(err), "a secret has a mebibyte at the most: %v", err)
	found, err := secrets.List(ctx, metav1.ListOptions{LabelSelector: "owner=release,name=shop,status in (deployed,superseded),version!=1"})
	must(err)
	expect(len(found.Items) == 1 && len(found.Items[0].Data["release"]) == 1024*1024, "the record is found whole: %d", len(found.Items))
	must(secrets.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "owner=release"}))
}

func record(revision string, size int) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "release.shop.v" + revision, Labels: map[string]string{"owner": "release", "name": "shop", "status": "deployed", "version": revision}},
		Type:       "example.com/release.v1",
		Data:       map[string][]byte{"release": make([]byte, size)},
	}
}

// A set whose pods mount a claim of the set, which no volume of the template names.
func set(tag string, variables ...corev1.EnvVar) *appsv1.StatefulSet {
	labels, replicas := map[string]string{"app": "release"}, int32(0)
	return &appsv1.StatefulSet{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "StatefulSet"},
		ObjectMeta: metav1.ObjectMeta{Name: "release"},
		Spec: appsv1.StatefulSetSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{Containers: []corev1.Container{{
					Name: "web", Image: "nginx:" + tag, Env: variables, VolumeMounts: []corev1.VolumeMount{{Name: "data", MountPath: "/data"}},
				}}},
			},
			VolumeClaimTemplates: []corev1.PersistentVolumeClaim{{
				ObjectMeta: metav1.ObjectMeta{Name: "data"},
				Spec: corev1.PersistentVolumeClaimSpec{
					AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
					Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
				},
			}},
		},
	}
}

func threeWay(original, modified, current *appsv1.StatefulSet) []byte {
	form := func(of any) []byte {
		text, err := json.Marshal(of)
		must(err)
		return text
	}
	meta, err := strategicpatch.NewPatchMetaFromStruct(current)
	must(err)
	patch, err := strategicpatch.CreateThreeWayMergePatch(form(original), form(modified), form(current), meta, true)
	must(err)
	return patch
}

func managedAt(set *appsv1.StatefulSet, manager string) time.Time {
	for _, entry := range set.ManagedFields {
		if entry.Manager == manager && entry.Time != nil {
			return entry.Time.Time
		}
	}
	return time.Time{}
}
