using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Disruption;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Tests.Controllers.HorizontalPodAutoscalers;

/// <summary>A custom kind with a scale is as good as a workload, for autoscalers and for budgets.</summary>
public sealed class CustomScaleTests : IResourceMetrics
{
    private static readonly ResourceType Farms = new("example.com", "farms");
    private readonly PlanWorld _world = new();

    private static ResourceCatalog Catalog => new([
        .. ResourceCatalog.BuiltIn.All,
        .. CustomKinds.Of(CustomResourceDefinition.Read(JsonNode.Parse("""
            {"metadata":{"name":"farms.example.com"},
             "spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"farms","kind":"Farm"},
              "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}},
               "subresources":{"status":{},"scale":{"specReplicasPath":".spec.cows","statusReplicasPath":".status.cows","labelSelectorPath":".status.selector"}}}]},
             "status":{"acceptedNames":{"plural":"farms","kind":"Farm"},"conditions":[{"type":"Established","status":"True"},{"type":"NamesAccepted","status":"True"}]}}
            """)!.AsObject())),
    ]);

    private ObjectKey Begin()
    {
        var farm = _world.Put(Farms, """{"apiVersion":"example.com/v1","kind":"Farm","metadata":{"name":"farm","namespace":"default"},"spec":{"cows":2},"status":{"cows":2,"selector":"farm=one"}}""");
        foreach (var name in (string[])["a", "b"])
        {
            _world.Put(ResourceTypes.Pods, $$"""
                {"metadata":{"name":"{{name}}","namespace":"default","uid":"{{name}}","labels":{"farm":"one"},
                 "ownerReferences":[{"apiVersion":"example.com/v1","kind":"Farm","name":"farm","uid":"{{_world.Cluster.Find(farm)!.Uid}}","controller":true}]},
                 "spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"100m"} } }]},
                 "status":{"phase":"Running","startTime":"2026-01-01T11:00:00Z","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T11:00:00Z"}]} }
                """);
        }

        return farm;
    }

    [Fact]
    public void An_autoscaler_scales_it_where_its_definition_says()
    {
        var farm = Begin();
        var key = _world.Put(ResourceTypes.HorizontalPodAutoscalers, """
            {"metadata":{"name":"farm","namespace":"default"},
             "spec":{"minReplicas":1,"maxReplicas":3,"scaleTargetRef":{"apiVersion":"example.com/v1","kind":"Farm","name":"farm"},
              "metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}]}}
            """);
        var plan = new HorizontalPodAutoscalerReconciler(Catalog, this, null, AutoscalerSettings.Default).Definition.Reconcile(Observed.At(key, _world.Cluster), _world.Now);
        _world.Carry(plan);
        Assert.Equal("""{"cows":3}""", _world.Cluster.Find(farm)!.ToJson()["spec"]!.ToJsonString());
    }

    [Fact]
    public void A_budget_counts_it()
    {
        Begin();
        var key = _world.Put(ResourceTypes.PodDisruptionBudgets, """{"metadata":{"name":"farm","namespace":"default"},"spec":{"maxUnavailable":1,"selector":{"matchLabels":{"farm":"one"}}}}""");
        _world.Settle(new DisruptionBudgetReconciler(Catalog).Definition, key);
        var status = DisruptionBudgetView.Of(_world.Cluster.Find(key)!).Status;
        Assert.Equal((2, 1, 1), (status.ExpectedPods, status.DesiredHealthy, status.DisruptionsAllowed));
    }

    public PodUsage? Pod(string @namespace, string name) =>
        new(@namespace, name, name, _world.Now, TimeSpan.FromSeconds(15), [new ContainerUsage("c", 100_000_000, 1)]);

    public IEnumerable<PodUsage> Pods(string? @namespace) => [];

    public NodeUsage? Node(string name) => null;

    public IEnumerable<NodeUsage> Nodes() => [];
}
