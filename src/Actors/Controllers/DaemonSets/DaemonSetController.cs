using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.DaemonSets;

/// <summary>The DaemonSet controller as data.</summary>
public static class DaemonSetController
{
    public static ControllerDefinition Definition { get; } = new()
    {
        Name = "daemon-set-controller",
        Observes = [ResourceTypes.DaemonSets, ResourceTypes.Pods, ResourceTypes.ControllerRevisions, ResourceTypes.Nodes],
        DirtiedBy = DirtiedBy,
        Everything = ControllerDefinition.AllOf(ResourceTypes.DaemonSets),
        Reconcile = DaemonSetReconciler.Reconcile,
    };

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot snapshot)
    {
        if (fact.Key.Type == ResourceTypes.DaemonSets)
        {
            return [fact.Key];
        }

        return fact.Key.Type == ResourceTypes.Nodes
            ? DirtiedByNode(fact, snapshot)
            : Ownership.ByDaemonSet.Concerned(fact.Object, fact.Previous, snapshot, static set => DaemonSetView.Of(set).Selector);
    }

    /// <summary>A node's status is no news: only what could bring a daemon to it or drive one off.</summary>
    private static IEnumerable<ObjectKey> DirtiedByNode(Fact fact, ClusterSnapshot snapshot)
    {
        if (snapshot.Count(ResourceTypes.DaemonSets) == 0)
        {
            return [];
        }

        if (fact.Verb != FactVerb.Updated || fact.Previous is not { } previous)
        {
            return snapshot.All(ResourceTypes.DaemonSets).Select(set => set.Key);
        }

        var (before, after) = (DaemonNode.Of(previous), DaemonNode.Of(fact.Object));
        return before.IsLike(after)
            ? []
            : snapshot.All(ResourceTypes.DaemonSets).Where(set => DaemonSetView.Of(set).Placement is var place && place.On(before) != place.On(after)).Select(set => set.Key);
    }
}
