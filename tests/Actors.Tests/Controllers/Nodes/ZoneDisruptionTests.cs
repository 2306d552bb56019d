using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Nodes;
using ActorOrchestrator.Actors.Tests.Scheduling;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers.Nodes;

public sealed class ZoneDisruptionTests
{
    private readonly NodeLifecycleSettings _settings = new();
    private readonly PlanWorld _world = new();

    private void Nodes(string zone, int ready, int lost)
    {
        for (var i = 0; i < ready + lost; i++)
        {
            var node = Given.NodeJson($"{zone}{i}", ready: i < ready ? "True" : "Unknown");
            node["metadata"]!["labels"] = new JsonObject { ["topology.kubernetes.io/zone"] = zone };
            _world.Put(ResourceTypes.Nodes, node);
        }
    }

    private EvictionPermit PermitFor(string name) =>
        ZoneDisruption.PermitFor(NodeView.Of(_world.Cluster.Find(new ObjectKey(ResourceTypes.Nodes, "", name))!), stillCountsAsReady: false, _world.Cluster, _settings);

    [Theory]
    [InlineData(1, 1, 0, 0, "at once")]
    [InlineData(1, 2, 0, 0, "at once")]
    [InlineData(2, 3, 0, 0, "never")]
    [InlineData(3, 3, 0, 0, "at once")]
    [InlineData(0, 3, 1, 0, "at once")]
    [InlineData(0, 3, 0, 3, "taken back")]
    [InlineData(20, 40, 0, 0, "at once")]
    public void How_much_of_a_zone_is_lost_decides_whether_its_nodes_are_given_up(int ready, int lost, int readyElsewhere, int lostElsewhere, string permit)
    {
        Nodes("a", ready, lost);
        Nodes("b", readyElsewhere, lostElsewhere);
        var got = PermitFor($"a{ready}");
        Assert.Equal(permit, got.TakeBack ? "taken back" : got.From is { } from && from <= _world.Now ? "at once" : "never");
    }

    [Theory]
    [InlineData(10, 2, 10)]
    [InlineData(20, 40, 100)]
    public void After_one_node_the_next_of_its_zone_waits_as_the_rate_says(int ready, int lost, int seconds)
    {
        Nodes("a", ready, lost);
        Nodes("b", 3, 1);
        var first = new ObjectKey(ResourceTypes.Nodes, "", $"a{ready}");
        _world.Carry(NodeLifecycleReconciler.Reconcile(first, _world.Cluster, _world.Now, null, _world.Now, _settings));
        Assert.Equal(_world.Now, NodeView.Of(_world.Cluster.Find(first)!).DrivenAwayAt);
        Assert.Equal(_world.Now.AddSeconds(seconds), PermitFor($"a{ready + 1}").From);
        Assert.True(PermitFor("b3").From < _world.Now);

        // It waits without the taint that drives away, and looks again when it may.
        var second = first with { Name = $"a{ready + 1}" };
        var plan = NodeLifecycleReconciler.Reconcile(second, _world.Cluster, _world.Now, null, _world.Now, _settings);
        Assert.Equal(_world.Now.AddSeconds(10), plan.RequeueAt);
        _world.Carry(plan);
        Assert.Null(NodeView.Of(_world.Cluster.Find(second)!).DrivenAwayAt);
    }

    [Fact]
    public void Nodes_that_are_excluded_do_not_make_a_zone_sick()
    {
        Nodes("a", 2, 3);
        Assert.Null(PermitFor("a2").From);
        foreach (var name in (string[])["a3", "a4"])
        {
            var node = _world.Cluster.Find(new ObjectKey(ResourceTypes.Nodes, "", name))!.ToJson();
            node["metadata"]!["labels"]!["node.kubernetes.io/exclude-disruption"] = "";
            _world.Put(ResourceTypes.Nodes, node);
        }

        Assert.NotNull(PermitFor("a2").From);
    }
}
