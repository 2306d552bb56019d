using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Strategies;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Tests.Scheduling;

/// <summary>The cases of upstream's filtering tables: two zones of two nodes, pods labelled foo.</summary>
public sealed class PodTopologySpreadTests
{
    private const string Skewed = "node(s) didn't match pod topology spread constraints";

    [Theory]
    // Pods on a, b (zone1), x, y (zone2); the constraint; where the next may go.
    [InlineData(new[] { 1, 0, 0, 0 }, """{"maxSkew":1,"topologyKey":"zone"}""", "x,y")]
    [InlineData(new[] { 1, 1, 1, 1 }, """{"maxSkew":1,"topologyKey":"zone"}""", "a,b,x,y")]
    [InlineData(new[] { 2, 1, 1, 0 }, """{"maxSkew":1,"topologyKey":"zone"}""", "x,y")]
    [InlineData(new[] { 2, 1, 1, 0 }, """{"maxSkew":3,"topologyKey":"zone"}""", "a,b,x,y")]
    [InlineData(new[] { 2, 1, 0, 3 }, """{"maxSkew":1,"topologyKey":"node"}""", "x")]
    [InlineData(new[] { 2, 1, 1, 3 }, """{"maxSkew":1,"topologyKey":"node"}""", "b,x")]
    [InlineData(new[] { 1, 1, 1, 1 }, """{"maxSkew":1,"topologyKey":"zone","minDomains":3}""", "")]
    [InlineData(new[] { 0, 0, 0, 0 }, """{"maxSkew":1,"topologyKey":"zone","minDomains":3}""", "a,b,x,y")]
    [InlineData(new[] { 5, 0, 0, 0 }, """{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"ScheduleAnyway"}""", "a,b,x,y")]
    public void A_pod_goes_where_the_skew_stays_small(int[] counts, string constraint, string fitting) =>
        Assert.Equal(fitting, Fitting(Zones(counts), Foo("p", constraint)));

    [Fact]
    public void All_constraints_hold_together()
    {
        var cluster = Zones([2, 1, 0, 3]);
        Assert.Equal("x", Fitting(cluster, Foo("p", """{"maxSkew":1,"topologyKey":"zone"}""", """{"maxSkew":1,"topologyKey":"node"}""")));
    }

    [Fact]
    public void A_pod_that_its_own_selector_does_not_match_adds_nothing_to_the_skew()
    {
        var pod = Labelled("p", """{"other":"x"}""", """{"maxSkew":1,"topologyKey":"zone","labelSelector":{"matchExpressions":[{"key":"foo","operator":"Exists"}]}}""");
        Assert.Equal("a,b,x,y", Fitting(Zones([1, 0, 0, 0]), pod));
        Assert.Equal("x,y", Fitting(Zones([2, 0, 0, 0]), pod));
    }

    [Fact]
    public void Leaving_pods_and_those_of_other_namespaces_do_not_count()
    {
        var cluster = Zones([0, 0, 0, 0]);
        cluster.Place(Changed("leaving", pod => pod["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z"), "a");
        cluster.Place(Changed("stranger", pod => pod["metadata"]!["namespace"] = "elsewhere"), "a");
        Assert.Equal("a,b,x,y", Fitting(cluster, Foo("p", """{"maxSkew":1,"topologyKey":"zone"}""")));
    }

    [Fact]
    public void Nodes_that_the_pod_cannot_use_are_no_domains_unless_the_policy_says_so()
    {
        var cluster = Zones([1, 0, 0, 0]);
        var selector = """{"zone":"zone1"}""";
        Assert.Equal("a,b", Fitting(cluster, Foo("p", spec => spec["nodeSelector"] = Given.Parse(selector), """{"maxSkew":1,"topologyKey":"zone"}""")));
        Assert.Equal("", Fitting(
            cluster, Foo("p", spec => spec["nodeSelector"] = Given.Parse(selector), """{"maxSkew":1,"topologyKey":"zone","nodeAffinityPolicy":"Ignore"}""")));
    }

    [Fact]
    public void Tainted_nodes_are_domains_unless_taints_are_honoured()
    {
        var cluster = Zones([1, 0, 0, 0]);
        foreach (var name in new[] { "x", "y" })
        {
            cluster.SetNode(Node(name, "zone2", node => node["spec"]!["taints"] = new JsonArray(Given.Parse("""{"key":"k","effect":"NoSchedule"}"""))));
        }

        Assert.Equal("", Fitting(cluster, Foo("p", """{"maxSkew":1,"topologyKey":"zone"}""")));
        Assert.Equal("a,b", Fitting(cluster, Foo("p", """{"maxSkew":1,"topologyKey":"zone","nodeTaintsPolicy":"Honor"}""")));
    }

    [Fact]
    public void Label_keys_tell_the_revisions_of_one_workload_apart()
    {
        var cluster = Zones([2, 0, 0, 0]);
        const string constraint = """{"maxSkew":1,"topologyKey":"zone","matchLabelKeys":["rev"],"labelSelector":{"matchLabels":{"foo":""}}}""";
        Assert.Equal("a,b,x,y", Fitting(cluster, Labelled("p", """{"foo":"","rev":"2"}""", constraint)));
        Assert.Equal("x,y", Fitting(cluster, Labelled("p", """{"foo":""}""", constraint)));
    }

    [Fact]
    public void The_reasons_are_upstreams()
    {
        var cluster = Zones([1, 0, 0, 0]);
        cluster.RemoveNode("x");
        cluster.RemoveNode("y");
        cluster.SetNode(Given.Node("bare"));
        cluster.SetNode(Node("z", "zone2", node => node["spec"]!["unschedulable"] = true));
        var message = SchedulingCycle.Decide(cluster, SchedulingProfile.Default(), Foo("p", """{"maxSkew":1,"topologyKey":"zone"}"""), 0).Diagnosis!.Message;
        Assert.StartsWith(
            $"0/4 nodes are available: 1 {Skewed} (missing required label), 1 node(s) were unschedulable, 2 {Skewed}.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_soft_constraint_prefers_the_emptier_domain_over_packing()
    {
        var pod = Foo("p", """{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"ScheduleAnyway"}""");
        Assert.Contains(SchedulingCycle.Decide(Zones([3, 0, 0, 0]), SchedulingProfile.Default(), pod, 0).NodeName, new[] { "x", "y" });
    }

    internal static SchedulingSnapshot Zones(int[] counts)
    {
        var names = new[] { "a", "b", "x", "y" };
        var cluster = Given.Cluster([.. names.Select((name, i) => Node(name, i < 2 ? "zone1" : "zone2"))]);
        for (var i = 0; i < counts.Length; i++)
        {
            for (var n = 0; n < counts[i]; n++)
            {
                cluster.Place(Changed($"{names[i]}{n}", _ => { }), names[i]);
            }
        }

        return cluster;
    }

    internal static NodeInfo Node(string name, string zone, Action<JsonObject>? change = null) => Given.Node(name, change: node =>
    {
        node["metadata"]!["labels"]!["zone"] = zone;
        node["metadata"]!["labels"]!["node"] = name;
        change?.Invoke(node);
    });

    internal static string Fitting(SchedulingSnapshot cluster, PodInfo pod) => string.Join(
        ',', SchedulingCycle.Explain(cluster, SchedulingProfile.Default(), pod).ByNode.Where(pair => pair.Value.IsSuccess).Select(pair => pair.Key).Order(StringComparer.Ordinal));

    internal static PodInfo Changed(string name, Action<JsonObject> change)
    {
        var pod = Given.PodJson(name);
        pod["metadata"]!["labels"] = Given.Parse("""{"foo":""}""");
        change(pod);
        PodLabelKeys.Merge(pod);
        return PodInfo.From(Given.Stored(Contracts.Resources.ResourceTypes.Pods, pod));
    }

    private static PodInfo Foo(string name, params string[] constraints) => Foo(name, _ => { }, constraints);

    private static PodInfo Foo(string name, Action<JsonObject> spec, params string[] constraints) => Changed(name, pod =>
    {
        pod["spec"]!["topologySpreadConstraints"] = new JsonArray([.. constraints.Select(text =>
        {
            var constraint = Given.Parse(text);
            constraint["labelSelector"] ??= Given.Parse("""{"matchLabels":{"foo":""}}""");
            return constraint;
        })]);
        spec(pod["spec"]!.AsObject());
    });

    private static PodInfo Labelled(string name, string labels, string constraint) => Changed(name, pod =>
    {
        pod["metadata"]!["labels"] = Given.Parse(labels);
        pod["spec"]!["topologySpreadConstraints"] = new JsonArray(Given.Parse(constraint));
    });
}
