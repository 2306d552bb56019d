using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.Scheduling.Topology;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Actors.Tests.Scheduling;

/// <summary>What is counted as facts come is what a count of everything finds.</summary>
public sealed class TopologyIndexTests
{
    private static readonly PodMatcher[] Matchers =
    [
        PodMatcher.Of(["default"], null, Contracts.Resources.LabelSelector.FromMap([KeyValuePair.Create("app", "0")]), skipsLeaving: false),
        PodMatcher.Of(["default"], null, Contracts.Resources.LabelSelector.FromMap([KeyValuePair.Create("app", "1")]), skipsLeaving: true),
        PodMatcher.Of(["default"], null, Contracts.Resources.LabelSelector.Everything, skipsLeaving: false),
    ];

    [Fact]
    public void Counts_kept_by_facts_equal_counts_made_anew_whatever_comes_changes_and_goes()
    {
        var steps = Gen.ArrayOf(Gen.Choose(0, int.MaxValue / 2)).Resize(80).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(steps, numbers => Live(numbers)));
    }

    private static void Live(int[] steps)
    {
        var cluster = new SchedulingSnapshot();
        foreach (var number in steps)
        {
            Do(cluster, number % 6, number / 6);
            if (number % 5 == 0)
            {
                Compare(cluster);
            }
        }

        Compare(cluster);
    }

    private static void Do(SchedulingSnapshot cluster, int what, int which)
    {
        var (pod, node) = ($"p{which % 9}", $"n{which / 9 % 4}");
        switch (what)
        {
            case 0 or 1: cluster.Place(Pod(pod, which / 36), node); break;
            case 2: cluster.Remove(Pod(pod, 0).Key); break;
            case 3 or 4: cluster.SetNode(Given.Node(node, change: json => Label(json, which / 36))); break;
            default: cluster.RemoveNode(node); break;
        }
    }

    private static void Label(JsonObject node, int which)
    {
        if (which % 4 != 3)
        {
            node["metadata"]!["labels"]!["zone"] = $"z{which % 4}";
        }
    }

    private static PodInfo Pod(string name, int which) => PodTopologySpreadTests.Changed(name, pod =>
    {
        pod["metadata"]!["labels"] = new JsonObject { ["app"] = $"{which % 3}" };
        if (which % 5 == 1)
        {
            pod["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        }

        if (which % 2 == 0)
        {
            pod["spec"]!["affinity"] = Given.Parse(
                """{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"labelSelector":{"matchLabels":{"app":"9"}},"topologyKey":"zone"}]}}""");
        }
    });

    private static void Compare(SchedulingSnapshot cluster)
    {
        var index = cluster.Topology;
        foreach (var key in new[] { index.KeyOf("zone"), index.KeyOf("kubernetes.io/hostname") })
        {
            Assert.Equal(cluster.Nodes.Count(node => node.Labels.ContainsKey(key.Name)), key.Nodes);
            Assert.Equal(cluster.Nodes.Select(node => node.Labels.GetValueOrDefault(key.Name)).OfType<string>().Distinct().Count(), key.Domains);
            foreach (var matcher in Matchers)
            {
                var counts = index.TallyOf(matcher).In(key);
                foreach (var node in cluster.Nodes.Where(node => node.Labels.ContainsKey(key.Name)))
                {
                    var expected = cluster.Nodes.Where(other => other.Labels.GetValueOrDefault(key.Name) == node.Labels[key.Name])
                        .Sum(other => other.Pods.Count(pod => matcher.Matches(pod, index.Namespaces)));
                    Assert.Equal(expected, counts[key.DomainOf(node.Slot)]);
                }
            }

            var holders = cluster.Nodes.Sum(node => node.Pods.Count(pod => !pod.RequiredAntiAffinity.IsEmpty));
            Assert.Equal(holders, index.Held.Sum(held => held.Holders.Total));
        }
    }
}
