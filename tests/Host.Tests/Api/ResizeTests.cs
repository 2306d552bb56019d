using System.Text.Json.Nodes;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>What <c>pods/resize</c> takes and what it refuses.</summary>
[Collection("api")]
public sealed class ResizeTests(ApiHost api)
{
    private const string Pod = """
        {"metadata":{"name":"p"},"spec":{
          "containers":[
            {"name":"a","image":"x","resources":{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"cpu":"200m","memory":"128Mi"}}},
            {"name":"b","image":"x","resources":{"requests":{"cpu":"100m","ephemeral-storage":"1Gi"}}}],
          "initContainers":[
            {"name":"side","image":"x","restartPolicy":"Always","resources":{"requests":{"cpu":"10m"}}},
            {"name":"once","image":"x","resources":{"requests":{"cpu":"10m"}}}]}}
        """;

    [Fact]
    public async Task Processors_and_memory_change_and_nothing_else_does()
    {
        var path = await PodAsync();
        var before = await api.GetAsync(path);
        var resized = await ResizeAsync(path, """{"metadata":{"labels":{"x":"y"}},"spec":{"priority":7,"containers":[{"name":"a","image":"other","resources":{"requests":{"cpu":"150m"},"limits":{"memory":"256Mi"}}}],"initContainers":[{"name":"side","resources":{"requests":{"cpu":"20m"}}}]}}""");
        Assert.Equal(200, resized.Code);
        var container = resized["spec"]!["containers"]![0]!;
        Assert.Equal(("150m", "256Mi", "x"), ((string)container["resources"]!["requests"]!["cpu"]!, (string)container["resources"]!["limits"]!["memory"]!, (string)container["image"]!));
        Assert.Equal("20m", (string)resized["spec"]!["initContainers"]![0]!["resources"]!["requests"]!["cpu"]!);
        Assert.Equal(0, (int)resized["spec"]!["priority"]!);
        Assert.Null(resized["metadata"]!["labels"]);
        Assert.Equal((long)before["metadata"]!["generation"]! + 1, (long)resized["metadata"]!["generation"]!);
        Assert.Contains(resized["metadata"]!["managedFields"]!.AsArray(), entry => (string?)entry!["subresource"] == "resize");
        Assert.Equal(resized.Revision, (await api.GetAsync(path)).Revision);
    }

    [Theory]
    [InlineData("""{"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":"200m","memory":"128Mi"}}},{"name":"b","resources":{"requests":{"cpu":"1","memory":"1Gi"},"limits":{"cpu":"1","memory":"1Gi"}}}],"initContainers":[{"name":"side","resources":{"requests":{"cpu":"1","memory":"1Gi"},"limits":{"cpu":"1","memory":"1Gi"}}},{"name":"once","resources":{"requests":{"cpu":"1","memory":"1Gi"},"limits":{"cpu":"1","memory":"1Gi"}}}]}}""", "Pod QOS Class may not change as a result of resizing")]
    [InlineData("""{"spec":{"containers":[{"name":"b","resources":{"requests":{"cpu":null}}}]}}""", "spec.containers[1].resources.requests: Forbidden: resource requests cannot be removed")]
    [InlineData("""{"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":null}}}]}}""", "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed")]
    [InlineData("""{"spec":{"containers":[{"name":"b","resources":{"requests":{"ephemeral-storage":"2Gi"}}}]}}""", "spec: Forbidden: only cpu and memory resources are mutable")]
    [InlineData("""{"spec":{"containers":[{"name":"a","resizePolicy":[{"resourceName":"cpu","restartPolicy":"RestartContainer"}]}]}}""", "spec: Forbidden: only cpu and memory resources are mutable")]
    [InlineData("""{"spec":{"initContainers":[{"name":"once","resources":{"requests":{"cpu":"20m"}}}]}}""", "spec: Forbidden: resources for non-sidecar init containers are immutable")]
    [InlineData("""{"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":"300m"}}}]}}""", "must be less than or equal to cpu limit of 200m")]
    [InlineData("""{"spec":{"containers":[{"name":"c","image":"x"}]}}""", "spec.containers: Forbidden: containers may not be added or removed on resize")]
    public async Task Everything_else_is_refused_in_upstreams_words(string patch, string message)
    {
        var path = await PodAsync();
        var before = await api.GetAsync(path);
        var refused = await ResizeAsync(path, patch);
        Assert.Equal((422, "Invalid"), (refused.Code, refused.Reason));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before.Text, (await api.GetAsync(path)).Text);
    }

    [Fact]
    public async Task Containers_stay_in_their_order()
    {
        var path = await PodAsync();
        var pod = (await api.GetAsync(path)).Json;
        var containers = pod["spec"]!["containers"]!.AsArray();
        var first = containers[0]!;
        containers.RemoveAt(0);
        containers.Add(first);
        var refused = await api.PutAsync($"{path}/resize", pod.ToJsonString());
        Assert.Equal(422, refused.Code);
        Assert.Contains("spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_container_is_resized_only_where_its_node_shows_that_it_can()
    {
        var path = await PodAsync();
        const string Resize = """{"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":"150m"}}}]}}""";
        await StatusAsync(path, """{"name":"a","image":"x","imageID":"","ready":true,"restartCount":0,"state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}}""");
        var refused = await ResizeAsync(path, Resize);
        Assert.Equal(422, refused.Code);
        Assert.Contains("spec: Forbidden: Pod running on node without support for resize", refused.Message, StringComparison.Ordinal);
        await StatusAsync(path, """{"name":"a","image":"x","imageID":"","ready":true,"restartCount":0,"state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}},"resources":{"requests":{"cpu":"100m"}}}""");
        Assert.Equal(200, (await ResizeAsync(path, Resize)).Code);
    }

    [Fact]
    public async Task A_pod_of_a_node_of_its_own_is_never_resized()
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"p","annotations":{"kubernetes.io/config.mirror":"x"}},"spec":{"nodeName":"n","containers":[{"name":"a","image":"x"}]}}""");
        var refused = await ResizeAsync($"/api/v1/namespaces/{ns}/pods/p", """{"spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}}]}}""");
        Assert.Contains("static pods cannot be resized", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resize_is_asked_of_limits_and_charged_to_quotas()
    {
        var path = await PodAsync();
        var space = path[..path.IndexOf("/pods", StringComparison.Ordinal)];
        await api.PostAsync($"{space}/limitranges", """{"metadata":{"name":"l"},"spec":{"limits":[{"type":"Container","max":{"cpu":"180m"}}]}}""");
        var limited = await ResizeAsync(path, """{"spec":{"containers":[{"name":"b","resources":{"requests":{"cpu":"190m"}}}]}}""");
        Assert.Equal((403, "Forbidden"), (limited.Code, limited.Reason));
        await api.DeleteAsync($"{space}/limitranges/l");
        await api.PostAsync($"{space}/resourcequotas", """{"metadata":{"name":"q"},"spec":{"hard":{"requests.memory":"100Mi"}}}""");
        await api.PatchAsync($"{space}/resourcequotas/q/status", """{"status":{"hard":{"requests.memory":"100Mi"},"used":{"requests.memory":"64Mi"}}}""", "merge");
        var overdrawn = await ResizeAsync(path, """{"spec":{"containers":[{"name":"a","resources":{"requests":{"memory":"120Mi"}}}]}}""");
        Assert.Equal(403, overdrawn.Code);
        Assert.Contains("exceeded quota", overdrawn.Message, StringComparison.Ordinal);
    }

    private async Task<string> PodAsync()
    {
        var ns = await api.NamespaceAsync();
        var made = await api.PostAsync($"/api/v1/namespaces/{ns}/pods", Pod);
        Assert.Equal(201, made.Code);
        return $"/api/v1/namespaces/{ns}/pods/p";
    }

    private Task<Answer> ResizeAsync(string path, string patch) => api.PatchAsync($"{path}/resize", patch, "strategic-merge");

    private async Task StatusAsync(string path, string container)
    {
        var patch = new JsonObject { ["status"] = new JsonObject { ["containerStatuses"] = new JsonArray(JsonNode.Parse(container)) } };
        Assert.Equal(200, (await api.PatchAsync($"{path}/status", patch.ToJsonString(), "merge")).Code);
    }
}
