using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace ActorOrchestrator.Host.Tests.Api;

public sealed class AuditTests : IAsyncLifetime
{
    private const string Policy = """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        omitManagedFields: true
        rules:
        - level: None
          nonResourceURLs: ["/healthz*", "/version"]
        - level: Metadata
          resources: [{group: "", resources: ["secrets"]}]
        - level: RequestResponse
          verbs: ["create", "update", "patch", "delete"]
        - level: Metadata
          omitStages: [ResponseStarted]
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("audit-").FullName;
    private ApiHost? _api;

    public async Task InitializeAsync()
    {
        var policy = Path.Combine(_folder, "policy.yaml");
        await File.WriteAllTextAsync(policy, Policy);
        _api = new ApiHost { Configure = services => services.AddSingleton(new AuditSettings { PolicyFile = policy, LogFile = Log }) };
        await _api.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _api!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string Log => Path.Combine(_folder, "audit.log");

    [Fact]
    public async Task What_was_done_is_a_line_of_upstreams_event()
    {
        await _api!.PostAsync("/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"c"},"data":{"a":"1"}}""");
        var created = Events("configmaps").Single();
        Assert.Equal(
            ("Event", "audit.k8s.io/v1", "RequestResponse", "ResponseComplete", "create", "admin"),
            ((string)created["kind"]!, (string)created["apiVersion"]!, (string)created["level"]!, (string)created["stage"]!, (string)created["verb"]!, (string)created["user"]!["username"]!));
        Assert.Equal(201, (int)created["responseStatus"]!["code"]!);
        Assert.Equal("1", (string)created["requestObject"]!["data"]!["a"]!);
        Assert.Equal("c", (string)created["responseObject"]!["metadata"]!["name"]!);
        Assert.Null(created["responseObject"]!["metadata"]!["managedFields"]);
        Assert.Equal("allow", (string)created["annotations"]!["authorization.k8s.io/decision"]!);
    }

    [Fact]
    public async Task A_secrets_content_stays_out_and_a_refusal_is_told()
    {
        await _api!.PostAsync("/api/v1/namespaces/default/secrets", """{"metadata":{"name":"s"},"stringData":{"a":"hidden"}}""", user: "eve");
        var refused = Events("secrets").Single();
        Assert.Equal((403, "Forbidden", "forbid"), ((int)refused["responseStatus"]!["code"]!, (string)refused["responseStatus"]!["reason"]!, (string)refused["annotations"]!["authorization.k8s.io/decision"]!));
        Assert.DoesNotContain("hidden", await File.ReadAllTextAsync(Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_acts_for_another_is_named_beside_them()
    {
        await _api!.SendAsync(HttpMethod.Get, "/api/v1/namespaces/default/pods", null, null, headers: ("Impersonate-User", "bob"));
        var listed = Events("pods").Single();
        Assert.Equal(("admin", "bob", 403), ((string)listed["user"]!["username"]!, (string)listed["impersonatedUser"]!["username"]!, (int)listed["responseStatus"]!["code"]!));
    }

    [Theory]
    [InlineData("get", "/healthz/ping", AuditLevel.None)]
    [InlineData("get", "/metrics", AuditLevel.Metadata)]
    public void Paths_are_met_by_their_beginning(string verb, string url, AuditLevel level) =>
        Assert.Equal(level, RequestAudit.LoadPolicy(Path.Combine(_folder, "policy.yaml")).Decide(new UserInfo("x", []), RequestAttributes.OfUrl(verb, url)).Level);

    [Theory]
    [InlineData("pods", "pods", "", true)]
    [InlineData("pods", "pods", "log", false)]
    [InlineData("pods/log", "pods", "log", true)]
    [InlineData("pods/*", "pods", "log", true)]
    [InlineData("*/status", "nodes", "status", true)]
    [InlineData("*", "nodes", "status", true)]
    public void Resources_are_met_with_their_subresources(string wanted, string plural, string subresource, bool met) =>
        Assert.Equal(met, new AuditResources("", [wanted], []).Meets(RequestAttributes.Of("get", new ResourceType("", plural), subresource: subresource)));

    [Fact]
    public async Task The_file_is_turned_over_at_its_size_and_old_ones_go()
    {
        var path = Path.Combine(_folder, "small.log");
        using var file = new AuditFile(path, maxBytes: 100, TimeSpan.Zero, maxBackups: 2, TimeProvider.System);
        for (var line = 0; line < 20; line++)
        {
            await file.AppendAsync(new byte[60], CancellationToken.None);
            await Task.Yield();
        }

        Assert.InRange(Directory.GetFiles(_folder, "small-*.log").Length, 1, 2);
        Assert.Equal(60, new FileInfo(path).Length);
    }

    [Fact]
    public async Task A_full_queue_loses_lines_and_says_how_many()
    {
        await using var log = new AuditLog(new AuditSettings { LogFile = "/dev/full", Blocking = false, Queue = 2 }, TimeProvider.System);
        for (var line = 0; line < 5000; line++)
        {
            await log.WriteAsync([1]);
        }

        Assert.True(log.Dropped > 0);
    }

    private JsonObject[] Events(string resource) =>
        [.. File.ReadAllLines(Log).Select(line => JsonNode.Parse(line)!.AsObject()).Where(line => (string?)line["objectRef"]?["resource"] == resource && (string?)line["stage"] == "ResponseComplete")];
}
