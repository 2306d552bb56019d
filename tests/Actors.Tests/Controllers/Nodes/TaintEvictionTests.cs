using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Nodes;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.Tests.Scheduling;

namespace ActorOrchestrator.Actors.Tests.Controllers.Nodes;

public sealed class TaintEvictionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Taint Unreachable = new(Taint.Unreachable, "", "NoExecute");

    [Theory]
    [InlineData("[]", 0)]
    [InlineData("""[{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}]""", 5)]
    [InlineData("""[{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":60}]""", 60)]
    [InlineData("""[{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":0}]""", 0)]
    [InlineData("""[{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":-7}]""", 0)]
    [InlineData("""[{"operator":"Exists","tolerationSeconds":90},{"key":"node.kubernetes.io/unreachable","operator":"Exists","tolerationSeconds":30}]""", 30)]
    [InlineData("""[{"operator":"Exists"}]""", null)]
    public void A_pod_stays_as_long_as_its_tolerations_say(string tolerations, int? seconds)
    {
        var pod = Given.Pod("p", spec: spec => spec["tolerations"] = JsonNode.Parse(tolerations));
        var leaves = TaintEviction.LeavesAt(pod, [(Unreachable, Noon)], TimeSpan.FromSeconds(5));
        Assert.Equal(seconds is { } time ? Noon.AddSeconds(time) : null, leaves);
    }

    [Fact]
    public void The_network_is_handed_out_from_the_bottom_until_it_is_used_up()
    {
        Assert.Equal("10.42.1.0/24", NodeCidrs.LowestFree("10.42.0.0/16", 24, new HashSet<string> { "10.42.0.0/24", "10.42.2.0/24" }));
        var all = Enumerable.Range(0, 256).Select(i => $"10.42.{i}.0/24").ToHashSet();
        Assert.Null(NodeCidrs.LowestFree("10.42.0.0/16", 24, all));
    }

    [Fact]
    public void A_lone_node_that_falls_silent_keeps_its_pods_because_there_is_nowhere_to_go()
    {
        var world = new PlanWorld();
        var node = world.Put(Contracts.Resources.ResourceTypes.Nodes, Given.NodeJson("n1"));
        world.Put(Contracts.Resources.ResourceTypes.Pods, Given.PodJson("p", spec: spec => spec["nodeName"] = "n1"));
        world.Carry(NodeLifecycleReconciler.Reconcile(node, world.Cluster, world.Now.AddSeconds(-11), null, world.Now, new NodeLifecycleSettings()));
        var taints = world.Cluster.Find(node)!.ToJson()["spec"]!["taints"]!.AsArray();
        Assert.Equal("NoSchedule", (string?)Assert.Single(taints)!["effect"]);
        var later = NodeLifecycleReconciler.Reconcile(node, world.Cluster, world.Now.AddSeconds(-11), null, world.Now.AddHours(1), new NodeLifecycleSettings());
        Assert.DoesNotContain(later.Steps.SelectMany(step => step.Actions), action => action is DeleteObject);
    }
}
