using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Simulation.Tests;

/// <summary>Whichever row the control plane dies at while a StatefulSet grows and shrinks, its pods come and go in order, with their claims, and never two of one name.</summary>
public class StatefulSetCrashTests
{
    private static readonly ObjectKey Db = new(ResourceTypes.StatefulSets, VirtualCluster.Namespace, "db");

    [Theory]
    [InlineData(CrashMoment.BeforeReply)]
    [InlineData(CrashMoment.AfterReply)]
    public void A_set_that_grows_ends_the_same(CrashMoment moment) => new Scenario
    {
        Before = cluster => Make(cluster, 1),
        Act = cluster => cluster.Edit(Db, db => db["spec"]!["replicas"] = 3),
        IsDone = cluster => IsReady(cluster, 3),
        Always = InOrder,
    }.Survives(moment);

    [Theory]
    [InlineData(CrashMoment.BeforeReply)]
    [InlineData(CrashMoment.AfterReply)]
    public void A_set_that_shrinks_ends_the_same(CrashMoment moment) => new Scenario
    {
        Before = cluster => Make(cluster, 3),
        Act = cluster => cluster.Edit(Db, db => db["spec"]!["replicas"] = 1),
        IsDone = cluster => IsReady(cluster, 1),
        Always = InOrder,
    }.Survives(moment);

    private static void Make(VirtualCluster cluster, int replicas)
    {
        cluster.Create(ResourceTypes.StatefulSets, $$"""
            {"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"db"},
             "spec":{"replicas":{{replicas}},"serviceName":"db","selector":{"matchLabels":{"app":"db"} },
              "template":{"metadata":{"labels":{"app":"db"} },"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"app","image":"app:1"}] } } } }
            """);
        cluster.Until(() => IsReady(cluster, replicas), "the set");
    }

    private static bool IsReady(VirtualCluster cluster, int replicas) =>
        cluster.Find(ResourceTypes.StatefulSets, "db")?.ToJson() is { } db && cluster.All(ResourceTypes.Pods).Count() == replicas
        && (int?)db["status"]?["readyReplicas"] == replicas && (int?)db["status"]?["replicas"] == replicas
        && (long?)db["metadata"]!["generation"] == (long?)db["status"]?["observedGeneration"];

    /// <summary>A pod is only made when all before it are ready, and only asked to go when all behind it are gone.</summary>
    private static void InOrder(VirtualCluster cluster, FactBatch row)
    {
        var ordinals = cluster.All(ResourceTypes.Pods).Select(Ordinal).Order().ToArray();
        Assert.Equal(Enumerable.Range(0, ordinals.Length), ordinals);
        var leaving = cluster.All(ResourceTypes.Pods).Where(pod => pod["metadata"]!["deletionTimestamp"] is not null).Select(Ordinal).ToArray();
        Assert.True(leaving.Length == 0 || (leaving.Length == 1 && leaving[0] == ordinals[^1]), $"{string.Join(',', leaving)} of {string.Join(',', ordinals)} are leaving.");
    }

    private static int Ordinal(JsonObject pod) => int.Parse(((string)pod["metadata"]!["name"]!)[3..], System.Globalization.CultureInfo.InvariantCulture);
}
