using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Host.Api.ResourceMetrics;
using Microsoft.Extensions.DependencyInjection;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>metrics.k8s.io as kubectl top and metrics-server's clients use it.</summary>
public sealed class ResourceMetricsTests : IAsyncLifetime
{
    private const string Root = "/apis/metrics.k8s.io/v1beta1";
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    private static readonly DateTimeOffset Then = new(2026, 11, 23, 17, 0, 1, 500, TimeSpan.Zero);
    private readonly Actors.Metrics.ResourceMetrics _metrics = new(new MetricsSettings(TimeSpan.FromMinutes(5)), TimeProvider.System);
    private readonly ApiHost _api;

    public ResourceMetricsTests() => _api = new ApiHost { Configure = services => services.AddSingleton<IResourceMetrics>(_metrics) };

    public Task InitializeAsync() => _api.InitializeAsync();

    public Task DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Nodes_show_what_they_used()
    {
        Assert.Empty((await _api.GetAsync($"{Root}/nodes"))["items"]!.AsArray());
        await NodeAsync("n1", """{"zone":"a"}""");
        await NodeAsync("n2", """{"zone":"b"}""");
        var early = await _api.GetAsync($"{Root}/nodes");
        Assert.Equal((503, "ServiceUnavailable"), (early.Code, early.Reason));
        Assert.StartsWith("metrics are not available yet", early.Message, StringComparison.Ordinal);

        _metrics.Take(Report("n1"));
        var node = await _api.GetAsync($"{Root}/nodes/n1");
        Assert.Equal(200, node.Code);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"cpu":"1234567891n","memory":"1Gi"}"""), node["usage"]), node.Text);
        Assert.Equal(("metrics.k8s.io/v1beta1", "NodeMetrics", "2026-11-23T17:00:01Z", "15.012s"), ((string)node["apiVersion"]!, (string)node["kind"]!, (string)node["timestamp"]!, (string)node["window"]!));
        Assert.Equal(("n1", "a"), ((string)node["metadata"]!["name"]!, (string)node["metadata"]!["labels"]!["zone"]!));
        Assert.NotNull(node["metadata"]!["creationTimestamp"]);

        var list = await _api.GetAsync($"{Root}/nodes?labelSelector=zone");
        Assert.Equal("NodeMetricsList", (string)list["kind"]!);
        Assert.Single(list["items"]!.AsArray());
        var unknown = await _api.GetAsync($"{Root}/nodes/n2");
        Assert.Equal((404, "nodemetrics.metrics.k8s.io \"n2\" not found"), (unknown.Code, unknown.Message));
        Assert.Equal("nodes \"n3\" not found", (await _api.GetAsync($"{Root}/nodes/n3")).Message);
    }

    [Fact]
    public async Task Pods_show_what_each_of_their_containers_used()
    {
        var web = await PodAsync("web");
        var old = await PodAsync("old");
        await PodAsync("young");
        _metrics.Take(Report("n1", Pod("web", web, ("app", 2_000_000, 3 << 20), ("log", 0, 1000)), Pod("old", "another", ("app", 1, 1)), Pod("gone", old, ("app", 1, 1))));
        var pod = await _api.GetAsync($"{Root}/namespaces/default/pods/web");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""[{"name":"app","usage":{"cpu":"2m","memory":"3Mi"}},{"name":"log","usage":{"cpu":"0","memory":"1k"}}]"""), pod["containers"]), pod.Text);
        Assert.Equal(("PodMetrics", "default", "web"), ((string)pod["kind"]!, (string)pod["metadata"]!["namespace"]!, (string)pod["metadata"]!["labels"]!["app"]!));

        // Figures of a pod of the same name that is no more are not this one's.
        Assert.Equal(["web"], await NamesAsync($"{Root}/namespaces/default/pods"));
        Assert.Equal(["web"], await NamesAsync($"{Root}/pods"));
        Assert.Empty(await NamesAsync($"{Root}/namespaces/kube-system/pods"));
        Assert.Equal(["web"], await NamesAsync($"{Root}/pods?labelSelector=app%3Dweb&limit=500"));
        Assert.Empty(await NamesAsync($"{Root}/pods?labelSelector=app%3Ddb"));
        Assert.Equal(["web"], await NamesAsync($"{Root}/pods?fieldSelector=metadata.name%3Dweb"));
        Assert.Empty(await NamesAsync($"{Root}/pods?fieldSelector=metadata.namespace%3Dkube-system"));
        Assert.Equal("podmetrics.metrics.k8s.io \"default/young\" not found", (await _api.GetAsync($"{Root}/namespaces/default/pods/young")).Message);
        Assert.Equal("pods \"nobody\" not found", (await _api.GetAsync($"{Root}/namespaces/default/pods/nobody")).Message);
    }

    [Fact]
    public async Task Tables_have_the_columns_of_metrics_server()
    {
        var web = await PodAsync("web");
        _metrics.Take(Report("n1", Pod("web", web, ("app", 1_500_000, 1 << 20), ("log", 500_000, 1 << 20))));
        var table = await _api.GetAsync($"{Root}/pods", Table);
        Assert.Equal(["Name", "cpu", "memory", "Window"], table["columnDefinitions"]!.AsArray().Select(column => (string)column!["name"]!));
        Assert.Equal(["web", "2m", "2Mi", "15.012s"], table["rows"]![0]!["cells"]!.AsArray().Select(cell => (string)cell!));
        await NodeAsync("n1", "{}");
        var nodes = await _api.GetAsync($"{Root}/nodes/n1", Table);
        Assert.Equal(["n1", "1234567891n", "1Gi", "15.012s"], nodes["rows"]![0]!["cells"]!.AsArray().Select(cell => (string)cell!));
    }

    [Fact]
    public async Task Only_reading_is_possible_and_only_for_whoever_may()
    {
        await NodeAsync("n1", "{}");
        _metrics.Take(Report("n1"));
        Assert.Equal(405, (await _api.PostAsync($"{Root}/nodes", "{}")).Code);
        Assert.Equal(405, (await _api.DeleteAsync($"{Root}/nodes/n1")).Code);
        Assert.Equal(405, (await _api.GetAsync($"{Root}/nodes?watch=true")).Code);
        var refused = await _api.GetAsync($"{Root}/nodes", user: "mallory");
        Assert.Equal((403, "nodes.metrics.k8s.io is forbidden: User \"mallory\" cannot list resource \"nodes\" in API group \"metrics.k8s.io\" at the cluster scope"), (refused.Code, refused.Message));
        await _api.PostAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles", """{"metadata":{"name":"looker"},"rules":[{"apiGroups":["metrics.k8s.io"],"resources":["nodes"],"verbs":["list"]}]}""");
        await _api.PostAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
            {"metadata":{"name":"looker"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"looker"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"lena"}]}
            """);
        Assert.Equal(200, (await _api.GetAsync($"{Root}/nodes", user: "lena")).Code);
        Assert.Equal(403, (await _api.GetAsync($"{Root}/pods", user: "lena")).Code);
    }

    [Fact]
    public async Task The_group_is_discovered_and_described_and_listed_among_the_APIServices()
    {
        var resources = (await _api.GetAsync(Root))["resources"]!.AsArray();
        Assert.Equal(["nodes NodeMetrics False get,list", "pods PodMetrics True get,list"], resources.Select(resource =>
            $"{resource!["name"]} {resource["kind"]} {(bool)resource["namespaced"]!} {string.Join(',', resource["verbs"]!.AsArray().Select(verb => (string)verb!))}"));
        Assert.Contains("metrics.k8s.io", (await _api.GetAsync("/apis")).Text, StringComparison.Ordinal);
        Assert.Contains("io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics", (await _api.GetAsync("/openapi/v3/apis/metrics.k8s.io/v1beta1")).Text, StringComparison.Ordinal);
        Assert.Contains("The interval from which metrics were collected.", (await _api.GetAsync("/openapi/v3/apis/metrics.k8s.io/v1beta1")).Text, StringComparison.Ordinal);
        Answer? service = null;
        for (var i = 0; i < 200 && service?.Code != 200; i++)
        {
            service = await _api.GetAsync("/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io");
        }

        Assert.Equal((100, 100), ((int)service!["spec"]!["groupPriorityMinimum"]!, (int)service["spec"]!["versionPriority"]!));
        Assert.Contains("\"type\":\"Available\",\"status\":\"True\"", service.Text.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_metrics_server_of_the_users_own_takes_over()
    {
        await NodeAsync("n1", "{}");
        _metrics.Take(Report("n1"));
        Answer? service = null;
        for (var i = 0; i < 200 && service?.Code != 200; i++)
        {
            service = await _api.PatchAsync("/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io", """
                {"spec":{"service":{"name":"metrics-server","namespace":"kube-system"},"insecureSkipTLSVerify":true}}
                """, "merge");
        }

        Assert.Equal(200, service!.Code);

        // Its Service is not there: it is asked all the same, and nobody answers in its place.
        Assert.Equal(503, (await _api.GetAsync($"{Root}/nodes")).Code);

        // With it goes its APIService, and ours comes back.
        Assert.Equal(200, (await _api.DeleteAsync("/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io")).Code);
        Assert.Equal(200, (await _api.GetAsync($"{Root}/nodes")).Code);
        service = null;
        for (var i = 0; i < 200 && service?.Code != 200; i++)
        {
            service = await _api.GetAsync("/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io");
        }

        Assert.Null(service!["spec"]!["service"]);
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(250, "250ms")]
    [InlineData(15_000, "15s")]
    [InlineData(15_012.4, "15.012s")]
    [InlineData(62_500, "1m2.5s")]
    [InlineData(3_600_000, "1h0m0s")]
    public void Windows_are_written_as_Go_writes_durations(double milliseconds, string text) => Assert.Equal(text, MetricsObjects.Duration(TimeSpan.FromMilliseconds(milliseconds)));

    private async Task<string[]> NamesAsync(string path)
    {
        var answer = await _api.GetAsync(path);
        Assert.True(answer.Code == 200, answer.ToString());
        return [.. answer["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!)];
    }

    private Task NodeAsync(string name, string labels) => _api.PostAsync("/api/v1/nodes", $$$"""{"metadata":{"name":"{{{name}}}","labels":{{{labels}}}}}""");

    private async Task<string> PodAsync(string name)
    {
        var created = await _api.PostAsync("/api/v1/namespaces/default/pods", $$$"""
            {"metadata":{"name":"{{{name}}}","labels":{"app":"{{{name}}}"}},"spec":{"containers":[{"name":"app","image":"busybox:1.36"},{"name":"log","image":"busybox:1.36"}]}}
            """);
        Assert.True(created.Code == 201, created.ToString());
        return (string)created["metadata"]!["uid"]!;
    }

    private static UsageReport Report(string node, params PodUsage[] pods) =>
        new(new NodeUsage(node, Then, TimeSpan.FromMilliseconds(15_012), 1_234_567_891, 1 << 30), [.. pods]);

    private static PodUsage Pod(string name, string uid, params (string Name, long Cpu, long Memory)[] containers) =>
        new("default", name, uid, Then, TimeSpan.FromMilliseconds(15_012), [.. containers.Select(container => new ContainerUsage(container.Name, container.Cpu, container.Memory))]);
}
