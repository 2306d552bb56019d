package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/retry"
)

func init() {
	for number, one := range kinds {
		register("life of "+one.plural+"."+one.group+"/"+one.version, func(here *place) { (&life{kind: one, place: here, number: number + 1}).walk() })
	}
}

type life struct {
	kind
	*place
	number  int
	api     dynamic.ResourceInterface
	all     dynamic.ResourceInterface
	name    string
	seen    watch.Interface
	version int64
}

const mark = "walk.example.com/life"

func (l *life) gvr() schema.GroupVersionResource { return kindOf(l.group, l.version_(), l.plural) }
func (l *life) version_() string                 { return l.kind.version }
func (l *life) selector() string                 { return mark + "=" + l.namespace }

func (l *life) walk() {
	l.all = objects.Resource(l.gvr())
	l.api = l.all
	if !l.cluster {
		l.api = objects.Resource(l.gvr()).Namespace(l.namespace)
	}
	l.name = l.named_(0)
	l.discovered()
	before := got(l.api.List(ctx, metav1.ListOptions{LabelSelector: l.selector()}))
	expect(len(before.Items) == 0, "there is something before anything is made")
	l.seen = got(l.all.Watch(ctx, metav1.ListOptions{LabelSelector: l.selector(), ResourceVersion: before.GetResourceVersion(), TimeoutSeconds: ptr(int64(60))}))
	defer l.seen.Stop()
	l.later(func() { _ = l.api.Delete(ctx, l.name, metav1.DeleteOptions{}) })

	l.created()
	l.read()
	l.updated()
	l.patched()
	if l.status != "" {
		l.statusWritten()
	}
	l.deleted()
	l.collected()
}

func ptr[T any](value T) *T { return &value }

func (l *life) named_(which int) string {
	if l.named == "" {
		return fmt.Sprintf("%s-%d", l.namespace, which)
	}
	return fmt.Sprintf(l.named, l.number*4%256+which)
}

func (l *life) object_(which int) *unstructured.Unstructured {
	text := strings.ReplaceAll(strings.ReplaceAll(l.object, "NAMESPACE", l.namespace), "NUMBER", strconv.Itoa(l.number*4%256+which))
	one := parse(text)
	one.SetAPIVersion(l.gvr().GroupVersion().String())
	one.SetKind(l.kind.name)
	one.SetName(l.named_(which))
	one.SetLabels(map[string]string{mark: l.namespace})
	return one
}

// discovered: group, version, resource and its status are all found where a client looks for them.
func (l *life) discovered() {
	if l.group != "" {
		var groups metav1.APIGroupList
		must(json.Unmarshal(got(client.RESTClient().Get().AbsPath("/apis").SetHeader("Accept", "application/json").DoRaw(ctx)), &groups))
		listed := slices.ContainsFunc(groups.Groups, func(g metav1.APIGroup) bool { return g.Name == l.group && g.PreferredVersion.Version != "" })
		expect(listed, "/apis does not list %s", l.group)
		var group metav1.APIGroup
		must(json.Unmarshal(got(client.RESTClient().Get().AbsPath("/apis/"+l.group).SetHeader("Accept", "application/json").DoRaw(ctx)), &group))
		listed = slices.ContainsFunc(group.Versions, func(v metav1.GroupVersionForDiscovery) bool { return v.Version == l.version_() })
		expect(listed, "/apis/%s does not list %s", l.group, l.version_())
	}
	list := got(client.Discovery().ServerResourcesForGroupVersion(l.gvr().GroupVersion().String()))
	verbs := map[string][]string{}
	for _, one := range list.APIResources {
		verbs[one.Name] = one.Verbs
		if one.Name == l.plural {
			expect(one.Kind == l.kind.name && one.Namespaced == !l.cluster, "%s is described as %v", l.plural, one)
		}
	}
	wanted := []string{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}
	if l.plural == "namespaces" {
		wanted = []string{"create", "delete", "get", "list", "patch", "update", "watch"}
	}
	sorted := slices.Sorted(slices.Values(verbs[l.plural]))
	expect(slices.Equal(sorted, wanted), "the verbs of %s are %v", l.plural, sorted)
	if l.status != "" {
		sorted = slices.Sorted(slices.Values(verbs[l.plural+"/status"]))
		expect(slices.Equal(sorted, []string{"get", "patch", "update"}), "the verbs of %s/status are %v", l.plural, sorted)
	}
}

// newer checks that what comes back is a later version of the same object.
func (l *life) newer(after *unstructured.Unstructured, what string) {
	version, err := strconv.ParseInt(after.GetResourceVersion(), 10, 64)
	must(err)
	expect(version > l.version, "%s: version %d after %d", what, version, l.version)
	expect(after.GetName() == l.name && after.GetUID() != "", "%s: %v", what, after.Object["metadata"])
	l.version = version
}

func (l *life) event(kind watch.EventType, that func(*unstructured.Unstructured) bool) {
	timeout := time.After(patience)
	for {
		select {
		case event, open := <-l.seen.ResultChan():
			expect(open, "the watch ended")
			expect(event.Type != watch.Error, "the watch failed: %v", event.Object)
			if event.Type == kind && that(event.Object.(*unstructured.Unstructured)) {
				return
			}
		case <-timeout:
			panic(fmt.Errorf("no %s was seen", kind))
		}
	}
}

func (l *life) created() {
	asked := l.object_(0)
	got(l.api.Create(ctx, asked, metav1.CreateOptions{FieldValidation: "Strict", DryRun: []string{metav1.DryRunAll}}))
	_, err := l.api.Get(ctx, l.name, metav1.GetOptions{})
	refused(err, notFound)
	created := got(l.api.Create(ctx, asked, metav1.CreateOptions{FieldValidation: "Strict"}))
	contains("created", asked.Object, created.Object)
	l.newer(created, "created")
	l.event(watch.Added, func(o *unstructured.Unstructured) bool { return o.GetUID() == created.GetUID() })
	_, err = l.api.Create(ctx, asked, metav1.CreateOptions{})
	refused(err, apierrors.IsAlreadyExists, l.plural, l.name, "already exists")
}

func (l *life) read() {
	asked := l.object_(0)
	contains("read", asked.Object, got(l.api.Get(ctx, l.name, metav1.GetOptions{})).Object)
	listed := got(l.api.List(ctx, metav1.ListOptions{LabelSelector: l.selector()}))
	expect(len(listed.Items) == 1, "%d are listed", len(listed.Items))
	everywhere := got(l.all.List(ctx, metav1.ListOptions{LabelSelector: l.selector()}))
	expect(len(everywhere.Items) == 1, "%d are listed everywhere", len(everywhere.Items))
	expect(len(got(l.api.List(ctx, metav1.ListOptions{FieldSelector: "metadata.name=" + l.name})).Items) == 1, "a name does not select it")
	l.sameInProtobuf()
}

// sameInProtobuf reads the object in both forms, at one version, and compares what Go makes of it.
func (l *life) sameInProtobuf() {
	gvk := l.gvr().GroupVersion().WithKind(l.kind.name)
	if !scheme.Scheme.Recognizes(gvk) {
		return
	}
	read := func(form string) runtime.Object {
		one := rest.CopyConfig(config)
		one.GroupVersion, one.NegotiatedSerializer = ptr(l.gvr().GroupVersion()), scheme.Codecs.WithoutConversion()
		one.AcceptContentTypes, one.ContentType, one.APIPath = form, form, "/apis"
		if l.group == "" {
			one.APIPath = "/api"
		}
		return got(got(rest.RESTClientFor(one)).Get().NamespaceIfScoped(l.namespace, !l.cluster).Resource(l.plural).Name(l.name).Do(ctx).Get())
	}
	var one, other runtime.Object
	eventually("JSON and protobuf are read at one version", func() bool {
		one, other = read("application/json"), read(protobuf)
		return one.(metav1.Object).GetResourceVersion() == other.(metav1.Object).GetResourceVersion()
	})
	left, right := string(got(json.Marshal(one))), string(got(json.Marshal(other)))
	// The type of an object is of no meaning in Go's own types; only one of both decoders fills it.
	strip := func(text string) any {
		var tree map[string]any
		must(json.Unmarshal([]byte(text), &tree))
		delete(tree, "kind")
		delete(tree, "apiVersion")
		return withoutEmpty(tree)
	}
	expect(reflect.DeepEqual(strip(left), strip(right)), "JSON says %s, protobuf says %s", left, right)
}

// withoutEmpty drops empty lists and nulls, which are one and the same in protobuf.
func withoutEmpty(value any) any {
	tree, isMap := value.(map[string]any)
	if !isMap {
		return value
	}
	for key, below := range tree {
		if list, isList := below.([]any); below == nil || isList && len(list) == 0 {
			delete(tree, key)
		} else {
			tree[key] = withoutEmpty(below)
		}
	}
	return tree
}

// changed lays a merge patch over an object.
func changed(object *unstructured.Unstructured, patch string) *unstructured.Unstructured {
	after := object.DeepCopy()
	var tree map[string]any
	must(json.Unmarshal([]byte(patch), &tree))
	merge(after.Object, tree)
	return after
}

func merge(into, patch map[string]any) {
	for key, value := range patch {
		below, isMap := value.(map[string]any)
		present, hasMap := into[key].(map[string]any)
		if isMap && hasMap {
			merge(present, below)
		} else if value == nil {
			delete(into, key)
		} else {
			into[key] = normal(value)
		}
	}
}

// normal makes whole numbers of JSON the kind of number that unstructured objects hold.
func normal(value any) any {
	switch it := value.(type) {
	case float64:
		return int64(it)
	case map[string]any:
		for key := range it {
			it[key] = normal(it[key])
		}
	case []any:
		for i := range it {
			it[i] = normal(it[i])
		}
	}
	return value
}

func labelled(by string) string { return `{"metadata":{"labels":{"` + by + `":"walked"}}}` }

func (l *life) updated() {
	var after *unstructured.Unstructured
	must(retry.RetryOnConflict(retry.DefaultRetry, func() (err error) {
		asked := changed(got(l.api.Get(ctx, l.name, metav1.GetOptions{})), labelled("updated"))
		if l.change != "" {
			asked = changed(asked, l.change)
		}
		after, err = l.api.Update(ctx, asked, metav1.UpdateOptions{FieldValidation: "Strict"})
		return err
	}))
	l.newer(after, "updated")
	expect(after.GetLabels()["updated"] == "walked", "the update lost a label")
	l.containsChange("updated", after)
	l.event(watch.Modified, func(o *unstructured.Unstructured) bool { return o.GetLabels()["updated"] == "walked" })
	stale := after.DeepCopy()
	stale.SetResourceVersion("1")
	_, err := l.api.Update(ctx, stale, metav1.UpdateOptions{})
	refused(err, apierrors.IsConflict)
}

func (l *life) containsChange(what string, after *unstructured.Unstructured) {
	if l.change == "" {
		return
	}
	var wanted map[string]any
	must(json.Unmarshal([]byte(l.change), &wanted))
	contains(what, wanted, after.Object)
}

func (l *life) patched() {
	for _, form := range []types.PatchType{types.MergePatchType, types.StrategicMergePatchType, types.JSONPatchType, types.ApplyPatchType} {
		by := map[types.PatchType]string{types.MergePatchType: "merged", types.StrategicMergePatchType: "strategic", types.JSONPatchType: "json", types.ApplyPatchType: "applied"}[form]
		options := metav1.PatchOptions{FieldValidation: "Strict"}
		patch := labelled(by)
		switch form {
		case types.JSONPatchType:
			patch = `[{"op":"test","path":"/metadata/name","value":"` + l.name + `"},{"op":"add","path":"/metadata/labels/json","value":"walked"}]`
		case types.ApplyPatchType:
			options.FieldManager, options.Force = "walk-apply", ptr(true)
			patch = l.applied(patch, l.change)
		default:
			if l.change != "" {
				patch = string(got(json.Marshal(changed(parse(patch), l.change).Object)))
			}
		}
		after, err := l.api.Patch(ctx, l.name, form, []byte(patch), options)
		expect(err == nil, "%s patch: %v", by, err)
		l.newer(after, by)
		expect(after.GetLabels()[by] == "walked" && after.GetLabels()["updated"] == "walked", "%s patch: labels %v", by, after.GetLabels())
		l.containsChange(by, after)
		l.event(watch.Modified, func(o *unstructured.Unstructured) bool { return o.GetLabels()[by] == "walked" })
	}
	_, err := l.api.Patch(ctx, l.name+"x", types.MergePatchType, []byte(`{}`), metav1.PatchOptions{})
	refused(err, notFound)
}

func (l *life) applied(patch, change string) string {
	one := parse(patch)
	if change != "" {
		one = changed(one, change)
	}
	one.SetAPIVersion(l.gvr().GroupVersion().String())
	one.SetKind(l.kind.name)
	one.SetName(l.name)
	return string(got(one.MarshalJSON()))
}

func (l *life) statusWritten() {
	var wanted map[string]any
	must(json.Unmarshal([]byte(l.status), &wanted))
	before := got(l.api.Get(ctx, l.name, metav1.GetOptions{}, "status"))
	expect(before.GetKind() == l.kind.name && before.GetUID() != "", "the status is read as %v", before.Object["metadata"])
	check := func(by string, after *unstructured.Unstructured, err error) {
		expect(err == nil, "status, %s: %v", by, err)
		contains("status, "+by, wanted, after.Object)
		expect(after.GetAnnotations()[by] == "walked" != l.statusKeepsMetadata, "status, %s: annotations %v", by, after.GetAnnotations())
		spec, _, _ := unstructured.NestedString(after.Object, "spec", "walked")
		expect(spec == "", "status, %s: the spec changed", by)
		if l.statusKeepsMetadata {
			return
		}
		l.event(watch.Modified, func(o *unstructured.Unstructured) bool { return o.GetAnnotations()[by] == "walked" })
	}
	annotated := func(by string) string { return `{"metadata":{"annotations":{"` + by + `":"walked"}}}` }

	var after *unstructured.Unstructured
	err := retry.RetryOnConflict(retry.DefaultRetry, func() (err error) {
		asked := changed(changed(got(l.api.Get(ctx, l.name, metav1.GetOptions{}, "status")), l.status), annotated("status-updated"))
		after, err = l.api.UpdateStatus(ctx, asked, metav1.UpdateOptions{FieldValidation: "Strict"})
		return err
	})
	check("status-updated", after, err)
	for by, form := range map[string]types.PatchType{"status-merged": types.MergePatchType, "status-strategic": types.StrategicMergePatchType} {
		patch := string(got(json.Marshal(changed(parse(annotated(by)), l.status).Object)))
		after, err = l.api.Patch(ctx, l.name, form, []byte(patch), metav1.PatchOptions{FieldValidation: "Strict"}, "status")
		check(by, after, err)
	}
	after, err = l.api.Patch(ctx, l.name, types.ApplyPatchType, []byte(l.applied(annotated("status-applied"), l.status)), metav1.PatchOptions{FieldManager: "walk-status", Force: ptr(true)}, "status")
	check("status-applied", after, err)
	if before.GetAnnotations() == nil && l.statusKeepsMetadata {
		return // there is nothing below which a JSON patch could add
	}
	operations := []map[string]any{{"op": "add", "path": "/metadata/annotations/status-json", "value": "walked"}}
	for field, value := range wanted["status"].(map[string]any) {
		operations = append(operations, map[string]any{"op": "add", "path": "/status/" + field, "value": value})
	}
	patch := string(got(json.Marshal(operations)))
	after, err = l.api.Patch(ctx, l.name, types.JSONPatchType, []byte(patch), metav1.PatchOptions{}, "status")
	check("status-json", after, err)
}

func (l *life) gone(which int) {
	eventually(l.named_(which)+" is gone", func() bool {
		_, err := l.api.Get(ctx, l.named_(which), metav1.GetOptions{})
		return notFound(err)
	})
}

func (l *life) deleted() {
	got(l.api.Get(ctx, l.name, metav1.GetOptions{}))
	must(l.api.Delete(ctx, l.name, metav1.DeleteOptions{GracePeriodSeconds: ptr(int64(0))}))
	l.gone(0)
	l.event(watch.Deleted, func(o *unstructured.Unstructured) bool { return o.GetName() == l.name })
	refused(l.api.Delete(ctx, l.name, metav1.DeleteOptions{}), notFound)
}

func (l *life) collected() {
	for which := range 3 {
		got(l.api.Create(ctx, l.object_(which), metav1.CreateOptions{}))
		l.later(func() { _ = l.api.Delete(ctx, l.named_(which), metav1.DeleteOptions{}) })
	}
	if l.plural == "namespaces" {
		return
	}
	got(l.api.Patch(ctx, l.named_(2), types.MergePatchType, []byte(`{"metadata":{"labels":{"`+mark+`":"kept"}}}`), metav1.PatchOptions{}))
	listed := got(l.api.List(ctx, metav1.ListOptions{LabelSelector: l.selector()}))
	expect(len(listed.Items) == 2, "%d are listed, not 2", len(listed.Items))
	must(l.api.DeleteCollection(ctx, metav1.DeleteOptions{GracePeriodSeconds: ptr(int64(0))}, metav1.ListOptions{LabelSelector: l.selector()}))
	l.gone(0)
	l.gone(1)
	got(l.api.Get(ctx, l.named_(2), metav1.GetOptions{}))
}

// contains: everything that was asked for is there; more may be.
func contains(what string, asked, there any) {
	missing := lacks("", asked, there)
	expect(missing == "", "%s: %s", what, missing)
}

func lacks(at string, asked, there any) string {
	switch wanted := asked.(type) {
	case map[string]any:
		present, isMap := there.(map[string]any)
		if !isMap && len(wanted) > 0 {
			return fmt.Sprintf("%s is %v", at, there)
		}
		for key, value := range wanted {
			if missing := lacks(at+"."+key, value, present[key]); missing != "" {
				return missing
			}
		}
		return ""
	case []any:
		present, _ := there.([]any)
		for i, value := range wanted {
			if !slices.ContainsFunc(present, func(candidate any) bool { return lacks(at, value, candidate) == "" }) {
				return fmt.Sprintf("%s[%d] is not among %v", at, i, there)
			}
		}
		return ""
	case nil:
		return ""
	}
	if fmt.Sprint(asked) != fmt.Sprint(there) {
		return fmt.Sprintf("%s is %v, not %v", at, there, asked)
	}
	return ""
}
