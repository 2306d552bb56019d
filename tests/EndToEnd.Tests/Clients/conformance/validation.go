package main

import (
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

func init() {
	register("field validation of built-in kinds: unknown and duplicate fields", unknownAndDuplicateFields)
	register("field validation of built-in kinds: unknown metadata", unknownMetadata)
	register("field validation of a custom kind: a valid object", validCustomObject)
	register("field validation of a custom kind without a schema: unknown fields", unknownWithoutSchema)
	register("field validation of a custom kind: an unknown field", unknownAtRoot)
	register("field validation of a custom kind: unknown metadata, also embedded", unknownCustomMetadata)
	register("field validation of a custom kind that keeps unknown fields: duplicates", duplicatesWhereUnknownIsKept)
}

const deploymentWith = `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d",%s"labels":{"app":"a"}},"spec":{%s"replicas":0,"selector":{"matchLabels":{"app":"a"}},` +
	`"template":{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"c","image":"walk.example.com/i:1"}]}}}}`

func postStrict(here *place, body, validation string) (runtime.Object, error) {
	return client.CoreV1().RESTClient().Post().AbsPath("/apis/apps/v1").Namespace(here.namespace).Resource("deployments").
		Param("fieldManager", "walk").Param("fieldValidation", validation).SetHeader("Content-Type", "application/json").Body([]byte(body)).Do(ctx).Get()
}

func unknownAndDuplicateFields(here *place) {
	body := fmt.Sprintf(deploymentWith, "", `"unknownField":"foo","replicas":0,`)
	_, err := postStrict(here, body, "Strict")
	refused(err, apierrors.IsBadRequest, `strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"`)
	got(postStrict(here, body, "Ignore"))
}

func unknownMetadata(here *place) {
	_, err := postStrict(here, fmt.Sprintf(deploymentWith, `"unknownMeta":"foo",`, ""), "Strict")
	refused(err, apierrors.IsBadRequest, `strict decoding error: unknown field "metadata.unknownMeta"`)
}

const portsSchema = `
              foo: {type: string}
              cronSpec: {type: string, pattern: '^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$'}
              ports:
                type: array
                x-kubernetes-list-map-keys: [containerPort, protocol]
                x-kubernetes-list-type: map
                items:
                  type: object
                  required: [containerPort, protocol]
                  properties: {containerPort: {type: integer, format: int32}, hostIP: {type: string}, hostPort: {type: integer, format: int32}, name: {type: string}, protocol: {type: string}}`

// specSchema is a schema with one spec; preserve keeps what it does not know.
func specSchema(preserve bool, more string) string {
	keep := ""
	if preserve {
		keep = "\n            x-kubernetes-preserve-unknown-fields: true"
	}
	return `
        type: object
        properties:
          spec:
            type: object` + keep + `
            properties:` + portsSchema + more
}

const specYAML = `
  foo: foo1
  cronSpec: "* * * * */5"
  ports:
  - name: x
    containerPort: 80
    protocol: TCP`

func applyStrict(custom customKind, top, metadata, spec string) (string, error) {
	body := fmt.Sprintf("\napiVersion: %s/v1beta1\nkind: Noxu\nmetadata:\n  name: mytest\n%s  finalizers:\n  - test.example.com/finalizer\n%sspec:%s", custom.group, metadata, top, spec)
	answer, err := client.CoreV1().RESTClient().Patch(types.ApplyPatchType).AbsPath("/apis", custom.group, "v1beta1", "noxus").Name("mytest").
		Param("fieldManager", "walk").Param("fieldValidation", "Strict").SetHeader("Accept", "application/json").Body([]byte(body)).DoRaw(ctx)
	return string(answer), err
}

func validCustomObject(here *place) {
	_, err := applyStrict(newCustomKind(here, specSchema(false, ""), ""), "", "", specYAML)
	must(err)
}

func unknownWithoutSchema(here *place) {
	_, err := applyStrict(newCustomKind(here, "\n        type: object\n        x-kubernetes-preserve-unknown-fields: true", ""), "", "", "\n  unknown: uk1"+specYAML)
	must(err)
}

func unknownAtRoot(here *place) {
	answer, err := applyStrict(newCustomKind(here, specSchema(false, ""), ""), "unknownField: unknown\n", "", specYAML)
	refused(err, anyError)
	expect(strings.Contains(answer, ".unknownField: field not declared in schema"), "it is not named: %s", answer)
}

func unknownCustomMetadata(here *place) {
	template := `
              template:
                type: object
                x-kubernetes-embedded-resource: true
                properties:
                  metadata: {type: object, properties: {name: {type: string}}}
                  spec: {type: object}`
	custom := newCustomKind(here, specSchema(true, template), "")
	sub := "\n  template:\n    apiVersion: foo/v1\n    kind: Sub\n    metadata:\n%s      name: subobject\n      namespace: " + here.namespace
	answer, err := applyStrict(custom, "", "", fmt.Sprintf(sub, "      unknownSubMeta: unknown\n")+specYAML)
	refused(err, anyError)
	expect(strings.Contains(answer, ".spec.template.metadata.unknownSubMeta: field not declared in schema"), "the embedded one is not named: %s", answer)
	answer, err = applyStrict(custom, "", "  unknownMeta: unknown\n", fmt.Sprintf(sub, "")+specYAML)
	refused(err, anyError)
	expect(strings.Contains(answer, ".metadata.unknownMeta: field not declared in schema"), "the one at the root is not named: %s", answer)
}

func duplicatesWhereUnknownIsKept(here *place) {
	custom := newCustomKind(here, specSchema(true, ""), "")
	answer, err := applyStrict(custom, "", "", "\n  unknown: uk1\n  foo: foo1"+specYAML)
	refused(err, anyError)
	expect(strings.Contains(answer, `key \"foo\" already set in map`) && strings.Contains(answer, "line 11"), "the duplicate is not named with its line: %s", answer)
}
