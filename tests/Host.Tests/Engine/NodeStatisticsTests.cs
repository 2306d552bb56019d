using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Usage;
using ActorOrchestrator.Host.NodeEndpoint;

namespace ActorOrchestrator.Host.Tests.Engine;

public sealed class NodeStatisticsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 17, 0, 0, TimeSpan.Zero);

    private static readonly MeasuredNode Node = new("n1", Now, Now.AddHours(-1), new UsageReading(5_000_000_000, 1000, 2000, 500, 7, 1), 250_000_000,
    [
        new MeasuredPod("shop", "web", "u1",
        [
            new MeasuredContainer("app", Now.AddMinutes(-2), new UsageReading(1_500_000_000, 300, 400, 200, 3, 0), 100_000_000),
            new MeasuredContainer("log", Now.AddMinutes(-1), new UsageReading(500_000_000, 30, 40, 20, 1, 0), null),
        ]),
        new MeasuredPod("shop", "starting", "u2", []),
    ]);

    [Fact]
    public void The_summary_has_the_form_of_the_kubelets()
    {
        var summary = JsonNode.Parse(NodeStatistics.Summary(Node, new MachineFacts("n1", "", "", "", "", "", "", 0, 0, 100, 40)).Span)!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"nodeName":"n1","startTime":"2026-11-23T16:00:00Z",
             "cpu":{"time":"2026-11-23T17:00:00Z","usageNanoCores":250000000,"usageCoreNanoSeconds":5000000000},
             "memory":{"time":"2026-11-23T17:00:00Z","usageBytes":2000,"workingSetBytes":1000,"rssBytes":500,"pageFaults":7,"majorPageFaults":1},
             "fs":{"time":"2026-11-23T17:00:00Z","availableBytes":40,"capacityBytes":100,"usedBytes":60}}
            """), summary["node"]), summary.ToJsonString());
        var pod = summary["pods"]![0]!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"name":"web","namespace":"shop","uid":"u1"}"""), pod["podRef"]));
        Assert.Equal(["app", "log"], pod["containers"]!.AsArray().Select(container => (string)container!["name"]!));
        Assert.Equal((2_000_000_000, 330), ((long)pod["cpu"]!["usageCoreNanoSeconds"]!, (long)pod["memory"]!["workingSetBytes"]!));

        // A rate of some containers would pass for the pod's.
        Assert.Null(pod["cpu"]!["usageNanoCores"]);
        Assert.Equal("2026-11-23T16:58:00Z", (string)pod["startTime"]!);
        Assert.Null(JsonNode.Parse(NodeStatistics.Summary(Node, null).Span)!["node"]!["fs"]);
    }

    [Fact]
    public void Prometheus_reads_what_the_kubelet_would_tell_it()
    {
        var lines = NodeStatistics.Resource(Node).Split('\n');
        Assert.Contains("# TYPE container_cpu_usage_seconds_total counter", lines);
        Assert.Contains("""container_cpu_usage_seconds_total{container="app",namespace="shop",pod="web"} 1.5 1795453200000""", lines);
        Assert.Contains("""container_memory_working_set_bytes{container="log",namespace="shop",pod="web"} 30 1795453200000""", lines);
        Assert.Contains("""container_start_time_seconds{container="app",namespace="shop",pod="web"} 1795453080""", lines);
        Assert.Contains("node_cpu_usage_seconds_total 5 1795453200000", lines);
        Assert.Contains("node_memory_working_set_bytes 1000 1795453200000", lines);
        Assert.Contains("""pod_cpu_usage_seconds_total{namespace="shop",pod="web"} 2 1795453200000""", lines);
        Assert.Contains("resource_scrape_error 0", lines);
        Assert.DoesNotContain("starting", string.Concat(lines), StringComparison.Ordinal);
        Assert.Contains("resource_scrape_error 1", NodeStatistics.Resource(null), StringComparison.Ordinal);
    }
}
