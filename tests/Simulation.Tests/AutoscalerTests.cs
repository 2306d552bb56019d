using ActorOrchestrator.Actors.NodeAgent.Simulation;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Simulation.Tests;

/// <summary>From what containers use to how many there are, through all that lies between: nodes, reports, the autoscaler, the Deployment, the scheduler.</summary>
public class AutoscalerTests
{
    private const double Window = 60;

    [Fact]
    public void A_workload_grows_with_its_use_and_shrinks_after_it_and_a_change_of_leader_only_makes_that_later()
    {
        using var cluster = VirtualCluster.Start();
        cluster.Create(ResourceTypes.Deployments, """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},
             "spec":{"selector":{"matchLabels":{"app":"web"}},
              "template":{"metadata":{"labels":{"app":"web"}},"spec":{"terminationGracePeriodSeconds":1,
               "containers":[{"name":"app","image":"app:1","resources":{"requests":{"cpu":"100m"}}}]}}}}
            """);
        cluster.Create(ResourceTypes.HorizontalPodAutoscalers, $$"""
            {"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web"},
             "spec":{"minReplicas":1,"maxReplicas":4,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},
              "metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50} } }],
              "behavior":{"scaleDown":{"stabilizationWindowSeconds":{{Window}},"policies":[{"type":"Pods","value":1,"periodSeconds":15}]} } } }
            """);
        cluster.Use = _ => new SimulatedUse(100_000_000, 1 << 20);
        cluster.Until(() => Replicas(cluster) == 4 && Ready(cluster) == 4, "four pods");

        // Nobody needs them any more; most of the window passes; then the leader dies.
        cluster.Use = _ => SimulatedUse.Idle;
        cluster.Pass(Window * 0.75);
        Assert.Equal(4, Replicas(cluster));
        cluster.Crash();
        var crashed = cluster.Time;
        var course = new List<(int Replicas, double After)>();
        cluster.Published += row => course.AddRange(Sizes(row).Select(replicas => (replicas, (cluster.Time - crashed).TotalSeconds)));
        cluster.Until(() => Replicas(cluster) == 1 && Ready(cluster) == 1, "one pod");
        Assert.All(course, change => Assert.True(change.Replicas == 4 || change.After > Window, $"{change.Replicas} replicas {change.After} s after the crash"));
        Assert.Equal([4, 3, 2, 1], course.Select(change => change.Replicas).Prepend(4).Distinct());

        // Idle: it is looked at again and again, and nothing is written.
        cluster.Pass(Window * 2);
        var written = 0;
        cluster.Published += row => written += row.Facts.Count(fact => fact.Key.Type == ResourceTypes.HorizontalPodAutoscalers);
        cluster.Pass(300);
        Assert.Equal(0, written);
    }

    private static IEnumerable<int> Sizes(FactBatch row) => row.Facts
        .Where(fact => fact.Key.Type == ResourceTypes.Deployments && fact.Verb != FactVerb.Deleted).Select(fact => (int)fact.Object.ToJson()["spec"]!["replicas"]!);

    private static int Replicas(VirtualCluster cluster) => (int)cluster.Find(ResourceTypes.Deployments, "web")!.ToJson()["spec"]!["replicas"]!;

    private static int Ready(VirtualCluster cluster) => (int?)cluster.Find(ResourceTypes.Deployments, "web")!.ToJson()["status"]?["readyReplicas"] ?? 0;
}
