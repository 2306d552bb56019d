using System.Text.Json.Nodes;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>Server-side apply and managedFields over HTTP. Expected texts are upstream's.</summary>
[Collection("api")]
public sealed class ApplyTests(ApiHost host)
{
    private const string Web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
          labels: {app: web}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - name: web
                image: nginx:1
                ports:
                - containerPort: 80
        """;

    [Fact]
    public async Task Applying_what_does_not_exist_creates_it_and_owns_exactly_what_was_named()
    {
        var @namespace = await host.NamespaceAsync();

        var created = await ApplyAsync(@namespace, "deployments", "web", Web, "fieldManager=helm");

        Assert.Equal(201, created.Code);
        var entry = Assert.Single(Entries(created))!;
        Assert.Equal("helm", (string?)entry["manager"]);
        Assert.Equal("Apply", (string?)entry["operation"]);
        Assert.Equal("apps/v1", (string?)entry["apiVersion"]);
        Assert.Equal("FieldsV1", (string?)entry["fieldsType"]);
        Same(
            """
            {"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},
            "f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:image":{},"f:name":{},"f:ports":{
            "k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}}}}}}
            """,
            entry["fieldsV1"]);
    }

    [Fact]
    public async Task Applying_the_same_again_makes_no_revision()
    {
        var @namespace = await host.NamespaceAsync();
        var first = await ApplyAsync(@namespace, "deployments", "web", Web, "fieldManager=helm");

        var second = await ApplyAsync(@namespace, "deployments", "web", Web, "fieldManager=helm");

        Assert.Equal(200, second.Code);
        Assert.Equal(first.Revision, second.Revision);
    }

    [Fact]
    public async Task Taking_anothers_field_is_a_conflict_that_names_manager_and_field_and_yields_to_force()
    {
        var @namespace = await host.NamespaceAsync();
        await ApplyAsync(@namespace, "deployments", "web", Web, "fieldManager=helm");
        var more = Web.Replace("replicas: 2", "replicas: 3", StringComparison.Ordinal);

        var refused = await ApplyAsync(@namespace, "deployments", "web", more, "fieldManager=other");

        Assert.Equal(409, refused.Code);
        Assert.Equal("Conflict", refused.Reason);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"helm\": .spec.replicas", refused.Message);
        Same("""[{"reason":"FieldManagerConflict","message":"conflict with \"helm\"","field":".spec.replicas"}]""", refused["details"]!["causes"]);

        var forced = await ApplyAsync(@namespace, "deployments", "web", more, "fieldManager=other&force=true");
        Assert.Equal(200, forced.Code);
        Assert.Equal(3, (int)forced["spec"]!["replicas"]!);
        Assert.Null(FieldsOf(forced, "helm")["f:spec"]!["f:replicas"]);
        Assert.NotNull(FieldsOf(forced, "other")["f:spec"]!["f:replicas"]);
    }

    [Fact]
    public async Task What_is_not_applied_any_more_goes_unless_another_owns_it()
    {
        var @namespace = await host.NamespaceAsync();
        await ApplyAsync(@namespace, "configmaps", "c", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: '1', b: '2'}}", "fieldManager=one");
        await ApplyAsync(@namespace, "configmaps", "c", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {b: '2'}}", "fieldManager=two");

        var left = await ApplyAsync(@namespace, "configmaps", "c", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}", "fieldManager=one");

        Same("""{"b":"2"}""", left["data"]);
        Assert.Equal("two", (string?)Assert.Single(Entries(left))!["manager"]);
    }

    [Fact]
    public async Task Every_other_write_is_kept_under_the_field_manager_or_the_user_agent()
    {
        var @namespace = await host.NamespaceAsync();
        var created = await host.PostAsync($"/api/v1/namespaces/{@namespace}/configmaps?fieldManager=maker", """{"metadata":{"name":"c","labels":{"l":"1"}},"data":{"a":"1"}}""");
        Same("""{"f:data":{".":{},"f:a":{}},"f:metadata":{"f:labels":{".":{},"f:l":{}}}}""", FieldsOf(created, "maker"));

        var patched = await host.PatchAsync($"/api/v1/namespaces/{@namespace}/configmaps/c", """{"data":{"a":"2","b":"3"}}""", "merge");

        Same("""{"f:metadata":{"f:labels":{".":{},"f:l":{}}},"f:data":{}}""", FieldsOf(patched, "maker"));
        Same("""{"f:data":{"f:a":{},"f:b":{}}}""", FieldsOf(patched, "unknown"));
        Assert.All(Entries(patched), entry => Assert.Equal("Update", (string?)entry!["operation"]));
    }

    [Fact]
    public async Task A_created_Deployment_is_owned_as_upstream_shows_it()
    {
        var @namespace = await host.NamespaceAsync();
        var created = await host.SendAsync(
            HttpMethod.Post, $"/apis/apps/v1/namespaces/{@namespace}/deployments?fieldManager=kubectl-create", Web, "application/yaml");

        Same(
            """
            {"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:progressDeadlineSeconds":{},"f:replicas":{},"f:revisionHistoryLimit":{},"f:selector":{},
            "f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{},"f:maxUnavailable":{}},"f:type":{}},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},
            "f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:image":{},"f:imagePullPolicy":{},"f:name":{},"f:ports":{".":{},
            "k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},
            "f:dnsPolicy":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{},"f:terminationGracePeriodSeconds":{}}}}}
            """,
            FieldsOf(created, "kubectl-create"));
    }

    [Fact]
    public async Task A_manager_of_another_version_is_asked_in_its_own()
    {
        var @namespace = await host.NamespaceAsync();
        var path = $"namespaces/{@namespace}/horizontalpodautoscalers/h";
        var spec = "maxReplicas: 5, minReplicas: 2, scaleTargetRef: {kind: Deployment, name: web, apiVersion: apps/v1}";
        Task<Answer> Apply(string version, string manager, string fields) => host.SendAsync(
            HttpMethod.Patch, $"/apis/autoscaling/{version}/{path}?fieldManager={manager}",
            $"{{apiVersion: autoscaling/{version}, kind: HorizontalPodAutoscaler, metadata: {{name: h}}, spec: {{{fields}}}}}", "application/apply-patch+yaml");

        Assert.Equal(201, (await Apply("v2", "one", spec)).Code);
        var refused = await Apply("v1", "two", "maxReplicas: 7");
        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\": .spec.maxReplicas", refused.Message);
        var both = await Apply("v1", "two", "maxReplicas: 5, targetCPUUtilizationPercentage: 70");

        Assert.Equal(["autoscaling/v1", "autoscaling/v2"], Entries(both).Select(entry => (string?)entry!["apiVersion"]).Order());
        Same("""{"f:spec":{"f:maxReplicas":{},"f:targetCPUUtilizationPercentage":{}}}""", FieldsOf(both, "two"));
        var left = await Apply("v2", "one", "maxReplicas: 5, scaleTargetRef: {kind: Deployment, name: web, apiVersion: apps/v1}");
        Assert.Equal(200, left.Code);
        Assert.NotNull(left["spec"]!["metrics"]);
    }

    [Fact]
    public async Task A_status_is_owned_through_its_subresource_only()
    {
        var @namespace = await host.NamespaceAsync();
        await ApplyAsync(@namespace, "deployments", "web", Web + "\nstatus: {replicas: 7}", "fieldManager=helm");
        var path = $"/apis/apps/v1/namespaces/{@namespace}/deployments/web";

        var status = await host.SendAsync(
            HttpMethod.Patch, $"{path}/status?fieldManager=ctl", "{apiVersion: apps/v1, kind: Deployment, status: {replicas: 2}}", "application/apply-patch+yaml");

        Assert.Equal(200, status.Code);
        Assert.Null(FieldsOf(status, "helm")["f:status"]);
        Same("""{"f:status":{"f:replicas":{}}}""", FieldsOf(status, "ctl"));
        Assert.Equal("status", (string?)Entries(status).Single(entry => (string?)entry!["manager"] == "ctl")!["subresource"]);
    }

    [Fact]
    public async Task Scaling_owns_the_replicas_of_the_object()
    {
        var @namespace = await host.NamespaceAsync();
        await ApplyAsync(@namespace, "deployments", "web", Web, "fieldManager=helm");
        var path = $"/apis/apps/v1/namespaces/{@namespace}/deployments/web";

        Assert.Equal(200, (await host.PatchAsync($"{path}/scale?fieldManager=me", """{"spec":{"replicas":5}}""", "merge")).Code);

        var scaled = await host.GetAsync(path);
        Assert.Null(FieldsOf(scaled, "helm")["f:spec"]!["f:replicas"]);
        Same("""{"f:spec":{"f:replicas":{}}}""", FieldsOf(scaled, "me"));
        Assert.Equal("apps/v1", (string?)Entries(scaled).Single(entry => (string?)entry!["manager"] == "me")!["apiVersion"]);
        var again = await ApplyAsync(@namespace, "deployments", "web", Web, "fieldManager=helm");
        Assert.Equal("Apply failed with 1 conflict: conflict with \"me\" with subresource \"scale\" using apps/v1: .spec.replicas", again.Message);

        var applied = await host.SendAsync(
            HttpMethod.Patch, $"{path}/scale?fieldManager=hpa&force=true", "{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: web}, spec: {replicas: 6}}",
            "application/apply-patch+yaml");
        Assert.Equal(200, applied.Code);
        Assert.Equal(6, (int)(await host.GetAsync(path))["spec"]!["replicas"]!);
    }

    [Fact]
    public async Task A_client_may_clear_the_entries_and_then_nothing_is_tracked_until_the_first_apply()
    {
        var @namespace = await host.NamespaceAsync();
        var path = $"/api/v1/namespaces/{@namespace}/configmaps/c";
        await host.PostAsync($"/api/v1/namespaces/{@namespace}/configmaps", """{"metadata":{"name":"c"},"data":{"a":"1"}}""");

        var cleared = await host.PatchAsync(path, """{"metadata":{"managedFields":[{}]}}""", "merge");
        Assert.Null(cleared["metadata"]!["managedFields"]);
        var changed = await host.PatchAsync(path, """{"data":{"a":"2"}}""", "merge");
        Assert.Null(changed["metadata"]!["managedFields"]);

        var applied = await ApplyAsync(@namespace, "configmaps", "c", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {b: '1'}}", "fieldManager=me");
        Same("""{"f:data":{".":{},"f:a":{}}}""", FieldsOf(applied, "before-first-apply"));
        Same("""{"f:data":{"f:b":{}}}""", FieldsOf(applied, "me"));
    }

    [Theory]
    [InlineData("", 422, "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch")]
    [InlineData("fieldManager=%01", 422, "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Invalid value: \"\\u0001\": invalid character U+0001 (at position 0)")]
    public async Task An_apply_says_who_applies(string query, int code, string message)
    {
        var answer = await ApplyAsync("default", "configmaps", "c", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}", query);

        Assert.Equal(code, answer.Code);
        Assert.Equal(message, answer.Message);
    }

    [Theory]
    [InlineData("{apiVersion: v1, kind: Secret, metadata: {name: c}}", "invalid object type: /v1, Kind=Secret")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, dada: {}}", "failed to create typed patch object (/c; /v1, Kind=ConfigMap): .dada: field not declared in schema")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: [a]}", "failed to create typed patch object (/c; /v1, Kind=ConfigMap): .data: expected map, got [\"a\"]")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, managedFields: []}}", "metadata.managedFields must be nil")]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: d}}", "the name of the object (d) does not match the name on the URL (c)")]
    [InlineData("[1, 2]", "error decoding patch: a configuration that is applied is an object")]
    public async Task A_configuration_that_cannot_be_applied_is_refused_with_its_place(string config, string message)
    {
        var answer = await ApplyAsync("default", "configmaps", "c", config, "fieldManager=me");

        Assert.Equal(400, answer.Code);
        Assert.Equal(message, answer.Message);
    }

    [Fact]
    public async Task Cbor_is_no_media_type_of_this_server()
    {
        var answer = await host.SendAsync(HttpMethod.Patch, "/api/v1/namespaces/default/configmaps/c?fieldManager=a", "{}", "application/apply-patch+cbor");

        Assert.Equal(415, answer.Code);
    }

    [Fact]
    public async Task A_stated_uid_or_revision_must_be_the_objects()
    {
        var @namespace = await host.NamespaceAsync();
        var config = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","uid":"x"}}""";
        Assert.Equal("Operation cannot be fulfilled on configmaps \"c\": uid mismatch: the provided object specified uid x, and no existing object was found",
            (await ApplyAsync(@namespace, "configmaps", "c", config, "fieldManager=me")).Message);
        await ApplyAsync(@namespace, "configmaps", "c", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}", "fieldManager=me");

        Assert.Equal("ConfigMap \"c\" is invalid: metadata.uid: Invalid value: \"x\": field is immutable", (await ApplyAsync(@namespace, "configmaps", "c", config, "fieldManager=me")).Message);
        Assert.Equal(409, (await ApplyAsync(
            @namespace, "configmaps", "c", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","resourceVersion":"1"}}""", "fieldManager=me")).Code);
    }

    [Fact]
    public async Task A_dry_run_shows_the_merged_object_and_changes_nothing()
    {
        var @namespace = await host.NamespaceAsync();
        var made = await ApplyAsync(@namespace, "configmaps", "c", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: '1'}}", "fieldManager=me");

        var shown = await ApplyAsync(@namespace, "configmaps", "c", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {b: '1'}}", "fieldManager=me&dryRun=All");

        Same("""{"b":"1"}""", shown["data"]);
        Assert.Equal(made.Revision, (await host.GetAsync($"/api/v1/namespaces/{@namespace}/configmaps/c")).Revision);
    }

    [Fact]
    public async Task Custom_objects_are_applied_by_their_own_schema()
    {
        var definition = """
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"gadgets.apply.example"},"spec":{"group":"apply.example","scope":"Namespaced",
            "names":{"plural":"gadgets","singular":"gadget","kind":"Gadget","listKind":"GadgetList"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{
            "spec":{"type":"object","properties":{"size":{"type":"integer"},"free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
            "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["port","protocol"],"items":{"type":"object","required":["port"],"properties":{
            "port":{"type":"integer"},"protocol":{"type":"string","default":"TCP"},"name":{"type":"string"}}}}}}}}}}]}}
            """;
        Assert.Equal(201, (await host.PostAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)).Code);
        var @namespace = await host.NamespaceAsync();
        Answer answer = null!;
        async Task<Answer> Apply(string manager, string spec)
        {
            for (var attempt = 0; attempt < 100; attempt++)
            {
                answer = await host.SendAsync(
                    HttpMethod.Patch, $"/apis/apply.example/v1/namespaces/{@namespace}/gadgets/g?fieldManager={manager}",
                    $$"""{"apiVersion":"apply.example/v1","kind":"Gadget","metadata":{"name":"g"},"spec":{{spec}}}""", "application/apply-patch+yaml");
                if (answer.Code != 404)
                {
                    return answer;
                }

                // The kind is served as soon as its definition is established, which takes another write.
                await host.GetAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.apply.example");
            }

            return answer;
        }

        var made = await Apply("one", """{"size":1,"free":{"a":{"b":[1]}},"ports":[{"port":80,"name":"x"}]}""");
        Assert.True(made.Code == 201, made.ToString());
        Same(
            """{"f:spec":{"f:free":{"f:a":{".":{},"f:b":{}}},"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{},"f:port":{}}},"f:size":{}}}""",
            FieldsOf(made, "one"));
        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\": .spec.ports[port=80,protocol=\"TCP\"].name",
            (await Apply("two", """{"ports":[{"port":80,"protocol":"TCP","name":"y"}]}""")).Message);
        Assert.Equal(".spec.colour: field not declared in schema", (await Apply("two", """{"colour":"red"}""")).Message.Split("): ")[^1]);
        var left = await Apply("one", """{"size":2}""");
        Same("""{"size":2}""", left["spec"]);
    }

    private Task<Answer> ApplyAsync(string @namespace, string plural, string name, string config, string query) => host.SendAsync(
        HttpMethod.Patch,
        $"{(plural == "deployments" ? "/apis/apps/v1" : "/api/v1")}/namespaces/{@namespace}/{plural}/{name}?{query}",
        config,
        "application/apply-patch+yaml");

    private static JsonArray Entries(Answer answer) => answer["metadata"]?["managedFields"]?.AsArray() ?? throw new Xunit.Sdk.XunitException(answer.ToString());

    private static JsonObject FieldsOf(Answer answer, string manager) =>
        Entries(answer).Single(entry => (string?)entry!["manager"] == manager)!["fieldsV1"]!.AsObject();

    private static void Same(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {expected}\nbut was {actual?.ToJsonString()}");
}
