using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.ReplicaSets;

/// <summary>The ReplicaSet controller as data.</summary>
public static class ReplicaSetController
{
    public static ControllerDefinition Definition { get; } = new()
    {
        Name = "replicaset-controller",
        Observes = [ResourceTypes.ReplicaSets, ResourceTypes.Pods],
        DirtiedBy = DirtiedBy,
        Everything = ControllerDefinition.AllOf(ResourceTypes.ReplicaSets),
        Reconcile = ReplicaSetReconciler.Reconcile,
    };

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot snapshot) => fact.Key.Type == ResourceTypes.ReplicaSets
        ? [fact.Key]
        : Ownership.ByReplicaSet.Concerned(fact.Object, fact.Previous, snapshot, replicaSet => ReplicaSetView.Of(replicaSet).Selector);
}
