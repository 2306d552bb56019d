// What upstream's conformance suite asks of the API beyond Kubernetes 1.20, walked with the official Go client. Nothing here needs a running pod.
// Usage: conformance [PATTERN]. Prints a line a check; the exit code says whether all held.
package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"
)

const (
	protobuf = "application/vnd.kubernetes.protobuf"
	patience = 20 * time.Second
	atOnce   = 4
)

var (
	ctx     = context.Background()
	config  *rest.Config
	client  *kubernetes.Clientset // speaks protobuf, as upstream's suite does
	objects *dynamic.DynamicClient
	run     = "walk-" + rand.String(5)
)

// A place is what one check has to itself: a namespace, and what is undone when the check ends.
type place struct {
	namespace string
	undo      []func()
}

func (p *place) later(undo func()) { p.undo = append(p.undo, undo) }

type check struct {
	name string
	walk func(*place)
}

var checks []check

func register(name string, walk func(*place)) { checks = append(checks, check{name, walk}) }

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func got[T any](value T, err error) T {
	must(err)
	return value
}

func expect(condition bool, format string, arguments ...any) {
	if !condition {
		panic(fmt.Errorf(format, arguments...))
	}
}

func refused(err error, is func(error) bool, words ...string) {
	expect(err != nil, "what must be refused was done")
	expect(is(err), "refused otherwise than expected: %v", err)
	for _, word := range words {
		expect(strings.Contains(err.Error(), word), "the refusal does not say %q: %v", word, err)
	}
}

func anyError(error) bool { return true }

func eventually(what string, condition func() bool) {
	err := wait.PollUntilContextTimeout(ctx, 25*time.Millisecond, patience, true, func(context.Context) (bool, error) { return condition(), nil })
	expect(err == nil, "within %v it is not so that %s", patience, what)
}

// parse makes an object of a manifest.
func parse(manifest string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	must(yaml.Unmarshal([]byte(manifest), &object.Object))
	return object
}

func kindOf(group, version, plural string) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: group, Version: version, Resource: plural}
}

func (p *place) newNamespace(suffix string, labels map[string]string) string {
	name := p.namespace + suffix
	got(client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}, metav1.CreateOptions{}))
	p.later(func() { _ = client.CoreV1().Namespaces().Delete(ctx, name, metav1.DeleteOptions{}) })
	return name
}

func walkOne(one check, number int) (surprise any) {
	here := &place{namespace: fmt.Sprintf("%s-%d", run, number)}
	defer func() {
		if surprise = recover(); surprise != nil && os.Getenv("STACK") != "" {
			debug.PrintStack()
		}
		for i := len(here.undo) - 1; i >= 0; i-- {
			here.undo[i]()
		}
	}()
	here.newNamespace("", map[string]string{here.namespace: "true"})
	one.walk(here)
	return nil
}

func main() {
	config = got(clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil).ClientConfig())
	config.QPS, config.Burst = 2000, 2000
	config.WarningHandler = rest.NoWarnings{}
	binary := rest.CopyConfig(config)
	binary.AcceptContentTypes, binary.ContentType = protobuf+",application/json", protobuf
	client = kubernetes.NewForConfigOrDie(binary)
	objects = dynamic.NewForConfigOrDie(config)

	only := regexp.MustCompile(strings.Join(os.Args[1:], " "))
	failures, walked := 0, 0
	var printing sync.Mutex
	var walking sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for number, one := range checks {
		if !only.MatchString(one.name) {
			continue
		}
		walking.Add(1)
		places <- struct{}{}
		go func() {
			defer func() { <-places; walking.Done() }()
			began := time.Now()
			surprise := walkOne(one, number)
			printing.Lock()
			defer printing.Unlock()
			walked++
			if surprise != nil {
				failures++
				fmt.Printf("FAILED %s (%d ms): %v\n", one.name, time.Since(began).Milliseconds(), surprise)
				return
			}
			fmt.Printf("ok %s (%d ms)\n", one.name, time.Since(began).Milliseconds())
		}()
	}
	walking.Wait()
	fmt.Printf("%d walked, %d failed\n", walked, failures)
	if failures > 0 || walked == 0 {
		os.Exit(1)
	}
	fmt.Println("done")
}

func notFound(err error) bool { return apierrors.IsNotFound(err) }
