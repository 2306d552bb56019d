using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.NodeAgent.Simulation;
using ActorOrchestrator.Actors.NodeAgent.Usage;
using ActorOrchestrator.TestSupport;
using Akka.Actor;

namespace ActorOrchestrator.Actors.Tests.NodeAgent;

public sealed class NodeUsageTests : PatientTestKit
{
    private const long MiB = 1 << 20;
    private const long Core = 1_000_000_000;
    private readonly AgentWorld _world;

    public NodeUsageTests() : base(AgentWorld.Hocon)
    {
        var settings = new AgentWorld(Sys).Settings;
        _world = new AgentWorld(Sys) { Settings = settings with { MetricsInterval = TimeSpan.FromSeconds(15) } };
        _world.Usage.Program = container => container.PodName == "busy" ? new SimulatedUse(Core / 4, 64 * MiB) : SimulatedUse.Idle;
        _world.Usage.System = new SimulatedUse(Core / 10, 500 * MiB);
    }

    [Fact]
    public void Every_interval_one_report_tells_what_the_node_and_its_pods_use()
    {
        Run("busy");
        var report = ReportWith("busy");
        var pod = report.Pods.Single();
        Assert.Equal(("default", _world.Pod("busy")!.Metadata.Uid, "c"), (pod.Namespace, pod.Uid, pod.Containers.Single().Name));
        Assert.Equal((Core / 4, 64 * MiB), (pod.Containers[0].CpuNanocores, pod.Containers[0].MemoryBytes));
        Assert.InRange(pod.Window.TotalSeconds, 9, 30);

        // The pause container is not a container of the pod, but it is on the node.
        Assert.Equal("n1", report.Node.Name);
        Assert.Equal(565 * MiB, report.Node.MemoryBytes);
        Assert.InRange(report.Node.CpuNanocores, Core / 10, (Core / 10) + (Core / 4));
        var seen = _world.Reports.Count;
        _world.Advance(TimeSpan.FromSeconds(45));
        AwaitAssert(() => Assert.Equal(seen + 3, _world.Reports.Count), null, TimeSpan.FromMilliseconds(5));
    }

    [Fact]
    public void What_is_used_is_averaged_over_the_window()
    {
        Run("busy");
        ReportWith("busy");
        var before = _world.Reports.Count;
        _world.Usage.Program = _ => new SimulatedUse(0, MiB);
        _world.Advance(TimeSpan.FromSeconds(15));
        AwaitAssert(() => Assert.True(_world.Reports.Count > before), null, TimeSpan.FromMilliseconds(5));
        Assert.Equal((0, MiB), (_world.Reports.Last().Pods[0].Containers[0].CpuNanocores, _world.Reports.Last().Pods[0].Containers[0].MemoryBytes));
    }

    [Fact]
    public void A_container_that_restarts_has_a_window_of_its_own_and_its_pod_no_figures_until_then()
    {
        Run("busy");
        ReportWith("busy");
        var first = _world.IdOf("busy");

        // Shortly before the next report.
        _world.Advance(TimeSpan.FromSeconds(10));
        _world.Engine.Die(first, 1);
        Until(() => _world.Status("busy") is { State.Running: not null } status && status.ContainerID != $"docker://{first}");
        var before = _world.Reports.Count;
        Until(() => _world.Reports.Count > before, advance: true);
        Assert.Empty(_world.Reports.Last().Pods);
        Assert.Equal(Core / 4, ReportWith("busy").Pods[0].Containers[0].CpuNanocores);
    }

    [Fact]
    public void A_pod_that_is_gone_is_not_reported_any_more()
    {
        Run("busy");
        ReportWith("busy");
        _world.Delete(_world.Reader.Current.All(Contracts.Resources.ResourceTypes.Pods).Single(), grace: 0);
        Until(() => _world.Pod("busy") is null, advance: true);
        var before = _world.Reports.Count;
        Until(() => _world.Reports.Count > before + 1, advance: true);
        Assert.Empty(_world.Reports.Last().Pods);
    }

    [Fact]
    public void An_agent_that_starts_anew_measures_the_containers_that_it_finds()
    {
        Run("busy");
        _world.StopAgent();
        _world.Reports.Clear();
        _world.StartAgent();
        Assert.Equal(Core / 4, ReportWith("busy").Pods[0].Containers[0].CpuNanocores);
    }

    [Fact]
    public void The_engine_is_asked_for_one_process_and_for_no_other_once_the_place_of_containers_is_known()
    {
        var meter = new LearningMeter(_world.Usage);
        _world.Meter = meter;
        Run("busy");
        _world.CreatePod("other");
        Until(() => _world.Status("other") is { State.Running: not null }, advance: true);
        Assert.Equal(2, ReportWith("other").Pods.Length);
        Assert.Equal(1, meter.Asked);
    }

    [Fact]
    public void A_container_whose_place_is_not_found_is_looked_for_again()
    {
        var meter = new LearningMeter(_world.Usage) { IsBlind = true };
        _world.Meter = meter;
        Run("busy");
        Until(() => meter.Asked > 1, advance: true);
        Assert.All(_world.Reports, report => Assert.Empty(report.Pods));
        meter.IsBlind = false;
        Assert.Equal(Core / 4, ReportWith("busy").Pods[0].Containers[0].CpuNanocores);
    }

    [Fact]
    public async Task The_node_itself_shows_counters()
    {
        Run("busy");
        ReportWith("busy");
        var node = (await _world.Agent.Ask<MeasureNode.Answer>(MeasureNode.Instance)).Node!;
        Assert.Equal("n1", node.Name);
        var container = node.Pods.Single().Containers.Single();
        Assert.True(container.Reading.CpuNanoseconds > Core);
        Assert.Equal((Core / 4, 64 * MiB), (container.CpuNanocores, container.Reading.WorkingSetBytes));
    }

    [Fact]
    public async Task A_node_that_is_not_to_measure_shows_nothing()
    {
        var world = new AgentWorld(Sys);
        world.StartAgent();
        Assert.Null((await world.Agent.Ask<MeasureNode.Answer>(MeasureNode.Instance)).Node);
    }

    private void Run(string pod)
    {
        _world.StartAgent();
        _world.CreatePod(pod);
        Until(() => _world.Status(pod) is { State.Running: not null }, advance: true);
    }

    private UsageReport ReportWith(string pod)
    {
        var since = _world.Reports.Count;
        UsageReport? found = null;
        Until(() => (found = _world.Reports.Skip(since).FirstOrDefault(report => report.Pods.Any(usage => usage.Name == pod))) is not null, advance: true);
        return found!;
    }

    private void Until(Func<bool> holds, bool advance = false) => AwaitAssert(
        () =>
        {
            if (advance && !holds())
            {
                _world.Advance(TimeSpan.FromSeconds(1));
            }

            Assert.True(holds());
        },
        null, TimeSpan.FromMilliseconds(5));

    /// <summary>Knows no place of containers until it has seen a process of one.</summary>
    private sealed class LearningMeter(SimulatedUsage inner) : IUsageMeter
    {
        private volatile bool _knows;

        public int Asked { get; private set; }

        public bool IsBlind { get; set; }

        public IUsageAccount Machine => inner.Machine;

        public IUsageAccount? Find(string containerId) => _knows ? inner.Find(containerId) : null;

        public IUsageAccount? Find(string containerId, int processId)
        {
            Asked++;
            Assert.True(processId > 1);
            _knows = !IsBlind;
            return Find(containerId);
        }
    }
}
