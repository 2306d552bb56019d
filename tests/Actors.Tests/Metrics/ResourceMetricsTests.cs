using ActorOrchestrator.Actors.Metrics;

namespace ActorOrchestrator.Actors.Tests.Metrics;

public sealed class ResourceMetricsTests
{
    private readonly Clock _clock = new();
    private readonly ResourceMetrics _metrics;

    public ResourceMetricsTests() => _metrics = new ResourceMetrics(new MetricsSettings(TimeSpan.FromSeconds(90)), _clock);

    [Fact]
    public void What_a_node_reports_is_known_of_it_and_of_its_pods()
    {
        _metrics.Take(Report("n1", 700, Pod("web-1", "u1", 5), Pod("web-2", "u2", 6)));
        _metrics.Take(Report("n2", 800, Pod("db-0", "u3", 7, "data")));
        Assert.Equal(700, _metrics.Node("n1")!.CpuNanocores);
        Assert.Equal(6, _metrics.Pod("default", "web-2")!.Containers[0].CpuNanocores);
        Assert.Null(_metrics.Pod("data", "web-2"));
        Assert.Equal(["n1", "n2"], _metrics.Nodes().Select(node => node.Name).Order());
        Assert.Equal(["db-0"], _metrics.Pods("data").Select(pod => pod.Name));
        Assert.Equal(3, _metrics.Pods(null).Count());
    }

    [Fact]
    public void A_pod_that_a_report_does_not_name_any_more_has_no_figures()
    {
        _metrics.Take(Report("n1", 1, Pod("web-1", "u1", 5), Pod("web-2", "u2", 6)));
        _metrics.Take(Report("n1", 2, Pod("web-2", "u2", 8)));
        Assert.Null(_metrics.Pod("default", "web-1"));
        Assert.Equal(8, _metrics.Pod("default", "web-2")!.Containers[0].CpuNanocores);
    }

    [Fact]
    public void A_pod_that_lives_on_another_node_now_is_not_taken_away_by_the_report_of_the_one_before()
    {
        _metrics.Take(Report("n1", 1, Pod("db-0", "old", 5)));
        _metrics.Take(Report("n2", 1, Pod("db-0", "new", 6)));
        _metrics.Take(Report("n1", 1));
        Assert.Equal("new", _metrics.Pod("default", "db-0")!.Uid);
    }

    [Fact]
    public void What_a_silent_node_has_said_is_not_known_for_long()
    {
        _metrics.Take(Report("n1", 1, Pod("web-1", "u1", 5)));
        _clock.Advance(60);
        _metrics.Take(Report("n2", 1, Pod("web-2", "u2", 5)));
        _clock.Advance(31);
        Assert.Null(_metrics.Node("n1"));
        Assert.Null(_metrics.Pod("default", "web-1"));
        Assert.Equal(["n2"], _metrics.Nodes().Select(node => node.Name));
        Assert.Equal(["web-2"], _metrics.Pods(null).Select(pod => pod.Name));
        _metrics.Sweep();
        Assert.Single(_metrics.Reports);
        _metrics.Take(Report("n1", 9, Pod("web-1", "u1", 9)));
        Assert.Equal(9, _metrics.Pod("default", "web-1")!.Containers[0].CpuNanocores);
    }

    internal static UsageReport Report(string node, long cpu, params PodUsage[] pods) =>
        new(new NodeUsage(node, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(15), cpu, 1 << 30), [.. pods]);

    internal static PodUsage Pod(string name, string uid, long cpu, string @namespace = "default") =>
        new(@namespace, name, uid, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(15), [new ContainerUsage("c", cpu, 4096)]);

    private sealed class Clock : TimeProvider
    {
        private long _now = 1_000;

        public override long TimestampFrequency => 1;
        public override long GetTimestamp() => _now;
        public void Advance(int seconds) => _now += seconds;
    }
}
