using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Tests.Scheduling;

/// <summary>Two zones of two nodes (a, b and x, y); one pod labelled foo on a.</summary>
public sealed class InterPodAffinityTests
{
    [Theory]
    [InlineData("podAffinity", """{"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"zone"}""", "a,b")]
    [InlineData("podAffinity", """{"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"node"}""", "a")]
    [InlineData("podAffinity", """{"labelSelector":{"matchLabels":{"bar":""}},"topologyKey":"zone"}""", "")]
    [InlineData("podAffinity", """{"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"unknown"}""", "")]
    [InlineData("podAffinity", """{"labelSelector":{"matchLabels":{"self":"yes"}},"topologyKey":"zone"}""", "a,b,x,y")]
    [InlineData("podAffinity", """{"labelSelector":{"matchLabels":{"self":"yes"}},"topologyKey":"unknown"}""", "")]
    [InlineData("podAffinity", """{"namespaces":["other"],"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"zone"}""", "")]
    [InlineData("podAffinity", """{"namespaceSelector":{"matchLabels":{"team":"red"}},"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"zone"}""", "a,b")]
    [InlineData("podAffinity", """{"namespaceSelector":{"matchLabels":{"team":"blue"}},"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"zone"}""", "")]
    [InlineData("podAffinity", """{"namespaceSelector":{},"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"zone"}""", "a,b")]
    [InlineData("podAntiAffinity", """{"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"zone"}""", "x,y")]
    [InlineData("podAntiAffinity", """{"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"node"}""", "b,x,y")]
    [InlineData("podAntiAffinity", """{"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"unknown"}""", "a,b,x,y")]
    [InlineData("podAntiAffinity", """{"matchLabelKeys":["self"],"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"zone"}""", "a,b,x,y")]
    [InlineData("podAntiAffinity", """{"mismatchLabelKeys":["self"],"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"zone"}""", "x,y")]
    public void A_required_term_keeps_to_its_neighbours(string kind, string term, string fitting)
    {
        var cluster = PodTopologySpreadTests.Zones([1, 0, 0, 0]);
        cluster.Namespaces.Set("default", Given.Stored(Contracts.Resources.ResourceTypes.Namespaces, Given.Parse("""{"metadata":{"name":"default","labels":{"team":"red"}}}""")).Metadata.Labels);
        Assert.Equal(fitting, PodTopologySpreadTests.Fitting(cluster, With("p", kind, term)));
    }

    [Fact]
    public void A_pod_that_is_there_keeps_those_away_that_it_must_not_have()
    {
        var cluster = PodTopologySpreadTests.Zones([0, 0, 0, 0]);
        cluster.Place(With("there", "podAntiAffinity", """{"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"zone"}"""), "a");
        var foo = PodTopologySpreadTests.Changed("p", _ => { });
        Assert.Equal("x,y", PodTopologySpreadTests.Fitting(cluster, foo));
        cluster.Remove(With("there", "podAffinity", """{"topologyKey":"zone"}""").Key);
        Assert.Equal("a,b,x,y", PodTopologySpreadTests.Fitting(cluster, foo));
    }

    [Fact]
    public void All_terms_have_to_be_met_by_the_same_pods()
    {
        var cluster = PodTopologySpreadTests.Zones([1, 0, 0, 0]);
        cluster.Place(PodTopologySpreadTests.Changed("bar", pod => pod["metadata"]!["labels"] = Given.Parse("""{"bar":""}""")), "a");
        var pod = With(
            "p", "podAffinity",
            """{"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"zone"}""", """{"labelSelector":{"matchLabels":{"bar":""}},"topologyKey":"zone"}""");
        Assert.Equal("", PodTopologySpreadTests.Fitting(cluster, pod));
        cluster.Place(PodTopologySpreadTests.Changed("both", other => other["metadata"]!["labels"] = Given.Parse("""{"foo":"","bar":""}""")), "x");
        Assert.Equal("x,y", PodTopologySpreadTests.Fitting(cluster, pod));
    }

    [Fact]
    public void The_reasons_are_upstreams()
    {
        var cluster = PodTopologySpreadTests.Zones([1, 0, 1, 0]);
        Assert.Contains("4 node(s) didn't match pod anti-affinity rules", Message(cluster, With("p", "podAntiAffinity", """{"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"zone"}""")));
        Assert.Contains("4 node(s) didn't match pod affinity rules", Message(cluster, With("p", "podAffinity", """{"labelSelector":{"matchLabels":{"bar":""}},"topologyKey":"zone"}""")));
        cluster.Place(With("guard", "podAntiAffinity", """{"labelSelector":{"matchLabels":{"self":"yes"}},"topologyKey":"zone"}"""), "a");
        cluster.Place(With("other", "podAntiAffinity", """{"labelSelector":{"matchLabels":{"self":"yes"}},"topologyKey":"zone"}"""), "x");
        Assert.Contains("4 node(s) didn't satisfy existing pods anti-affinity rules", Message(cluster, With("p", "podAffinity")));
    }

    [Theory]
    [InlineData("podAffinity", "a")]
    [InlineData("podAntiAffinity", "b,x,y")]
    public void A_preference_draws_or_repels(string kind, string expected)
    {
        var cluster = PodTopologySpreadTests.Zones([1, 0, 0, 0]);
        var pod = PodTopologySpreadTests.Changed("p", json => json["spec"]!["affinity"] = new JsonObject
        {
            [kind] = new JsonObject
            {
                ["preferredDuringSchedulingIgnoredDuringExecution"] = new JsonArray(
                    Given.Parse("""{"weight":100,"podAffinityTerm":{"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"node"}}""")),
            },
        });
        Assert.Contains(SchedulingCycle.Decide(cluster, SchedulingProfile.Default(), pod, 0).NodeName!, expected.Split(','));
    }

    [Fact]
    public void The_required_affinity_of_a_pod_that_is_there_draws_those_that_it_speaks_of()
    {
        var cluster = PodTopologySpreadTests.Zones([0, 0, 0, 0]);
        cluster.Place(With("there", "podAffinity", """{"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"node"}"""), "y");
        Assert.Equal("y", SchedulingCycle.Decide(cluster, SchedulingProfile.Default(scoring: ScoringStrategy.LeastAllocated), PodTopologySpreadTests.Changed("p", _ => { }), 0).NodeName);
    }

    [Fact]
    public void Counts_follow_nodes_that_change_their_zone_leave_and_come_back()
    {
        var cluster = PodTopologySpreadTests.Zones([1, 0, 0, 0]);
        var pod = With("p", "podAffinity", """{"labelSelector":{"matchLabels":{"foo":""}},"topologyKey":"zone"}""");
        Assert.Equal("a,b", PodTopologySpreadTests.Fitting(cluster, pod));
        cluster.SetNode(PodTopologySpreadTests.Node("a", "zone2"));
        Assert.Equal("a,x,y", PodTopologySpreadTests.Fitting(cluster, pod));
        cluster.RemoveNode("a");
        Assert.Equal("", PodTopologySpreadTests.Fitting(cluster, pod));
        cluster.SetNode(PodTopologySpreadTests.Node("a", "zone1"));
        Assert.Equal("a,b", PodTopologySpreadTests.Fitting(cluster, pod));
    }

    private static string Message(SchedulingSnapshot cluster, PodInfo pod) =>
        SchedulingCycle.Decide(cluster, SchedulingProfile.Default(), pod, 0).Diagnosis!.Message;

    private static PodInfo With(string name, string kind, params string[] terms) => PodTopologySpreadTests.Changed(name, pod =>
    {
        pod["metadata"]!["labels"] = Given.Parse("""{"self":"yes"}""");
        pod["spec"]!["affinity"] = new JsonObject
        {
            [kind] = new JsonObject { ["requiredDuringSchedulingIgnoredDuringExecution"] = new JsonArray([.. terms.Select(Given.Parse)]) },
        };
    });
}
