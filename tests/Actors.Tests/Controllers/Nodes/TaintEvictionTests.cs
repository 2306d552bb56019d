using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Nodes;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.Tests.Scheduling;
using ActorOrchestrator.Contracts.Resources;

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
        var pod = NodeTolerance.Of(Given.Stored(ResourceTypes.Pods, Given.PodJson("p", spec: spec => spec["tolerations"] = JsonNode.Parse(tolerations))));
        var leaves = TaintEviction.LeavesAt(pod, [(Unreachable, Noon)], TimeSpan.FromSeconds(5));
        Assert.Equal(seconds is { } time ? Noon.AddSeconds(time) : null, leaves);
    }

    [Fact]
    public void Patience_begins_when_the_pod_comes_if_the_taint_was_there_before()
    {
        var pod = new NodeTolerance([new Toleration("", "Exists", "", "", 60)], Noon.AddMinutes(10));
        Assert.Equal(Noon.AddMinutes(11), TaintEviction.LeavesAt(pod, [(Unreachable, Noon)], TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void A_taint_that_does_not_say_since_when_counts_from_when_it_is_seen()
    {
        var world = new PlanWorld();
        var json = Given.NodeJson("n1");
        json["spec"]!["taints"] = JsonNode.Parse("""[{"key":"mine","effect":"NoExecute"}]""");
        var node = world.Put(ResourceTypes.Nodes, json);
        var patient = world.Put(ResourceTypes.Pods, Given.PodJson("patient", spec: spec =>
        {
            spec["nodeName"] = "n1";
            spec["tolerations"] = JsonNode.Parse("""[{"key":"mine","operator":"Exists","tolerationSeconds":30}]""");
        }));
        var impatient = world.Put(ResourceTypes.Pods, Given.PodJson("impatient", spec: spec => spec["nodeName"] = "n1"));
        Plan Look() => NodeLifecycleReconciler.Reconcile(node, world.Cluster, world.Now, null, world.Now, new NodeLifecycleSettings());
        world.Carry(Look());
        Assert.Equal("2026-01-01T12:00:00Z", (string?)world.Cluster.Find(node)!.ToJson()["spec"]!["taints"]![0]!["timeAdded"]);
        Assert.Null(world.Cluster.Find(impatient));
        world.Now += TimeSpan.FromSeconds(29);
        Assert.True(Look() is { IsNothing: true, RequeueAt: { } due } && due == world.Now.AddSeconds(1));
        world.Now += TimeSpan.FromSeconds(1);
        var plan = Look();
        Assert.Contains(plan.Steps.SelectMany(step => step.Actions), action => action is RecordEvent { Reason: "TaintManagerEviction" });
        world.Carry(plan);
        Assert.Null(world.Cluster.Find(patient));
    }

    [Theory]
    [InlineData(1, "", "0")]
    [InlineData(100, "0", "0")]
    [InlineData(101, "0", "15")]
    [InlineData(90, "15", "15")]
    [InlineData(89, "15", "0")]
    [InlineData(3000, "0", "300")]
    [InlineData(20000, "300", "600")]
    [InlineData(5, "nonsense", "0")]
    public void The_more_nodes_the_longer_they_may_trust_what_they_know(int nodes, string before, string after) => Assert.Equal(after, NodeTtl.For(before, nodes));

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
        var node = world.Put(ResourceTypes.Nodes, Given.NodeJson("n1"));
        world.Put(ResourceTypes.Pods, Given.PodJson("p", spec: spec => spec["nodeName"] = "n1"));
        world.Carry(NodeLifecycleReconciler.Reconcile(node, world.Cluster, world.Now.AddSeconds(-11), null, world.Now, new NodeLifecycleSettings()));
        var taints = world.Cluster.Find(node)!.ToJson()["spec"]!["taints"]!.AsArray();
        Assert.Equal("NoSchedule", (string?)Assert.Single(taints)!["effect"]);
        var later = NodeLifecycleReconciler.Reconcile(node, world.Cluster, world.Now.AddSeconds(-11), null, world.Now.AddHours(1), new NodeLifecycleSettings());
        Assert.DoesNotContain(later.Steps.SelectMany(step => step.Actions), action => action is DeleteObject);
    }
}
