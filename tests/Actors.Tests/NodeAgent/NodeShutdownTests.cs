using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Shutdown;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.TestSupport;
using Akka.Actor;
using Akka.Configuration;
using k8s.Models;

namespace ActorOrchestrator.Actors.Tests.NodeAgent;

public sealed class NodeShutdownTests : PatientTestKit
{
    private const string Defaults = "shutdown-grace-period = 0s\nshutdown-grace-period-critical-pods = 0s\nshutdown-grace-by-priority { }\n";

    public NodeShutdownTests() : base(AgentWorld.Hocon)
    {
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("shutdown-grace-period = 30s", "0:30 2000000000:0")]
    [InlineData("shutdown-grace-period = 30s\nshutdown-grace-period-critical-pods = 10s", "0:20 2000000000:10")]
    [InlineData("shutdown-grace-period = 30s\nshutdown-grace-by-priority { \"1000\" = 5s, \"-5\" = 20s }", "-5:20 1000:5")]
    public void The_settings_divide_the_time_by_priority(string config, string periods)
    {
        var settings = NodeShutdownSettings.From(ConfigurationFactory.ParseString(config).WithFallback(ConfigurationFactory.ParseString(Defaults)));
        Assert.Equal(periods, string.Join(' ', settings.Periods.Select(period => $"{period.Priority}:{period.Grace.TotalSeconds}")));
        Assert.Equal(periods.Length > 0, settings.IsOn);
    }

    [Fact]
    public void Pods_end_from_the_lowest_priority_and_nobody_waits_for_a_period_without_pods()
    {
        static ShutdownPeriod Period(int priority) => new(priority, TimeSpan.FromSeconds(priority / 100 + 1));
        var settings = new NodeShutdownSettings([Period(0), Period(500), Period(1000)]);
        var groups = NodeShutdown.Groups(settings, [("critical", 2_000_000_000), ("plain", 0), ("edge", 1000), ("below", -10), ("almost", 499)]);
        Assert.Equal(["1: almost below plain", "11: critical edge"], groups.Select(group => $"{group.Grace.TotalSeconds}: {string.Join(' ', group.Uids)}"));
    }

    [Fact]
    public async Task Pods_end_with_their_node_and_say_so_and_none_begins_any_more()
    {
        var world = Running(new NodeShutdownSettings([new ShutdownPeriod(0, TimeSpan.FromSeconds(10))]), "a", "b");

        var done = await world.Agent.Ask<NodeShutdown.Done>(new NodeShutdown.Begin());

        Assert.Equal(new NodeShutdown.Done(2, 0), done);
        Assert.DoesNotContain(world.Engine.Containers, container => container.State == EngineContainerState.Running && container.Name.StartsWith("k8s_c", StringComparison.Ordinal));
        foreach (var name in (string[])["a", "b"])
        {
            var status = world.Pod(name)!.Status;
            Assert.Equal(("Failed", "Terminated", "Pod was terminated in response to imminent node shutdown."), (status.Phase, status.Reason, status.Message));
            var condition = status.Conditions.Single(condition => condition.Type == "DisruptionTarget");
            Assert.Equal(("True", "TerminationByKubelet"), (condition.Status, condition.Reason));
        }

        world.CreatePod("late");
        Until(() => world.Pod("late")!.Status is { Phase: "Failed", Reason: "NodeShutdown", Message: "Pod was rejected as the node is shutting down." });
        Until(() => world.Reader.Current.Find(new ObjectKey(ResourceTypes.Nodes, "", "n1"))!.As<V1Node>().Status.Conditions
            .Any(condition => condition is { Type: "Ready", Status: "False", Message: "node is shutting down" }));
    }

    [Fact]
    public async Task A_pod_that_does_not_end_in_time_is_left_behind()
    {
        var world = Running(new NodeShutdownSettings([new ShutdownPeriod(0, TimeSpan.FromSeconds(10))]), "a");
        world.Ledger.IsDown = true;
        var done = world.Agent.Ask<NodeShutdown.Done>(new NodeShutdown.Begin());
        Until(() =>
        {
            world.Advance(TimeSpan.FromSeconds(1));
            return done.IsCompleted;
        });
        Assert.Equal(new NodeShutdown.Done(0, 1), await done);
    }

    [Fact]
    public async Task Unless_the_settings_say_otherwise_pods_outlive_their_host()
    {
        var world = Running(NodeShutdownSettings.None, "a");
        Assert.Equal(new NodeShutdown.Done(0, 0), await world.Agent.Ask<NodeShutdown.Done>(new NodeShutdown.Begin()));
        world.StopAgent();
        Assert.Contains(world.Engine.Containers, container => container.State == EngineContainerState.Running && container.Name.StartsWith("k8s_c", StringComparison.Ordinal));
    }

    private AgentWorld Running(NodeShutdownSettings shutdown, params string[] pods)
    {
        var world = new AgentWorld(Sys);
        world = new AgentWorld(Sys) { Settings = world.Settings with { Shutdown = shutdown } };
        world.StartAgent();
        foreach (var pod in pods)
        {
            world.CreatePod(pod);
        }

        Until(() => pods.All(pod => world.Status(pod)?.State.Running is not null && world.Pod(pod)!.Status.Phase == "Running"));
        return world;
    }

    private void Until(Func<bool> holds) => AwaitAssert(() => Assert.True(holds()), null, TimeSpan.FromMilliseconds(5));
}
