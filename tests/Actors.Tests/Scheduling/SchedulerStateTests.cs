using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Scheduling;

/// <summary>When a pod that was refused is tried again, and what its owner reads meanwhile.</summary>
public sealed class SchedulerStateTests
{
    private readonly SchedulerState _state = new(SchedulingProfile.Default(), new SchedulerSettings());
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_pod_is_tried_again_when_the_reason_that_was_told_is_gone_though_there_is_another()
    {
        Put(SmallNode(tainted: true));
        Put(Given.PodJson("p"));
        Assert.StartsWith("0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.", Refusal(), StringComparison.Ordinal);
        Put(SmallNode(tainted: false));
        Assert.StartsWith("0/1 nodes are available: 1 Insufficient cpu.", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_node_is_an_answer_to_those_who_had_none()
    {
        Put(Given.PodJson("p"));
        Assert.Equal("no nodes available to schedule pods", Refusal());
        Put(SmallNode(tainted: false));
        Assert.StartsWith("0/1 nodes are available: 1 Insufficient cpu.", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_that_leaves_the_reason_as_it_is_wakes_nobody()
    {
        Put(SmallNode(tainted: false));
        Put(Given.PodJson("p"));
        Assert.NotEmpty(Refusal());
        Put(SmallNode(tainted: true));
        Put(Given.NodeJson("other", cpu: "10m"));
        _now += TimeSpan.FromMinutes(1);
        Assert.Null(_state.TryNext(_now));
    }

    [Fact]
    public void A_gated_pod_says_so_and_is_never_tried()
    {
        Put(Given.NodeJson("n"));
        Put(Given.PodJson("p", spec: spec => spec["schedulingGates"] = new JsonArray(new JsonObject { ["name"] = "x.io/gate" })));
        Assert.Null(_state.TryNext(_now));
        Assert.Equal("Scheduling is blocked due to non-empty scheduling gates", _state.Explain(new ObjectKey(ResourceTypes.Pods, "default", "p")).Message);
        Put(Given.PodJson("p"));
        Assert.Equal("n", _state.TryNext(_now)!.NodeName);
    }

    [Fact]
    public void A_device_is_given_once_and_the_pod_that_waits_for_it_is_tried_when_it_is_free()
    {
        var node = Given.NodeJson("n");
        node["status"]!["allocatable"]!["x.io/device"] = "1";
        Put(node);
        Put(WithDevice("first"));
        Assert.Equal("n", _state.TryNext(_now)!.NodeName);
        Put(WithDevice("second"));
        Assert.StartsWith("0/1 nodes are available: 1 Insufficient x.io/device.", Refusal(), StringComparison.Ordinal);
        Delete("first");
        Assert.Equal("second", _state.TryNext(_now)!.Pod.Key.Name);
    }

    [Fact]
    public void A_host_port_is_given_once_and_the_pod_that_waits_for_it_is_tried_when_it_is_free()
    {
        Put(Given.NodeJson("n"));
        Put(WithPort("first"));
        Assert.Equal("n", _state.TryNext(_now)!.NodeName);
        Put(WithPort("second"));
        Assert.StartsWith("0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.", Refusal(), StringComparison.Ordinal);
        Delete("first");
        Assert.Equal("second", _state.TryNext(_now)!.Pod.Key.Name);
    }

    [Fact]
    public void Devices_by_claim_are_refused_in_so_many_words()
    {
        Put(Given.NodeJson("n"));
        Put(Given.PodJson("p", spec: spec => spec["resourceClaims"] = new JsonArray(Given.Parse("""{"name":"gpu","resourceClaimName":"c"}"""))));
        Assert.StartsWith(
            "0/1 nodes are available: pod has spec.resourceClaims, and dynamic resource allocation is not supported.", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_has_grown_enough_for_somebody_to_leave_is_thought_through_again()
    {
        Put(Given.NodeJson("n", cpu: "1"));
        Put(Given.PodJson("low", cpu: "900m", spec: spec => (spec["nodeName"], spec["priority"]) = ("n", 1)));
        Put(Given.PodJson("p", cpu: "2", spec: spec => spec["priority"] = 10));
        Assert.EndsWith("preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.", Refusal(), StringComparison.Ordinal);
        Put(Given.NodeJson("n", cpu: "2"));
        _now += TimeSpan.FromMinutes(1);
        Assert.Equal(["low"], _state.TryNext(_now)!.Victims.Select(victim => victim.Key.Name));
    }

    private static JsonObject WithDevice(string name)
    {
        var pod = Given.PodJson(name);
        pod["spec"]!["containers"]![0]!["resources"]!["requests"]!["x.io/device"] = "1";
        return pod;
    }

    private static JsonObject WithPort(string name)
    {
        var pod = Given.PodJson(name);
        pod["spec"]!["containers"]![0]!["ports"] = new JsonArray(Given.Parse("""{"containerPort":80,"hostPort":8080}"""));
        return pod;
    }

    private void Delete(string name) => _state.Apply(
        new Fact(FactVerb.Deleted, Given.Stored(ResourceTypes.Pods, Given.PodJson(name)), new Provenance("t", _now, "t", Revision.None), null), _now);

    private static JsonObject SmallNode(bool tainted)
    {
        var node = Given.NodeJson("small", cpu: "50m");
        if (tainted)
        {
            node["spec"]!["taints"] = new JsonArray(new JsonObject { ["key"] = "node.kubernetes.io/not-ready", ["effect"] = "NoSchedule" });
        }

        return node;
    }

    /// <summary>What the next try ends with, after everybody's back-off.</summary>
    private string Refusal()
    {
        _now += TimeSpan.FromMinutes(1);
        var attempt = _state.TryNext(_now);
        Assert.NotNull(attempt);
        Assert.Null(attempt.NodeName);
        return attempt.Message;
    }

    private void Put(JsonObject obj)
    {
        var stored = Given.Stored((string)obj["kind"]! == "Node" ? ResourceTypes.Nodes : ResourceTypes.Pods, obj);
        _state.Apply(new Fact(FactVerb.Updated, stored, new Provenance("t", _now, "t", Revision.None), null), _now);
    }
}
