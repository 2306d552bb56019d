using System.Collections.Immutable;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.NodeAgent.Simulation;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.TestSupport;
using Akka.Actor;
using k8s.Models;

namespace ActorOrchestrator.Actors.Tests.NodeAgent;

public sealed class NodeAgentActorTests : PatientTestKit
{
    private readonly AgentWorld _world;

    public NodeAgentActorTests() : base(AgentWorld.Hocon) => _world = new AgentWorld(Sys);

    [Fact]
    public void The_node_registers_itself_and_is_ready()
    {
        _world.StartAgent();

        Until(() => Node().Status?.Conditions?.SingleOrDefault(condition => condition.Type == "Ready")?.Status == "True");
        Assert.Equal("linux", Node().Metadata.Labels["kubernetes.io/os"]);
        Assert.Equal("192.0.2.10", Node().Status.Addresses[0].Address);
        Assert.Equal("docker://20.10.24", Node().Status.NodeInfo.ContainerRuntimeVersion);
        Assert.Equal("110", Node().Status.Allocatable["pods"].ToString());
    }

    [Fact]
    public async Task A_pod_range_that_is_assigned_while_the_engine_is_still_asked_about_the_network_is_not_missed()
    {
        var world = new AgentWorld(Sys, "{}");
        var held = new TaskCompletionSource();
        world.Engine.NetworksHeld = held.Task;
        world.StartAgent();
        Until(() => world.Engine.Calls.GetValueOrDefault(EngineCall.Network) > 0);

        var assigned = await world.Client.UpdateAsync(
            new ObjectKey(ResourceTypes.Nodes, "", "n1"),
            (_, node) =>
            {
                node["spec"] = new System.Text.Json.Nodes.JsonObject { ["podCIDR"] = "10.42.0.0/24" };
                return node;
            },
            new Actors.Resources.WriteOptions("tester", "assign"));
        Assert.True(assigned.Ok, assigned.Failure?.Message);
        held.SetResult();

        Until(() => world.Reader.Current.Find(new ObjectKey(ResourceTypes.Nodes, "", "n1"))!.As<V1Node>()
            .Status?.Conditions?.SingleOrDefault(condition => condition.Type == "Ready")?.Status == "True");
    }

    [Fact]
    public void A_dead_container_is_restarted_at_once_and_then_after_ten_twenty_and_forty_seconds()
    {
        Run("p");
        Kill("p");
        Until(() => _world.Status("p") is { RestartCount: 1, State.Running: not null });

        foreach (var (restarts, delay) in new[] { (1, 10), (2, 20), (3, 40) })
        {
            Kill("p");
            Until(() => _world.Status("p")?.State.Waiting?.Reason == "CrashLoopBackOff");
            Assert.StartsWith($"back-off {delay}s restarting", _world.Status("p")!.State.Waiting.Message, StringComparison.Ordinal);
            _world.Advance(TimeSpan.FromSeconds(delay - 1));
            Assert.Equal(restarts, _world.Status("p")!.RestartCount);
            _world.Advance(TimeSpan.FromSeconds(1));
            Until(() => _world.Status("p") is { State.Running: not null } status && status.RestartCount == restarts + 1);
        }

        Assert.Equal(137, _world.Status("p")!.LastState.Terminated.ExitCode);
    }

    [Theory]
    [InlineData("Always", 0, null)]
    [InlineData("OnFailure", 0, "Succeeded")]
    [InlineData("OnFailure", 3, null)]
    [InlineData("Never", 0, "Succeeded")]
    [InlineData("Never", 3, "Failed")]
    public void The_restart_policy_decides_what_an_end_means(string policy, int exitCode, string? phase)
    {
        Run("p", more: $",\"restartPolicy\":\"{policy}\"");

        _world.Engine.Die(_world.IdOf("p"), exitCode);

        if (phase is null)
        {
            Until(() => _world.Status("p") is { RestartCount: 1, State.Running: not null });
            return;
        }

        Until(() => _world.Pod("p")!.Status.Phase == phase);
        Assert.Equal(exitCode, _world.Status("p")!.State.Terminated.ExitCode);
        Until(() => _world.Engine.Containers.All(container => container.State != EngineContainerState.Running));
    }

    [Fact]
    public void A_crash_of_the_pods_actor_restarts_nothing()
    {
        Run("p");
        var before = _world.IdOf("p");
        var pod = Children(_world.Agent).Single(child => child.Path.Name.StartsWith("pod-", StringComparison.Ordinal));

        EventFilter.Exception<ActorKilledException>().Expect(1, () => pod.Tell(Kill_));

        _world.Engine.Die(before, 9);
        Until(() => _world.Status("p") is { RestartCount: 1, State.Running: not null });
        Assert.Equal(1, _world.Engine.Containers.Count(container => container.State == EngineContainerState.Running && container.Name.StartsWith("k8s_c", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_restarted_agent_adopts_and_heals_while_the_control_plane_is_away()
    {
        Run("p");
        var sandbox = Alive("k8s_POD").Id;
        Until(() => _world.Files.Checkpoints.Count == 1);
        _world.StopAgent();
        _world.Engine.Die(_world.IdOf("p"), 1);

        _world.StartAgent(new SilentControlPlane());

        UntilInTime(() => Alive("k8s_c")?.Name.EndsWith("_1", StringComparison.Ordinal) == true);
        Assert.Equal(sandbox, Alive("k8s_POD").Id);
    }

    [Fact]
    public void An_agent_that_hears_late_of_the_cluster_tells_nothing_anew()
    {
        var probes = 0;
        _world.Probe = () => Interlocked.Increment(ref probes) > 0;
        Run("p", ""","readinessProbe":{"httpGet":{"port":80},"periodSeconds":1}""");
        UntilInTime(() => _world.Status("p")!.Ready && _world.Files.Checkpoints.Count == 1);
        _world.StopAgent();
        var told = Versions();
        probes = 0;
        var listed = _world.Engine.Calls[EngineCall.List];
        var plane = new LateControlPlane(_world);
        _world.StartAgent(plane);
        Until(() => _world.Engine.Calls[EngineCall.List] > listed);
        _world.Advance(TimeSpan.FromSeconds(3));

        plane.Arrive();

        UntilInTime(() => probes > 1);
        Assert.Equal(told, Versions());
    }

    [Fact]
    public void What_was_told_of_a_pod_is_remembered_for_a_start_without_a_control_plane()
    {
        Run("p", ""","readinessProbe":{"httpGet":{"port":80},"periodSeconds":1}""");

        UntilInTime(() => _world.Files.Checkpoints.Values.Select(checkpoint => PodCheckpoint.Read(checkpoint).Pod.As<V1Pod>())
            .SingleOrDefault()?.Status?.ContainerStatuses is [{ Ready: true }]);
    }

    [Fact]
    public async Task What_was_deleted_while_the_agent_was_away_is_removed_and_strangers_are_left_alone()
    {
        Run("p");
        await _world.Engine.CreateAsync(new ContainerSpec { Name = "mine", Image = "busybox:1.36", Labels = ImmutableDictionary<string, string>.Empty, NetworkMode = "none", IpcMode = "private" });
        _world.StopAgent();
        _world.Delete(_world.Reader.Current.Find(new ObjectKey(ResourceTypes.Pods, "default", "p"))!, grace: 0);

        _world.StartAgent();

        Until(() => _world.Engine.Containers is [{ Name: "mine" }]);
        Until(() => _world.Files.Checkpoints.Count == 0);
    }

    [Fact]
    public async Task A_lost_sandbox_is_made_anew_and_the_containers_with_it()
    {
        Run("p");
        var ip = _world.Pod("p")!.Status.PodIP;

        await _world.Engine.RemoveAsync(Alive("k8s_POD").Id);

        Until(() => _world.Status("p") is { RestartCount: 1, State.Running: not null } && _world.Pod("p")!.Status.PodIP != ip);
        Assert.EndsWith("_1", Alive("k8s_POD").Name, StringComparison.Ordinal);
        Assert.Contains("SandboxChanged: Pod sandbox changed, it will be killed and re-created.", _world.Events);
    }

    [Fact]
    public void A_status_that_could_not_be_written_is_written_when_the_control_plane_is_back()
    {
        Run("p");
        _world.Ledger.IsDown = true;
        Kill("p");
        Until(() => Alive("k8s_c")?.Name.EndsWith("_1", StringComparison.Ordinal) == true);
        Assert.Equal(0, _world.Status("p")!.RestartCount);

        _world.Ledger.IsDown = false;

        UntilInTime(() => _world.Status("p")!.RestartCount == 1);
    }

    [Fact]
    public void Deaths_are_seen_although_the_event_stream_broke()
    {
        Run("p");
        _world.Engine.BreakStreams();
        _world.Engine.Die(_world.IdOf("p"), 1);

        UntilInTime(() => _world.Status("p") is { RestartCount: 1, State.Running: not null });
    }

    [Fact]
    public void A_failed_pull_is_told_and_backed_off_until_the_image_is_there()
    {
        _world.StartAgent();
        _world.CreatePod("p", more: ",\"initContainers\":[{\"name\":\"i\",\"image\":\"late:1\"}]");
        Until(() => _world.Pod("p")?.Status?.InitContainerStatuses?[0].State.Waiting?.Reason == "ErrImagePull");
        Assert.Equal("PodInitializing", _world.Status("p")!.State.Waiting.Reason);

        _world.Advance(TimeSpan.FromSeconds(2));
        Until(() => _world.Pod("p")!.Status.InitContainerStatuses[0].State.Waiting?.Reason == "ImagePullBackOff");
        _world.Engine.Registry.Add("late:1");
        _world.Engine.Program = spec => spec.Image == "late:1" ? 0 : null;
        _world.Advance(TimeSpan.FromSeconds(10));

        Until(() => _world.Status("p")?.State.Running is not null);
        Assert.Equal("Completed", _world.Pod("p")!.Status.InitContainerStatuses[0].State.Terminated.Reason);
    }

    [Fact]
    public void A_probe_makes_a_pod_ready_and_unready()
    {
        _world.Probe = () => false;
        Run("p", ""","readinessProbe":{"httpGet":{"port":80},"periodSeconds":1,"failureThreshold":2}""");
        Assert.False(_world.Status("p")!.Ready);

        _world.Probe = () => true;
        UntilInTime(() => _world.Status("p")!.Ready);

        _world.Probe = () => false;
        UntilInTime(() => !_world.Status("p")!.Ready);
        Assert.Contains("Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 500", _world.Events);
    }

    [Fact]
    public void A_failing_engine_call_is_made_again()
    {
        _world.Engine.FailNext(EngineCall.Create, new EngineException(EngineFailure.Timeout, "slow"), "k8s_c");
        _world.StartAgent();
        _world.CreatePod("p");
        UntilInTime(() => _world.Status("p")?.State.Running is not null);
        Assert.Equal(0, _world.Status("p")!.RestartCount);
    }

    private static readonly object Kill_ = Akka.Actor.Kill.Instance;

    private void Run(string name, string containerMore = "", string more = "")
    {
        if (_world.Agent.IsNobody())
        {
            _world.StartAgent();
        }

        _world.CreatePod(name, containerMore, more);
        Until(() => _world.Status(name)?.State.Running is not null && _world.Pod(name)!.Status.Phase == "Running");
    }

    private void Kill(string name) => _world.Engine.Die(_world.IdOf(name), 137);

    private EngineContainer Alive(string prefix) => _world.Engine.Containers.SingleOrDefault(
        container => container.State == EngineContainerState.Running && container.Name.StartsWith(prefix, StringComparison.Ordinal))!;

    private string Versions() => $"{_world.Pod("p")!.Metadata.ResourceVersion} {Node().Metadata.ResourceVersion} {_world.Reader.Current.Revision}";

    private V1Node Node() => _world.Reader.Current.Find(new ObjectKey(ResourceTypes.Nodes, "", "n1"))!.As<V1Node>();

    private static IEnumerable<IActorRef> Children(IActorRef parent) => ((ActorRefWithCell)parent).Children;

    /// <summary>While virtual time goes on.</summary>
    private void UntilInTime(Func<bool> holds) => Until(() =>
    {
        _world.Advance(TimeSpan.FromSeconds(1));
        return holds();
    });

    private void Until(Func<bool> holds) => AwaitAssert(() => Assert.True(holds()), null, TimeSpan.FromMilliseconds(5));
}
