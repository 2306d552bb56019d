using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using k8s.Models;

namespace ActorOrchestrator.Actors.Tests.NodeAgent;

public sealed class PodStatusBuilderTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ContainerRun Alive = new("id1", 0, EngineContainerState.Running) { StartedAt = Now };
    private static readonly ContainerRun Done = new("id0", 0, EngineContainerState.Exited) { StartedAt = Now, FinishedAt = Now, Reason = "Completed" };
    private static readonly ContainerRun Broken = Done with { ExitCode = 1, Reason = "Error" };

    /// <summary>The kubelet's getPhase: app containers, restart policy, phase. r runs, s succeeded, f failed, w waits for the first time, b backs off after a failure.</summary>
    [Theory]
    [InlineData("w", "Always", "Pending")]
    [InlineData("r", "Always", "Running")]
    [InlineData("rw", "Always", "Pending")]
    [InlineData("rs", "Always", "Running")]
    [InlineData("s", "Always", "Running")]
    [InlineData("f", "Always", "Running")]
    [InlineData("b", "Always", "Running")]
    [InlineData("s", "OnFailure", "Succeeded")]
    [InlineData("f", "OnFailure", "Running")]
    [InlineData("sf", "OnFailure", "Running")]
    [InlineData("s", "Never", "Succeeded")]
    [InlineData("ss", "Never", "Succeeded")]
    [InlineData("sf", "Never", "Failed")]
    [InlineData("rf", "Never", "Running")]
    public void The_phase_follows_from_the_containers_and_the_restart_policy(string containers, string policy, string phase) =>
        Assert.Equal(phase, (string?)PodStatusBuilder.Build(Observe(containers, policy), null)["phase"]);

    [Theory]
    [InlineData("w", "Always", "Pending")]
    [InlineData("f", "Always", "Pending")]
    [InlineData("f", "Never", "Failed")]
    [InlineData("s", "Always", "Pending")]
    public void Init_containers_keep_a_pod_pending_or_fail_it(string init, string policy, string phase)
    {
        var observed = Observe("w", policy);
        observed.Pod.Spec.InitContainers = [new V1Container { Name = "i", Image = "i" }];
        observed = observed with { Containers = observed.Containers.Insert(0, View("i", init[0]) with { Role = ContainerRole.Init }) };

        var status = PodStatusBuilder.Build(observed, null);

        Assert.Equal(phase, (string?)status["phase"]);
        Assert.Equal(init == "s" ? "True" : "False", (string?)Condition(status, "Initialized")["status"]);
    }

    /// <summary>Otherwise every look at a pod at which nothing has changed would be a write that changes nothing.</summary>
    [Theory]
    [InlineData("w")]
    [InlineData("r")]
    [InlineData("rs")]
    [InlineData("b")]
    public void What_was_stored_of_a_status_is_what_is_built_again(string containers)
    {
        var observed = Observe(containers, "Always");
        var stored = new JsonObject { ["status"] = PodStatusBuilder.Build(observed, null) };
        StructuralDecoder.Decode(ResourceCatalog.BuiltIn.Find(ResourceTypes.Pods)!, stored);
        var status = (JsonObject)stored["status"]!;
        Assert.True(JsonNode.DeepEquals(status, PodStatusBuilder.Build(observed with { Now = Now.AddMinutes(1) }, status)));
    }

    [Fact]
    public void A_pod_that_is_over_stays_over() =>
        Assert.Equal("Succeeded", PodStatusBuilder.PhaseOf(Observe("w", "Always"), "Succeeded"));

    [Theory]
    [InlineData("s", "Never", "False")]
    [InlineData("f", "Never", "False")]
    [InlineData("r", "Always", "True")]
    [InlineData("s", "Always", "True")]
    public void Only_a_pod_that_is_not_over_is_ready_to_start_containers(string containers, string policy, string ready) =>
        Assert.Equal(ready, (string?)Condition(PodStatusBuilder.Build(Observe(containers, policy), null), "PodReadyToStartContainers")["status"]);

    [Fact]
    public void Ready_needs_every_container_and_names_those_that_are_not()
    {
        var status = PodStatusBuilder.Build(Observe("rw", "Always"), null);

        Assert.Equal("False", (string?)Condition(status, "Ready")["status"]);
        Assert.Equal("ContainersNotReady", (string?)Condition(status, "Ready")["reason"]);
        Assert.Equal("containers with unready status: [c1]", (string?)Condition(status, "Ready")["message"]);
    }

    [Fact]
    public void Nothing_changes_when_nothing_changed_and_times_of_transitions_are_kept()
    {
        var first = PodStatusBuilder.Build(Observe("r", "Always"), null);

        var second = PodStatusBuilder.Build(Observe("r", "Always") with { Now = Now + TimeSpan.FromHours(1) }, first);

        Assert.True(JsonNode.DeepEquals(first, second));
    }

    [Fact]
    public void Conditions_of_others_are_kept()
    {
        var before = new JsonObject { ["conditions"] = new JsonArray(new JsonObject { ["type"] = "example.com/gate", ["status"] = "True" }) };

        var status = PodStatusBuilder.Build(Observe("r", "Always"), before);

        Assert.Equal("True", (string?)Condition(status, "example.com/gate")["status"]);
    }

    [Fact]
    public void A_container_that_backs_off_waits_and_shows_its_last_end()
    {
        var container = PodStatusBuilder.Build(Observe("b", "Always"), null)["containerStatuses"]![0]!;

        Assert.Equal("CrashLoopBackOff", (string?)container["state"]!["waiting"]!["reason"]);
        Assert.Equal(1, (int)container["lastState"]!["terminated"]!["exitCode"]!);
        Assert.Equal("docker://id0", (string?)container["containerID"]);
    }

    private static ObservedPod Observe(string containers, string policy)
    {
        var views = containers.Select((kind, index) => View($"c{index}", kind)).ToImmutableArray();
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "default", Uid = "u" },
            Spec = new V1PodSpec { RestartPolicy = policy, Containers = [.. views.Select(view => new V1Container { Name = view.Name, Image = "i" })] },
        };
        return new ObservedPod(pod, views, true, "10.42.0.2", "192.0.2.1", Now, Now);
    }

    private static ContainerView View(string name, char kind) => new ContainerView(name, ContainerRole.App) with
    {
        Current = kind switch { 'r' => Alive, 's' => Done, 'f' or 'b' => Broken, _ => null },
        Waiting = kind == 'b' ? new ContainerWaiting("CrashLoopBackOff", "back-off") : null,
        Ready = kind == 'r',
    };

    private static JsonObject Condition(JsonObject status, string type) =>
        status["conditions"]!.AsArray().Single(condition => (string?)condition!["type"] == type)!.AsObject();
}
