using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.StatefulSets;

/// <summary>The StatefulSet controller as data.</summary>
public static class StatefulSetController
{
    public static ControllerDefinition Definition { get; } = new()
    {
        Name = "statefulset-controller",
        Observes = [ResourceTypes.StatefulSets, ResourceTypes.Pods, ResourceTypes.ControllerRevisions, ResourceTypes.PersistentVolumeClaims],
        DirtiedBy = DirtiedBy,
        Everything = ControllerDefinition.AllOf(ResourceTypes.StatefulSets),
        Reconcile = StatefulSetReconciler.Reconcile,
    };

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot snapshot)
    {
        if (fact.Key.Type == ResourceTypes.StatefulSets)
        {
            return [fact.Key];
        }

        return fact.Key.Type == ResourceTypes.PersistentVolumeClaims
            ? WaitingForTheClaimsEnd(fact, snapshot)
            : Ownership.ByStatefulSet.Concerned(fact.Object, fact.Previous, snapshot, static set => StatefulSetView.Of(set).Selector);
    }

    /// <summary>A pod is not made while a claim of its name is on its way out, so the end of a claim is news.</summary>
    private static IEnumerable<ObjectKey> WaitingForTheClaimsEnd(Fact fact, ClusterSnapshot snapshot)
    {
        if (fact.Verb != FactVerb.Deleted || fact.Key.Name.LastIndexOf('-') is not (> 0 and var dash))
        {
            return [];
        }

        var stem = fact.Key.Name[..dash];
        return snapshot.InNamespace(ResourceTypes.StatefulSets, fact.Key.Namespace)
            .Where(set => stem.EndsWith($"-{set.Key.Name}", StringComparison.Ordinal)).Select(set => set.Key);
    }
}
