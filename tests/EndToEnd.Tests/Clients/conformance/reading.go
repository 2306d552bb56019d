package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
)

func init() {
	register("discovery: every group has a preferred version, and every version resources", discovery)
	register("discovery: aggregated, with what is custom, and by the Accept header", aggregatedDiscovery)
	register("discovery: version, health and the issuer of tokens", publicDocuments)
	register("lists: chunks at one version", chunks)
	register("lists: a token that is too old is told so, and how to go on", expiredToken)
	register("lists: tables, and 406 for who has none", tables)
	register("watches: restarted, from a version, and by a selector that stops matching", watching)
	register("watches: concurrent ones in one order", watchOrder)
	register("watches: lists that stream", watchLists)
	register("requests: time limits", timeLimits)
	register("requests: bodies, names and paths that cannot be", badRequests)
}

func raw(path, accept string) (string, error) {
	answer, err := client.RESTClient().Get().RequestURI(path).SetHeader("Accept", accept).DoRaw(ctx)
	return string(answer), err
}

func discovery(*place) {
	groups := got(client.Discovery().ServerGroups())
	expect(len(groups.Groups) > 15, "there are %d groups", len(groups.Groups))
	for _, group := range groups.Groups {
		listed := slices.ContainsFunc(group.Versions, func(v metav1.GroupVersionForDiscovery) bool { return v == group.PreferredVersion })
		expect(listed, "the preferred version of %s is %v of %v", group.Name, group.PreferredVersion, group.Versions)
		if strings.HasSuffix(group.Name, ".example.com") {
			continue // of another walker, perhaps gone by now
		}
		for _, version := range group.Versions {
			list := got(client.Discovery().ServerResourcesForGroupVersion(version.GroupVersion))
			expect(list.GroupVersion == version.GroupVersion && len(list.APIResources) > 0, "%s: %v", version.GroupVersion, list)
		}
	}
}

func aggregatedDiscovery(here *place) {
	newCustomKind(here, " {type: object}", "\n    subresources: {status: {}}")
	for _, form := range []string{"application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"} {
		text := got(raw("/apis", form))
		var list struct {
			Kind, APIVersion string
			Items            []struct {
				Metadata metav1.ObjectMeta
				Versions []struct {
					Version, Freshness string
					Resources          []struct {
						Resource, Scope, SingularResource string
						ResponseKind                      metav1.GroupVersionKind
						Verbs                             []string
						Subresources                      []struct{ Subresource string }
					}
				}
			}
		}
		must(json.Unmarshal([]byte(text), &list))
		expect(list.Kind == "APIGroupDiscoveryList" && list.APIVersion == "apidiscovery.k8s.io/v2", "it is %s %s", list.APIVersion, list.Kind)
		seen := map[string]bool{}
		for _, group := range list.Items {
			for _, version := range group.Versions {
				for _, one := range version.Resources {
					seen[group.Metadata.Name+"/"+version.Version+"/"+one.Resource] = one.ResponseKind.Kind != "" && one.Scope != "" && len(one.Verbs) > 0
				}
			}
		}
		for _, one := range []string{"apps/v1/deployments", "batch/v1/jobs", "discovery.k8s.io/v1/endpointslices", here.namespace + ".example.com/v1beta1/noxus", "apiextensions.k8s.io/v1/customresourcedefinitions"} {
			expect(seen[one], "%s is not in /apis", one)
		}
	}
	core := got(raw("/api", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"))
	expect(strings.Contains(core, `"resource":"pods"`) && strings.Contains(core, `"subresource":"ephemeralcontainers"`), "/api lacks pods")
	plain := got(raw("/apis", "application/json"))
	expect(strings.Contains(plain, `"kind":"APIGroupList"`), "plain JSON is %.60s", plain)
	_, resources, err := client.Discovery().ServerGroupsAndResources()
	must(err)
	expect(slices.ContainsFunc(resources, func(l *metav1.APIResourceList) bool { return l.GroupVersion == here.namespace+".example.com/v1beta1" }), "the client does not find the custom kind")
}

func publicDocuments(*place) {
	version := got(client.Discovery().ServerVersion())
	number := regexp.MustCompile(`^[0-9]+$`)
	expect(number.MatchString(version.Major) && number.MatchString(version.Minor), "the version is %s.%s", version.Major, version.Minor)
	for _, path := range []string{"/livez", "/readyz", "/healthz"} {
		expect(got(raw(path, "*/*")) == "ok", "%s is not ok", path)
		expect(strings.Contains(got(raw(path+"?verbose", "*/*")), "[+]ping ok"), "%s?verbose has no ping", path)
	}
	var issuer struct {
		Issuer, JWKS_URI string
		Algorithms       []string `json:"id_token_signing_alg_values_supported"`
	}
	must(json.Unmarshal([]byte(got(raw("/.well-known/openid-configuration", "*/*"))), &issuer))
	expect(issuer.Issuer != "" && len(issuer.Algorithms) > 0, "the issuer's document: %v", issuer)
	expect(strings.Contains(got(raw("/openid/v1/jwks", "*/*")), `"keys":`), "there are no keys")
	expect(strings.Contains(got(raw("/metrics", "*/*")), "apiserver_request_total"), "requests are not counted")
}

func newTemplates(here *place, count int) {
	for i := range count {
		template := &corev1.PodTemplate{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("t-%03d", i)}, Template: corev1.PodTemplateSpec{Spec: idlePod("", nil).Spec}}
		got(client.CoreV1().PodTemplates(here.namespace).Create(ctx, template, metav1.CreateOptions{}))
	}
}

func chunks(here *place) {
	const total = 40
	newTemplates(here, total)
	api := client.CoreV1().PodTemplates(here.namespace)
	options, seen, version := metav1.ListOptions{Limit: 17}, 0, ""
	for {
		list := got(api.List(ctx, options))
		expect(len(list.Items) <= 17 && (version == "" || list.ResourceVersion == version), "a chunk of %d at %s after %s", len(list.Items), list.ResourceVersion, version)
		version = list.ResourceVersion
		for _, one := range list.Items {
			expect(one.Name == fmt.Sprintf("t-%03d", seen), "%s is number %d", one.Name, seen)
			seen++
		}
		if list.Continue == "" {
			expect(list.RemainingItemCount == nil, "the last chunk tells of more")
			break
		}
		expect(*list.RemainingItemCount == int64(total-seen), "%d are left, not %d", total-seen, *list.RemainingItemCount)
		options.Continue = list.Continue
		// What is written meanwhile is not seen.
		_, _ = api.Create(ctx, &corev1.PodTemplate{ObjectMeta: metav1.ObjectMeta{Name: "t-999"}, Template: corev1.PodTemplateSpec{Spec: idlePod("", nil).Spec}}, metav1.CreateOptions{})
	}
	expect(seen == total, "%d are seen", seen)
	expect(len(got(api.List(ctx, metav1.ListOptions{})).Items) == total+1, "not all are listed at once")
	_, err := api.List(ctx, metav1.ListOptions{Continue: options.Continue, ResourceVersion: "1"})
	refused(err, func(err error) bool { return apierrors.IsBadRequest(err) || apierrors.IsInvalid(err) })
	_, err = api.List(ctx, metav1.ListOptions{Continue: "not a token"})
	refused(err, apierrors.IsBadRequest, "continue key is not valid")
}

func expiredToken(here *place) {
	newTemplates(here, 3)
	api := client.CoreV1().PodTemplates(here.namespace)
	_, err := api.List(ctx, metav1.ListOptions{ResourceVersion: "99999999999", ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan})
	refused(err, func(err error) bool { return apierrors.IsTimeout(err) && strings.Contains(err.Error(), "Too large resource version") })
	_, err = api.List(ctx, metav1.ListOptions{ResourceVersion: "1", ResourceVersionMatch: "Sideways"})
	refused(err, apierrors.IsInvalid, "resourceVersionMatch")
	_, err = api.List(ctx, metav1.ListOptions{ResourceVersionMatch: metav1.ResourceVersionMatchExact})
	refused(err, apierrors.IsInvalid, "resourceVersionMatch is forbidden unless resourceVersion is provided")
	list := got(api.List(ctx, metav1.ListOptions{Limit: 1}))
	exact := got(api.List(ctx, metav1.ListOptions{ResourceVersion: list.ResourceVersion, ResourceVersionMatch: metav1.ResourceVersionMatchExact}))
	expect(exact.ResourceVersion == list.ResourceVersion && len(exact.Items) == 3, "exactly: %s with %d", exact.ResourceVersion, len(exact.Items))
}

func tables(here *place) {
	newTemplates(here, 3)
	const form = "application/json;as=Table;v=v1;g=meta.k8s.io"
	var table metav1.Table
	path := "/api/v1/namespaces/" + here.namespace + "/podtemplates"
	must(json.Unmarshal([]byte(got(raw(path+"?limit=2", form))), &table))
	expect(table.Kind == "Table" && len(table.Rows) == 2 && table.Continue != "" && table.ColumnDefinitions[0].Name == "Name" && table.Rows[0].Cells[0] == "t-000", "the table: %v", table)
	must(json.Unmarshal([]byte(got(raw("/api/v1/nodes", form))), &table))
	expect(slices.ContainsFunc(table.ColumnDefinitions, func(c metav1.TableColumnDefinition) bool { return c.Name == "Roles" }), "nodes have no roles: %v", table.ColumnDefinitions)
	review := []byte(`{"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}`)
	_, err := client.RESTClient().Post().RequestURI("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews").SetHeader("Accept", form).SetHeader("Content-Type", "application/json").Body(review).DoRaw(ctx)
	refused(err, apierrors.IsNotAcceptable)
	partial := got(metadata.NewForConfigOrDie(rest.CopyConfig(config)).Resource(kindOf("", "v1", "podtemplates")).Namespace(here.namespace).List(ctx, metav1.ListOptions{}))
	expect(len(partial.Items) == 3 && partial.Items[0].Name == "t-000", "metadata alone: %v", partial)
}

func newMap(here *place, name string, labels map[string]string) *corev1.ConfigMap {
	return got(client.CoreV1().ConfigMaps(here.namespace).Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}, metav1.CreateOptions{}))
}

func next(seen watch.Interface, kind watch.EventType, name string) *corev1.ConfigMap {
	select {
	case event := <-seen.ResultChan():
		one, isMap := event.Object.(*corev1.ConfigMap)
		expect(isMap && event.Type == kind && one.Name == name, "seen is %s %v, not %s %s", event.Type, event.Object, kind, name)
		return one
	case <-time.After(patience):
		panic(fmt.Errorf("%s %s is not seen", kind, name))
	}
}

func watching(here *place) {
	api := client.CoreV1().ConfigMaps(here.namespace)
	of := metav1.ListOptions{LabelSelector: "watch=a"}
	all := got(api.Watch(ctx, metav1.ListOptions{LabelSelector: "watch in (a,b)"}))
	first := got(api.Watch(ctx, of))
	made := newMap(here, "m", map[string]string{"watch": "a"})
	next(first, watch.Added, "m")
	first.Stop()
	change := func(patch string) *corev1.ConfigMap {
		return got(api.Patch(ctx, "m", types.MergePatchType, []byte(patch), metav1.PatchOptions{}))
	}
	change(`{"data":{"n":"1"}}`)
	last := change(`{"data":{"n":"2"}}`)
	again := got(api.Watch(ctx, metav1.ListOptions{LabelSelector: of.LabelSelector, ResourceVersion: made.ResourceVersion}))
	defer again.Stop()
	next(again, watch.Modified, "m")
	expect(next(again, watch.Modified, "m").ResourceVersion == last.ResourceVersion, "the restarted watch is not where the writes are")
	change(`{"metadata":{"labels":{"watch":"b"}}}`)
	next(again, watch.Deleted, "m")
	change(`{"data":{"n":"3"}}`)
	change(`{"metadata":{"labels":{"watch":"a"}}}`)
	expect(next(again, watch.Added, "m").Data["n"] == "3", "it came back otherwise")
	must(api.Delete(ctx, "m", metav1.DeleteOptions{}))
	expect(next(again, watch.Deleted, "m").ResourceVersion > last.ResourceVersion, "a deletion has a version of its own")
	defer all.Stop()
	for _, kind := range []watch.EventType{watch.Added, watch.Modified, watch.Modified, watch.Modified, watch.Modified, watch.Modified, watch.Deleted} {
		next(all, kind, "m")
	}
}

func watchOrder(here *place) {
	api := client.CoreV1().ConfigMaps(here.namespace)
	start := newMap(here, "start", nil).ResourceVersion
	const total = 60
	go func() {
		for i := range total {
			_, _ = api.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("o-", i%10)}}, metav1.CreateOptions{})
			if i%3 == 2 {
				_ = api.Delete(ctx, fmt.Sprint("o-", i%10), metav1.DeleteOptions{})
			}
			_, _ = api.Patch(ctx, "start", types.MergePatchType, []byte(fmt.Sprintf(`{"data":{"n":"%d"}}`, i)), metav1.PatchOptions{})
		}
		_ = api.Delete(ctx, "start", metav1.DeleteOptions{})
	}()
	read := func(seen watch.Interface) (versions []string) {
		defer seen.Stop()
		for event := range seen.ResultChan() {
			one := event.Object.(*corev1.ConfigMap)
			versions = append(versions, string(event.Type)+one.ResourceVersion)
			if event.Type == watch.Deleted && one.Name == "start" {
				return
			}
		}
		return
	}
	reference := read(got(api.Watch(ctx, metav1.ListOptions{ResourceVersion: start})))
	expect(len(reference) >= total, "%d are seen", len(reference))
	for i, from := range reference {
		if i%10 != 0 {
			continue
		}
		version := strings.TrimLeft(from, "ADEMIOFLT")
		rest := read(got(api.Watch(ctx, metav1.ListOptions{ResourceVersion: version})))
		expect(slices.Equal(rest, reference[i+1:]), "from %s on another order is seen", version)
	}
}

func watchLists(here *place) {
	for i := range 5 {
		newMap(here, fmt.Sprint("w-", i), map[string]string{"stream": "yes"})
	}
	api := client.CoreV1().ConfigMaps(here.namespace)
	truth := ptr(true)
	seen := got(api.Watch(ctx, metav1.ListOptions{LabelSelector: "stream=yes", SendInitialEvents: truth, AllowWatchBookmarks: true, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan}))
	defer seen.Stop()
	for i := range 5 {
		next(seen, watch.Added, fmt.Sprint("w-", i))
	}
	mark := <-seen.ResultChan()
	expect(mark.Type == watch.Bookmark && mark.Object.(*corev1.ConfigMap).Annotations[metav1.InitialEventsAnnotationKey] == "true", "after the list comes %v", mark)
	newMap(here, "w-9", map[string]string{"stream": "yes"})
	next(seen, watch.Added, "w-9")
	_, err := api.Watch(ctx, metav1.ListOptions{SendInitialEvents: truth, AllowWatchBookmarks: true})
	refused(err, apierrors.IsInvalid, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
	_, err = api.List(ctx, metav1.ListOptions{SendInitialEvents: truth, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan})
	refused(err, apierrors.IsInvalid, "sendInitialEvents is forbidden for list")
}

func timeLimits(here *place) {
	path := "/api/v1/namespaces/" + here.namespace + "/configmaps"
	_, err := raw(path+"?timeout=invalid", "application/json")
	refused(err, apierrors.IsBadRequest)
	got(raw(path+"?timeout=10s", "application/json"))
	began := time.Now()
	_, err = client.RESTClient().Get().RequestURI(path + "?watch=true&timeoutSeconds=1").DoRaw(ctx)
	must(err)
	expect(time.Since(began) < 5*time.Second && time.Since(began) > 900*time.Millisecond, "a watch of a second took %v", time.Since(began))
}

func badRequests(here *place) {
	for path, code := range map[string]int{
		"/apis/extensions/v1beta1/ingresses": 404, "/apis/apps/v1beta1/deployments": 404, "/api/v2": 404, "/nothing": 404,
		"/api/v1/namespaces/" + here.namespace + "/pods?labelSelector=a,,=": 400, "/api/v1/namespaces/" + here.namespace + "/pods?fieldSelector=spec.nothing=1": 400,
		"/api/v1/namespaces/" + here.namespace + "/pods?limit=many": 400, "/api/v1/namespaces/" + here.namespace + "/pods?resourceVersion=x": 400,
	} {
		_, err := raw(path, "application/json")
		status, isStatus := err.(apierrors.APIStatus)
		expect(isStatus && int(status.Status().Code) == code, "%s is %v, not %d", path, err, code)
	}
	body := func(text string) error {
		return client.RESTClient().Post().RequestURI("/api/v1/namespaces/"+here.namespace+"/configmaps").SetHeader("Content-Type", "application/json").Body([]byte(text)).Do(ctx).Error()
	}
	refused(body(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}`), apierrors.IsBadRequest)
	refused(body(`{"metadata":{"name":"a"`), apierrors.IsBadRequest)
	refused(body(`{"metadata":{"name":"a","namespace":"elsewhere"}}`), apierrors.IsBadRequest, "the namespace of the provided object does not match the namespace sent on the request")
	refused(body(`{"metadata":{}}`), apierrors.IsInvalid, "name or generateName is required")
}
