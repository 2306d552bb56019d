namespace ActorOrchestrator.Host.Tests.Api;

[Collection("api")]
public sealed class WritePathTests(ApiHost api)
{
    private const string Pod = """{"metadata":{"name":"p","labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"busybox:1.36"}]}}""";

    private const string Deployment = """{"metadata":{"name":"web"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"x:1"}]}}}}""";

    [Fact]
    public async Task A_new_pod_is_pending_and_has_what_admission_gives()
    {
        var ns = await api.NamespaceAsync();
        var pod = await api.PostAsync($"/api/v1/namespaces/{ns}/pods", Pod);
        Assert.Equal(201, pod.Code);
        Assert.Equal("Pending", (string)pod["status"]!["phase"]!);
        Assert.Equal("BestEffort", (string)pod["status"]!["qosClass"]!);
        Assert.Equal("default", (string)pod["spec"]!["serviceAccountName"]!);
        Assert.Equal(0, (int)pod["spec"]!["priority"]!);
        Assert.Equal(
            ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"],
            pod["spec"]!["tolerations"]!.AsArray().Select(toleration => (string)toleration!["key"]!));
    }

    [Fact]
    public async Task A_pods_spec_is_fixed_but_for_its_images()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/pods";
        await api.PostAsync(path, Pod);
        var image = await api.PatchAsync($"{path}/p", """{"spec":{"containers":[{"name":"c","image":"busybox:1.37"}]}}""", "strategic-merge");
        Assert.Equal(200, image.Code);
        var command = await api.PatchAsync($"{path}/p", """{"spec":{"containers":[{"name":"c","command":["x"]}]}}""", "strategic-merge");
        Assert.Equal((422, "Invalid"), (command.Code, command.Reason));
        Assert.Contains("pod updates may not change fields other than", command.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_is_bound_once_and_leaves_after_its_grace()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/pods";
        await api.PostAsync(path, Pod);
        const string Binding = """{"metadata":{"name":"p"},"target":{"kind":"Node","name":"n1"}}""";
        Assert.Equal(201, (await api.PostAsync($"{path}/p/binding", Binding)).Code);
        var again = await api.PostAsync($"{path}/p/binding", Binding);
        Assert.Equal((409, "Operation cannot be fulfilled on pods/binding \"p\": pod p is already assigned to node \"n1\""), (again.Code, again.Message));
        var onNode = await api.GetAsync("/api/v1/pods?fieldSelector=spec.nodeName%3Dn1");
        Assert.Contains($"\"namespace\":\"{ns}\"", onNode.Text, StringComparison.Ordinal);

        var deleted = await api.DeleteAsync($"{path}/p");
        Assert.Equal(30, (long)deleted["metadata"]!["deletionGracePeriodSeconds"]!);
        var unchanged = await api.DeleteAsync($"{path}/p");
        Assert.Equal(deleted.Revision, unchanged.Revision);
        var sooner = await api.DeleteAsync($"{path}/p?gracePeriodSeconds=5");
        Assert.Equal(5, (long)sooner["metadata"]!["deletionGracePeriodSeconds"]!);
        Assert.Equal(200, (await api.DeleteAsync($"{path}/p?gracePeriodSeconds=0")).Code);
        Assert.Equal(404, (await api.GetAsync($"{path}/p")).Code);
    }

    [Fact]
    public async Task The_main_endpoint_leaves_the_status_and_the_status_endpoint_all_else()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/apis/apps/v1/namespaces/{ns}/deployments";
        var created = await api.PostAsync(path, Deployment.Replace("\"spec\":{\"replicas\"", "\"status\":{\"replicas\":9},\"spec\":{\"replicas\""));
        Assert.Null(created["status"]?["replicas"]);
        Assert.Equal(1, (long)created["metadata"]!["generation"]!);
        var status = await api.PatchAsync($"{path}/web/status", """{"spec":{"replicas":7},"status":{"replicas":2}}""", "merge");
        Assert.Equal((2, 2, 1), ((int)status["status"]!["replicas"]!, (int)status["spec"]!["replicas"]!, (int)status["metadata"]!["generation"]!));
        var spec = await api.PatchAsync($"{path}/web", """{"spec":{"replicas":7},"status":{"replicas":5}}""", "merge");
        Assert.Equal((2, 7, 2), ((int)spec["status"]!["replicas"]!, (int)spec["spec"]!["replicas"]!, (int)spec["metadata"]!["generation"]!));
    }

    [Fact]
    public async Task A_scale_is_seen_and_set()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/apis/apps/v1/namespaces/{ns}/deployments";
        await api.PostAsync(path, Deployment);
        var scale = await api.GetAsync($"{path}/web/scale");
        Assert.Equal(("Scale", "autoscaling/v1", 2, "app=web"), ((string)scale["kind"]!, (string)scale["apiVersion"]!, (int)scale["spec"]!["replicas"]!, (string)scale["status"]!["selector"]!));
        var wanted = scale.Json;
        wanted["spec"]!["replicas"] = 5;
        Assert.Equal(5, (int)(await api.PutAsync($"{path}/web/scale", wanted.ToJsonString()))["spec"]!["replicas"]!);
        Assert.Equal(5, (int)(await api.GetAsync($"{path}/web"))["spec"]!["replicas"]!);
        Assert.Equal(409, (await api.PutAsync($"{path}/web/scale", wanted.ToJsonString())).Code);
        Assert.Equal(422, (await api.PatchAsync($"{path}/web/scale", """{"spec":{"replicas":-1}}""", "merge")).Code);
    }

    [Fact]
    public async Task A_finalizer_holds_an_object_until_it_is_taken_away()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        await api.PostAsync(path, """{"metadata":{"name":"held","finalizers":["test.io/hold"]}}""");
        Assert.NotNull((await api.DeleteAsync($"{path}/held"))["metadata"]!["deletionTimestamp"]);
        var added = await api.PatchAsync($"{path}/held", """{"metadata":{"finalizers":["test.io/hold","test.io/more"]}}""", "merge");
        Assert.Equal(422, added.Code);
        Assert.Equal(200, (await api.PatchAsync($"{path}/held", """{"metadata":{"finalizers":null}}""", "merge")).Code);
        Assert.Equal(404, (await api.GetAsync($"{path}/held")).Code);
    }

    [Theory]
    [InlineData("Foreground", "foregroundDeletion")]
    [InlineData("Orphan", "orphan")]
    public async Task A_propagation_policy_becomes_a_finalizer(string policy, string finalizer)
    {
        var ns = await api.NamespaceAsync();
        var path = $"/apis/apps/v1/namespaces/{ns}/deployments";
        await api.PostAsync(path, Deployment);
        var deleted = await api.DeleteAsync($"{path}/web", $"{{\"propagationPolicy\":\"{policy}\"}}");
        Assert.Equal([finalizer], deleted["metadata"]!["finalizers"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(2, (long)deleted["metadata"]!["generation"]!);
    }

    [Fact]
    public async Task A_deletion_keeps_its_preconditions()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        var made = await api.PostAsync(path, """{"metadata":{"name":"c"}}""");
        Assert.Equal(409, (await api.DeleteAsync($"{path}/c", """{"preconditions":{"uid":"other"}}""")).Code);
        var uid = (string)made["metadata"]!["uid"]!;
        Assert.Equal(200, (await api.DeleteAsync($"{path}/c", $"{{\"preconditions\":{{\"uid\":\"{uid}\"}}}}")).Code);
    }

    [Fact]
    public async Task A_namespace_is_terminating_until_it_is_finalized()
    {
        var ns = await api.NamespaceAsync();
        var deleted = await api.DeleteAsync($"/api/v1/namespaces/{ns}");
        Assert.Equal("Terminating", (string)deleted["status"]!["phase"]!);
        var late = await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"late"}}""");
        Assert.Equal((403, "Forbidden"), (late.Code, late.Reason));
        Assert.Equal("NamespaceTerminating", (string)late["details"]!["causes"]![0]!["reason"]!);
        var final = deleted.Json;
        final["spec"]!["finalizers"] = new System.Text.Json.Nodes.JsonArray();
        Assert.Equal(200, (await api.PutAsync($"/api/v1/namespaces/{ns}/finalize", final.ToJsonString())).Code);
        Assert.Equal(404, (await api.GetAsync($"/api/v1/namespaces/{ns}")).Code);
    }

    [Fact]
    public async Task Services_never_share_an_address_or_a_node_port()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/services";
        string Service(string name, string extra) => $"{{\"metadata\":{{\"name\":\"{name}\"}},\"spec\":{{\"ports\":[{{\"port\":80{extra}}}],\"selector\":{{\"a\":\"b\"}}";
        var made = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => api.PostAsync(path, Service($"s{i}", "") + ",\"type\":\"NodePort\"}}")));
        Assert.All(made, answer => Assert.Equal(201, answer.Code));
        Assert.Equal(40, made.Select(answer => (string)answer["spec"]!["clusterIP"]!).Distinct().Count());
        Assert.Equal(40, made.Select(answer => (int)answer["spec"]!["ports"]![0]!["nodePort"]!).Distinct().Count());
        Assert.All(made, answer => Assert.InRange((int)answer["spec"]!["ports"]![0]!["nodePort"]!, 30000, 32767));

        var address = (string)made[0]["spec"]!["clusterIP"]!;
        var taken = await api.PostAsync(path, Service("t", "") + $",\"clusterIP\":\"{address}\"}}}}");
        Assert.Equal((422, $"Service \"t\" is invalid: spec.clusterIPs: Invalid value: [\"{address}\"]: failed to allocate IP {address}: provided IP is already allocated"), (taken.Code, taken.Message));
        var port = (int)made[0]["spec"]!["ports"]![0]!["nodePort"]!;
        var sharedPort = await api.PostAsync(path, Service("t", $",\"nodePort\":{port}") + ",\"type\":\"NodePort\"}}");
        Assert.Equal(422, sharedPort.Code);
        Assert.Contains("provided port is already allocated", sharedPort.Message, StringComparison.Ordinal);
        var headless = await api.PostAsync(path, Service("h", "") + ",\"clusterIP\":\"None\"}}");
        Assert.Equal("None", (string)headless["spec"]!["clusterIP"]!);

        await api.DeleteAsync($"{path}/s0");
        Assert.Equal(201, (await api.PostAsync(path, Service("t", "") + $",\"clusterIP\":\"{address}\"}}}}")).Code);
    }

    [Fact]
    public async Task A_secrets_text_becomes_data_and_a_frozen_one_stays()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/secrets";
        var made = await api.PostAsync(path, """{"metadata":{"name":"s"},"stringData":{"a":"hello"},"immutable":true}""");
        Assert.Equal(("aGVsbG8=", "Opaque"), ((string)made["data"]!["a"]!, (string)made["type"]!));
        var changed = await api.PatchAsync($"{path}/s", """{"data":{"a":"eA=="}}""", "merge");
        Assert.Equal((422, "Invalid"), (changed.Code, changed.Reason));
    }

    [Fact]
    public async Task Patches_that_race_all_take_effect()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        await api.PostAsync(path, """{"metadata":{"name":"r"}}""");
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => api.PatchAsync($"{path}/r", $"{{\"data\":{{\"k{i}\":\"v\"}}}}", "merge")));
        Assert.All(answers, answer => Assert.Equal(200, answer.Code));
        Assert.Equal(8, (await api.GetAsync($"{path}/r"))["data"]!.AsObject().Count);
    }
}
