using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Deployments;

/// <summary>The Deployment controller as data.</summary>
public static class DeploymentController
{
    public static ControllerDefinition Definition { get; } = new()
    {
        Name = "deployment-controller",
        Observes = [ResourceTypes.Deployments, ResourceTypes.ReplicaSets, ResourceTypes.Pods],
        DirtiedBy = DirtiedBy,
        Everything = ControllerDefinition.AllOf(ResourceTypes.Deployments),
        Reconcile = DeploymentReconciler.Reconcile,
    };

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot snapshot)
    {
        if (fact.Key.Type == ResourceTypes.Deployments)
        {
            return [fact.Key];
        }

        return fact.Key.Type == ResourceTypes.ReplicaSets
            ? Ownership.ByDeployment.Concerned(fact.Object, fact.Previous, snapshot, deployment => DeploymentView.Of(deployment).Selector)
            : WaitingForThePodsEnd(fact, snapshot);
    }

    /// <summary>A Recreate waits until the last old pod is gone, which no ReplicaSet's status shows.</summary>
    private static IEnumerable<ObjectKey> WaitingForThePodsEnd(Fact fact, ClusterSnapshot snapshot)
    {
        if (fact.Verb == FactVerb.Deleted
            && Ownership.ByReplicaSet.OwnerOf(fact.Object) is { } set
            && snapshot.Find(set) is { } replicaSet
            && Ownership.ByDeployment.OwnerOf(replicaSet) is { } key
            && snapshot.Find(key) is { } deployment
            && !DeploymentView.Of(deployment).IsRollingUpdate)
        {
            yield return key;
        }
    }
}
