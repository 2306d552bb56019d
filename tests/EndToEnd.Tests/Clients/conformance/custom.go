package main

import (
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
)

func init() {
	register("custom kinds: rules of CEL, also over the old object, with messages and paths", customRules)
	register("custom kinds: rules that cannot be are refused", customRulesRefused)
	register("custom kinds: what was wrong before does not hinder other changes", ratcheting)
	register("custom kinds: fields that select", selectableFields)
	register("custom kinds: status and scale", customSubresources)
}

var crds = kindOf("apiextensions.k8s.io", "v1", "customresourcedefinitions")

type customKind struct {
	group string
	api   dynamic.ResourceInterface
}

func definition(group, schema, more string) *unstructured.Unstructured {
	return parse(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: noxus.` + group + `}
spec:
  group: ` + group + `
  scope: Cluster
  names: {plural: noxus, singular: noxu, kind: Noxu, listKind: NoxuList, shortNames: [nx]}
  versions:
  - name: v1beta1
    served: true
    storage: true
    schema:
      openAPIV3Schema:` + schema + more)
}

// newCustomKind is a custom kind that is served, and gone again when the check ends.
func newCustomKind(here *place, schema, more string) customKind {
	group := here.namespace + ".example.com"
	got(objects.Resource(crds).Create(ctx, definition(group, schema, more), metav1.CreateOptions{}))
	api := objects.Resource(kindOf(group, "v1beta1", "noxus"))
	here.later(func() {
		left, _ := api.List(ctx, metav1.ListOptions{})
		if left != nil {
			for _, one := range left.Items {
				_, _ = api.Patch(ctx, one.GetName(), types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
			}
		}
		_ = objects.Resource(crds).Delete(ctx, "noxus."+group, metav1.DeleteOptions{})
	})
	eventually("the custom kind is served", func() bool {
		_, err := api.List(ctx, metav1.ListOptions{})
		return err == nil
	})
	return customKind{group, api}
}

func (c customKind) noxu(name, body string) *unstructured.Unstructured {
	return parse("apiVersion: " + c.group + "/v1beta1\nkind: Noxu\nmetadata: {name: " + name + "}\n" + body)
}

func customRules(here *place) {
	custom := newCustomKind(here, `
        type: object
        properties:
          spec:
            type: object
            x-kubernetes-validations:
            - {rule: "self.x + self.z > 0"}
            - {rule: "self.x < 100", messageExpression: "'x is %d'.format([self.x])", reason: FieldValueForbidden, fieldPath: ".x"}
            - {rule: "self.fixed == oldSelf.fixed", message: fixed is fixed}
            properties:
              x: {type: integer}
              z: {type: integer}
              fixed: {type: string, maxLength: 20, default: a}`, "")
	got(custom.api.Create(ctx, custom.noxu("right", "spec: {x: 1, z: 0}"), metav1.CreateOptions{}))
	_, err := custom.api.Create(ctx, custom.noxu("wrong", "spec: {x: -1, z: 0}"), metav1.CreateOptions{})
	refused(err, apierrors.IsInvalid, "failed rule: self.x + self.z > 0", "spec: Invalid value")
	_, err = custom.api.Create(ctx, custom.noxu("wrong", "spec: {x: 101, z: 0}"), metav1.CreateOptions{})
	refused(err, apierrors.IsInvalid, "spec.x: Forbidden: x is 101")
	_, err = custom.api.Patch(ctx, "right", types.MergePatchType, []byte(`{"spec":{"fixed":"b"}}`), metav1.PatchOptions{})
	refused(err, apierrors.IsInvalid, "fixed is fixed")
	got(custom.api.Patch(ctx, "right", types.MergePatchType, []byte(`{"spec":{"x":2}}`), metav1.PatchOptions{}))
}

func customRulesRefused(here *place) {
	for schema, word := range map[string]string{
		"{type: object, properties: {x: {type: integer}}, x-kubernetes-validations: [{rule: 'self.y > 0'}]}":                                                                          "undefined field 'y'",
		"{type: object, properties: {x: {type: integer}}, x-kubernetes-validations: [{rule: 'self.x'}]}":                                                                              "cel expression must evaluate to a bool",
		"{type: object, properties: {x: {type: integer}}, x-kubernetes-validations: [{rule: 'self.x > '}]}":                                                                           "compilation failed",
	} {
		_, err := objects.Resource(crds).Create(ctx, definition(here.namespace+".example.com", " "+schema, ""), metav1.CreateOptions{})
		expect(err != nil, "stored although: %s", word)
		refused(err, apierrors.IsInvalid, word)
	}
}

func ratcheting(here *place) {
	custom := newCustomKind(here, ` {type: object, properties: {spec: {type: object, properties: {a: {type: string}, b: {type: string}}}}}`, "")
	got(custom.api.Create(ctx, custom.noxu("old", "spec: {a: much too long, b: b}"), metav1.CreateOptions{}))
	path := `[{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/a/maxLength","value":3}]`
	got(objects.Resource(crds).Patch(ctx, "noxus."+custom.group, types.JSONPatchType, []byte(path), metav1.PatchOptions{}))
	eventually("the stricter schema is asked", func() bool {
		_, err := custom.api.Create(ctx, custom.noxu("new", "spec: {a: too long}"), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return apierrors.IsInvalid(err)
	})
	got(custom.api.Patch(ctx, "old", types.MergePatchType, []byte(`{"spec":{"b":"changed"}}`), metav1.PatchOptions{}))
	_, err := custom.api.Patch(ctx, "old", types.MergePatchType, []byte(`{"spec":{"a":"also too long"}}`), metav1.PatchOptions{})
	refused(err, apierrors.IsInvalid, "spec.a: Too long: may not be more than 3 bytes")
}

func selectableFields(here *place) {
	custom := newCustomKind(here, ` {type: object, properties: {color: {type: string}, size: {type: integer}}}`, "\n    selectableFields: [{jsonPath: .color}, {jsonPath: .size}]")
	seen := got(custom.api.Watch(ctx, metav1.ListOptions{FieldSelector: "color=blue"}))
	defer seen.Stop()
	for name, color := range map[string]string{"one": "blue", "two": "red", "three": "blue"} {
		got(custom.api.Create(ctx, custom.noxu(name, "color: "+color+"\nsize: 3"), metav1.CreateOptions{}))
	}
	expect(len(got(custom.api.List(ctx, metav1.ListOptions{FieldSelector: "color=blue"})).Items) == 2, "not the blue ones are listed")
	expect(len(got(custom.api.List(ctx, metav1.ListOptions{FieldSelector: "color!=blue,size=3"})).Items) == 1, "not the others are listed")
	_, err := custom.api.List(ctx, metav1.ListOptions{FieldSelector: "shape=round"})
	refused(err, apierrors.IsBadRequest, "field label not supported: shape")
	for range 2 {
		event := <-seen.ResultChan()
		expect(event.Type == watch.Added && event.Object.(*unstructured.Unstructured).Object["color"] == "blue", "the watch shows %v", event)
	}
	got(custom.api.Patch(ctx, "one", types.MergePatchType, []byte(`{"color":"red"}`), metav1.PatchOptions{}))
	event := <-seen.ResultChan()
	expect(event.Type == watch.Deleted && event.Object.(*unstructured.Unstructured).GetName() == "one", "what is selected no more is %v", event)
	must(custom.api.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{FieldSelector: "color=blue"}))
	expect(len(got(custom.api.List(ctx, metav1.ListOptions{})).Items) == 2, "more than the selected ones were deleted")
}

func customSubresources(here *place) {
	custom := newCustomKind(here, ` {type: object, properties: {spec: {type: object, properties: {replicas: {type: integer}}}, status: {type: object, properties: {replicas: {type: integer}, selector: {type: string}}}}}`,
		"\n    subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.selector}}")
	created := got(custom.api.Create(ctx, custom.noxu("one", "spec: {replicas: 1}\nstatus: {replicas: 9}"), metav1.CreateOptions{}))
	expect(created.Object["status"] == nil && created.GetGeneration() == 1, "a status was taken on creation: %v", created)
	written := got(custom.api.Patch(ctx, "one", types.MergePatchType, []byte(`{"metadata":{"labels":{"a":"b"}},"spec":{"replicas":7},"status":{"replicas":2,"selector":"a=b"}}`), metav1.PatchOptions{}, "status"))
	replicas, _, _ := unstructured.NestedInt64(written.Object, "spec", "replicas")
	expect(replicas == 1 && written.GetGeneration() == 1 && len(written.GetLabels()) == 0, "the status wrote more than itself: %v", written)
	scale := got(custom.api.Get(ctx, "one", metav1.GetOptions{}, "scale"))
	contains("scale", map[string]any{"kind": "Scale", "spec": map[string]any{"replicas": 1}, "status": map[string]any{"replicas": 2, "selector": "a=b"}}, scale.Object)
	scaled := got(custom.api.Patch(ctx, "one", types.MergePatchType, []byte(`{"spec":{"replicas":5}}`), metav1.PatchOptions{}, "scale"))
	contains("scaled", map[string]any{"spec": map[string]any{"replicas": 5}}, scaled.Object)
	replicas, _, _ = unstructured.NestedInt64(got(custom.api.Get(ctx, "one", metav1.GetOptions{})).Object, "spec", "replicas")
	expect(replicas == 5, "the object has %d replicas", replicas)
	discovered := got(client.Discovery().ServerResourcesForGroupVersion(custom.group + "/v1beta1"))
	expect(strings.Contains(fmt.Sprint(discovered.APIResources), "noxus/scale") && strings.Contains(fmt.Sprint(discovered.APIResources), "noxus/status"), "discovery says %v", discovered.APIResources)
}
