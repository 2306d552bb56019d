"""The official Python client against a running cluster. Usage: walk.py NAMESPACE. Prints a line a step; any surprise is an exception."""
import json
import sys
import threading

from kubernetes import client, config, dynamic, watch
from kubernetes.client.rest import ApiException

NAMESPACE = sys.argv[1]


def step(name):
    print(f"ok {name}", flush=True)


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def deployment(name, replicas):
    labels = {"app": name}
    container = client.V1Container(
        name="main", image="busybox:1.36", command=["sleep", "3600"],
        env=[client.V1EnvVar(name="A", value="1"), client.V1EnvVar(name="B", value="2")],
        ports=[client.V1ContainerPort(container_port=80)])
    template = client.V1PodTemplateSpec(
        metadata=client.V1ObjectMeta(labels=labels),
        spec=client.V1PodSpec(containers=[container], termination_grace_period_seconds=0))
    return client.V1Deployment(
        metadata=client.V1ObjectMeta(name=name),
        spec=client.V1DeploymentSpec(replicas=replicas, selector=client.V1LabelSelector(match_labels=labels), template=template))


def refused(status, reason, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except ApiException as failure:
        expect(failure.status == status, f"{failure.status} where {status} was expected: {failure.body}")
        expect(f'"reason":"{reason}"' in failure.body.replace(" ", ""), f"{reason} is not in {failure.body}")
        return
    raise AssertionError(f"{call.__name__} was not refused")


def crud(core):
    created = core.create_namespaced_config_map(NAMESPACE, client.V1ConfigMap(metadata=client.V1ObjectMeta(name="py"), data={"k": "v"}))
    expect(created.metadata.uid and created.metadata.resource_version, "a stored object has a uid and a version")
    refused(409, "AlreadyExists", core.create_namespaced_config_map, NAMESPACE, client.V1ConfigMap(metadata=client.V1ObjectMeta(name="py")))
    created.data["k"] = "w"
    replaced = core.replace_namespaced_config_map("py", NAMESPACE, created)
    expect(replaced.data == {"k": "w"}, "the update is answered")
    refused(409, "Conflict", core.replace_namespaced_config_map, "py", NAMESPACE, created)
    page = core.list_namespaced_config_map(NAMESPACE, limit=1)
    names = [item.metadata.name for item in page.items]
    while page.metadata._continue:
        page = core.list_namespaced_config_map(NAMESPACE, limit=1, _continue=page.metadata._continue)
        names += [item.metadata.name for item in page.items]
    expect("py" in names and len(names) == len(set(names)), f"pages show everything once: {names}")
    deleted = core.delete_namespaced_config_map("py", NAMESPACE)
    expect(deleted.status == "Success", "a deletion is answered with Success")
    refused(404, "NotFound", core.read_namespaced_config_map, "py", NAMESPACE)
    step("crud")


def patches(api, apps):
    apps.create_namespaced_deployment(NAMESPACE, deployment("py-web", 0))

    def patch(content_type, body, **query):
        resource = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/py-web"
        return api.call_api(
            resource, "PATCH", query_params=list(query.items()), body=body, response_type="V1Deployment", auth_settings=["BearerToken"],
            header_params={"Content-Type": content_type, "Accept": "application/json"})[0]

    merged = patch("application/merge-patch+json", {"metadata": {"labels": {"a": "1"}}})
    expect(merged.metadata.labels["a"] == "1", "merge patch")
    strategic = patch("application/strategic-merge-patch+json", {
        "spec": {"template": {"spec": {"containers": [{"name": "main", "env": [{"name": "B", "value": "3"}]}]}}}})
    env = {item.name: item.value for item in strategic.spec.template.spec.containers[0].env}
    expect(env == {"A": "1", "B": "3"}, f"strategic merge patch merges by name: {env}")
    pointed = patch("application/json-patch+json", [
        {"op": "test", "path": "/metadata/labels/a", "value": "1"}, {"op": "remove", "path": "/metadata/labels/a"}])
    expect(not (pointed.metadata.labels or {}).get("a"), "JSON patch")

    def mine(value):
        return json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "py-web", "annotations": {"note": value}}})

    applied = patch("application/apply-patch+yaml", mine("1"), fieldManager="walk")
    expect(applied.metadata.annotations["note"] == "1", "server-side apply")
    refused(409, "Conflict", patch, "application/apply-patch+yaml", mine("2"), fieldManager="other")
    forced = patch("application/apply-patch+yaml", mine("2"), fieldManager="other", force=True)
    expect([entry.manager for entry in forced.metadata.managed_fields if entry.operation == "Apply"] == ["other"], "the field has a new owner")
    step("patches")


def scale(apps):
    apps.patch_namespaced_deployment_scale("py-web", NAMESPACE, {"spec": {"replicas": 1}})
    for event in watch.Watch().stream(apps.list_namespaced_deployment, NAMESPACE, field_selector="metadata.name=py-web", timeout_seconds=60):
        if event["object"].status.available_replicas == 1:
            step("scale and watch until available")
            return
    raise AssertionError("the deployment did not become available within a minute")


def resume(core):
    """A watch that is cut goes on from the last version that it saw, without gap or repeat."""
    start = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    total = 60

    def write():
        for i in range(total):
            core.create_namespaced_config_map(NAMESPACE, client.V1ConfigMap(metadata=client.V1ObjectMeta(name=f"seq-{i}", labels={"seq": "1"})))

    writer = threading.Thread(target=write)
    writer.start()
    seen, version = [], start
    while len(seen) < total:
        stream = watch.Watch()
        for count, event in enumerate(stream.stream(
                core.list_namespaced_config_map, NAMESPACE, resource_version=version, label_selector="seq", timeout_seconds=20)):
            seen.append(event["object"].metadata.name)
            version = event["object"].metadata.resource_version
            if count == 6:
                stream.stop()
    writer.join()
    expect(seen == [f"seq-{i}" for i in range(total)], f"a resumed watch shows each change once and in order: {seen}")
    core.delete_collection_namespaced_config_map(NAMESPACE, label_selector="seq")
    expect(not core.list_namespaced_config_map(NAMESPACE, label_selector="seq").items, "a collection is deleted")
    step("watch with resume")


def logs(core):
    pod = client.V1Pod(
        metadata=client.V1ObjectMeta(name="py-once"),
        spec=client.V1PodSpec(restart_policy="Never", containers=[
            client.V1Container(name="main", image="busybox:1.36", command=["echo", "said by python"])]))
    core.create_namespaced_pod(NAMESPACE, pod)
    for event in watch.Watch().stream(core.list_namespaced_pod, NAMESPACE, field_selector="metadata.name=py-once", timeout_seconds=60):
        if event["object"].status.phase == "Succeeded":
            break
    expect("said by python" in core.read_namespaced_pod_log("py-once", NAMESPACE), "logs")
    step("logs")


def custom(api):
    definitions, objects = client.ApiextensionsV1Api(api), client.CustomObjectsApi(api)
    schema = client.V1JSONSchemaProps(type="object", properties={"spec": client.V1JSONSchemaProps(
        type="object", properties={"size": client.V1JSONSchemaProps(type="integer", minimum=1, default=3)})})
    definitions.create_custom_resource_definition(client.V1CustomResourceDefinition(
        metadata=client.V1ObjectMeta(name="pebbles.python.example.com"),
        spec=client.V1CustomResourceDefinitionSpec(
            group="python.example.com", scope="Namespaced",
            names=client.V1CustomResourceDefinitionNames(plural="pebbles", singular="pebble", kind="Pebble"),
            versions=[client.V1CustomResourceDefinitionVersion(
                name="v1", served=True, storage=True, schema=client.V1CustomResourceValidation(open_apiv3_schema=schema))])))
    for event in watch.Watch().stream(
            definitions.list_custom_resource_definition, field_selector="metadata.name=pebbles.python.example.com", timeout_seconds=30):
        if any(c.type == "Established" and c.status == "True" for c in event["object"].status.conditions or []):
            break
    place = ("python.example.com", "v1", NAMESPACE, "pebbles")
    made = objects.create_namespaced_custom_object(
        *place, {"apiVersion": "python.example.com/v1", "kind": "Pebble", "metadata": {"name": "one"}, "spec": {"unknown": 1}})
    expect(made["spec"] == {"size": 3}, f"the default is there and the unknown field is not: {made['spec']}")
    refused(422, "Invalid", objects.patch_namespaced_custom_object, *place, "one", {"spec": {"size": 0}})
    expect(objects.patch_namespaced_custom_object(*place, "one", {"spec": {"size": 5}})["spec"]["size"] == 5, "a custom object is patched")
    for event in watch.Watch().stream(objects.list_namespaced_custom_object, *place, timeout_seconds=20):
        expect(event["object"]["spec"]["size"] == 5, "a custom object is watched")
        break
    objects.delete_namespaced_custom_object(*place, "one")
    definitions.delete_custom_resource_definition("pebbles.python.example.com")
    step("custom resource")


def discovery(api):
    found = dynamic.DynamicClient(api)
    kinds = {resource.kind for resource in found.resources.search() if resource.group_version == "apps/v1"}
    expect({"Deployment", "ReplicaSet"} <= kinds, f"discovery knows apps/v1: {kinds}")
    resource = found.resources.get(api_version="v1", kind="ConfigMap")
    resource.create(body={"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "py-dynamic"}, "data": {"a": "b"}}, namespace=NAMESPACE)
    expect(resource.get(name="py-dynamic", namespace=NAMESPACE).data.a == "b", "the dynamic client reads what it wrote")
    step("discovery and dynamic client")


def main():
    config.load_kube_config()
    api = client.ApiClient()
    core, apps = client.CoreV1Api(api), client.AppsV1Api(api)
    expect(client.VersionApi(api).get_code().git_version.startswith("v1."), "the version is told")
    crud(core)
    patches(api, apps)
    scale(apps)
    resume(core)
    logs(core)
    custom(api)
    discovery(api)
    print("done")


main()
