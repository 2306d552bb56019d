using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Console.Palettes;
using ActorOrchestrator.TestSupport.Ledger;

namespace ActorOrchestrator.Host.Tests.Console;

public sealed class UsageTablesTests
{
    private static readonly WriteOptions By = new("tester", "test");
    private readonly DirectLedger _ledger = new(TimeProvider.System);
    private readonly ResourceMetrics _metrics = new(new MetricsSettings(TimeSpan.FromMinutes(5)), TimeProvider.System);
    private readonly ResourceStore _store;

    public UsageTablesTests() => _store = new ResourceStore(_ledger, _ledger.View, ResourceCatalog.BuiltIn, TimeProvider.System);

    [Fact]
    public async Task Who_uses_most_stands_first()
    {
        await CreateAsync(ResourceTypes.Namespaces, "", """{"metadata":{"name":"shop"}}""");
        await CreateAsync(ResourceTypes.Nodes, "", """{"metadata":{"name":"idle"},"status":{"allocatable":{"cpu":"2","memory":"4Gi"}}}""");
        await CreateAsync(ResourceTypes.Nodes, "", """{"metadata":{"name":"busy"},"status":{"allocatable":{"cpu":"2","memory":"4Gi"}}}""");
        await CreateAsync(ResourceTypes.Nodes, "", """{"metadata":{"name":"silent"}}""");
        var (small, large) = (await PodAsync("small"), await PodAsync("large"));
        _metrics.Take(Report("idle", 10_000_000, 1 << 30, Pod("small", small, 1_000_001), Pod("gone", "u", 5)));
        _metrics.Take(Report("busy", 1_500_000_000, 2L << 30, Pod("large", large, 900_000_000)));
        Assert.Equal(
            [
                "NAME CPU(cores) CPU(%) MEMORY(bytes) MEMORY(%)", "busy 1500m 75% 2048Mi 50%", "idle 10m 0% 1024Mi 25%", "silent <unknown> <unknown> <unknown> <unknown>",
            ],
            Rows(UsageTables.Nodes(_ledger.View.Current, _metrics)));
        Assert.Equal(["NAMESPACE NAME CPU(cores) MEMORY(bytes)", "shop large 900m 3Mi", "shop small 2m 3Mi"], Rows(UsageTables.Pods(_ledger.View.Current, _metrics, null)));
        Assert.DoesNotContain("shop", UsageTables.Pods(_ledger.View.Current, _metrics, "default"), StringComparison.Ordinal);
    }

    private async Task<string> PodAsync(string name) =>
        (await CreateAsync(ResourceTypes.Pods, "shop", $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"containers":[{"name":"c","image":"busybox:1.36"}]}}""")).Uid;

    private async Task<StoredObject> CreateAsync(ResourceType type, string ns, string json)
    {
        var created = await _store.CreateAsync(type, ns, JsonNode.Parse(json)!.AsObject(), By);
        Assert.True(created.Ok, created.Failure?.Message);
        return created.Object!;
    }

    private static UsageReport Report(string node, long cpu, long memory, params PodUsage[] pods) =>
        new(new NodeUsage(node, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(15), cpu, memory), [.. pods]);

    private static PodUsage Pod(string name, string uid, long cpu) =>
        new("shop", name, uid, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(15), [new ContainerUsage("c", cpu, 3 << 20)]);

    private static string[] Rows(string table) => [.. table.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
}
