using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Simulation.Tests;

/// <summary>Whichever row of a Deployment's history the control plane dies at, the next one carries on as if nothing had been.</summary>
public class RolloutCrashTests
{
    private const int Replicas = 4;
    private static readonly ObjectKey Web = new(ResourceTypes.Deployments, VirtualCluster.Namespace, "web");

    [Theory]
    [InlineData(CrashMoment.BeforeReply)]
    [InlineData(CrashMoment.AfterReply)]
    [InlineData(CrashMoment.WithNodes)]
    public void An_update_ends_the_same(CrashMoment moment) => new Scenario
    {
        Before = cluster =>
        {
            CreateWeb(cluster);
            cluster.Until(() => IsRolledOut(cluster, "app:1", Replicas), "the first rollout");
        },
        Act = cluster => cluster.Edit(Web, web => web["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "app:2"),
        IsDone = cluster => IsRolledOut(cluster, "app:2", Replicas),
        Always = (cluster, _) =>
        {
            var pods = cluster.All(ResourceTypes.Pods).Where(pod => pod["metadata"]!["deletionTimestamp"] is null).ToArray();
            Assert.True(pods.Length <= Replicas + 1, $"{pods.Length} pods are above the surge.");
            Assert.True(pods.Count(IsReady) >= Replicas - 1, "Fewer pods are available than must be.");
        },
    }.Survives(moment);

    [Theory]
    [InlineData(CrashMoment.BeforeReply)]
    [InlineData(CrashMoment.AfterReply)]
    public void A_first_rollout_and_its_deletion_end_the_same(CrashMoment moment) => new Scenario
    {
        Before = _ => { },
        Act = cluster =>
        {
            CreateWeb(cluster);
            cluster.Until(() => IsRolledOut(cluster, "app:1", Replicas), "the first rollout");
            cluster.Delete(Web);
        },
        IsDone = cluster => !cluster.All(ResourceTypes.Pods).Concat(cluster.All(ResourceTypes.ReplicaSets)).Any(),
    }.Survives(moment);

    [Theory]
    [InlineData(CrashMoment.BeforeReply)]
    [InlineData(CrashMoment.AfterReply)]
    public void A_rollout_that_fails_goes_back_the_same(CrashMoment moment) => new Scenario
    {
        Before = cluster =>
        {
            CreateWeb(cluster);
            cluster.Until(() => IsRolledOut(cluster, "app:1", Replicas), "the first rollout");
        },
        Act = cluster => cluster.Edit(Web, web => web["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "missing:1"),
        IsDone = cluster => cluster.Find(ResourceTypes.Deployments, "web")!.Utf8.Span.IndexOf("Rolled back from revision 2 to revision 1"u8) >= 0
            && cluster.All(ResourceTypes.Pods).ToArray() is { Length: Replicas } pods
            && pods.All(pod => IsReady(pod) && (string?)pod["spec"]!["containers"]![0]!["image"] == "app:1"),
        Always = (cluster, _) => Assert.True(
            cluster.All(ResourceTypes.Pods).Count(pod => pod["metadata"]!["deletionTimestamp"] is null && IsReady(pod)) >= Replicas - 1, "Fewer pods are available than must be."),
        Seconds = 1200,
    }.Survives(moment);

    private static void CreateWeb(VirtualCluster cluster) => cluster.Create(ResourceTypes.Deployments, $$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},
         "spec":{"replicas":{{Replicas}},"selector":{"matchLabels":{"app":"web"} },"strategy":{"rollingUpdate":{"maxSurge":1,"maxUnavailable":1} },
          "template":{"metadata":{"labels":{"app":"web"} },
           "spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"app","image":"app:1","resources":{"requests":{"cpu":"100m"} } }] } } } }
        """);

    private static bool IsReady(JsonObject pod) => (pod["status"]!["conditions"] as JsonArray ?? [])
        .Any(condition => (string?)condition!["type"] == "Ready" && (string?)condition["status"] == "True");

    private static bool IsRolledOut(VirtualCluster cluster, string image, int replicas)
    {
        var web = cluster.Find(ResourceTypes.Deployments, "web")?.ToJson();
        var pods = cluster.All(ResourceTypes.Pods).ToArray();
        return web is not null && pods.Length == replicas
            && (long?)web["metadata"]!["generation"] == (long?)web["status"]?["observedGeneration"]
            && (int?)web["status"]?["availableReplicas"] == replicas && (int?)web["status"]?["updatedReplicas"] == replicas && (int?)web["status"]?["replicas"] == replicas
            && pods.All(pod => (string?)pod["spec"]!["containers"]![0]!["image"] == image);
    }
}
