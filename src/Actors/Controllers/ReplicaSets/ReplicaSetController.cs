using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.ReplicaSets;

/// <summary>The controllers of ReplicaSets and of their ancestors, ReplicationControllers, as data: one reconciler serves both, as upstream's does.</summary>
public static class ReplicaSetController
{
    public static ControllerDefinition Definition { get; } = Of("replicaset-controller", Ownership.ByReplicaSet);

    public static ControllerDefinition OfReplicationControllers { get; } = Of("replication-controller", Ownership.ByReplicationController);

    private static ControllerDefinition Of(string name, Ownership ownership) => new()
    {
        Name = name,
        Observes = [ownership.Type, ResourceTypes.Pods],
        DirtiedBy = (fact, snapshot) => fact.Key.Type == ownership.Type
            ? [fact.Key]
            : ownership.Concerned(fact.Object, fact.Previous, snapshot, static set => ReplicaSetView.Of(set).Selector),
        Everything = ControllerDefinition.AllOf(ownership.Type),
        Reconcile = ReplicaSetReconciler.Reconcile,
    };
}
