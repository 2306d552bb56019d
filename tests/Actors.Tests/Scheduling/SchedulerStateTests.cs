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
