using ActorOrchestrator.Actors.Controllers.Deployments.Canaries;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Deployments;

/// <summary>The Deployment controller as data.</summary>
public static class DeploymentController
{
    public static ControllerDefinition Definition { get; } = With(HttpCanaryProbe.Shared);

    /// <param name="probe">Asks the pods of canaries that want to be asked.</param>
    public static ControllerDefinition With(ICanaryProbe probe) => new()
    {
        Name = "deployment-controller",
        Observes = [ResourceTypes.Deployments, ResourceTypes.ReplicaSets, ResourceTypes.Pods],
        DirtiedBy = DirtiedBy,
        Everything = ControllerDefinition.AllOf(ResourceTypes.Deployments),
        Reconcile = new DeploymentReconciler(probe).Reconcile,
    };

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot snapshot)
    {
        if (fact.Key.Type == ResourceTypes.Deployments)
        {
            return [fact.Key];
        }

        return fact.Key.Type == ResourceTypes.ReplicaSets
            ? Ownership.ByDeployment.Concerned(fact.Object, fact.Previous, snapshot, deployment => DeploymentView.Of(deployment).Selector)
            : ConcernedByPod(fact, snapshot);
    }

    private static IEnumerable<ObjectKey> ConcernedByPod(Fact fact, ClusterSnapshot snapshot) => fact.Verb switch
    {
        FactVerb.Deleted => WaitingForThePodsEnd(fact, snapshot),
        FactVerb.Updated => Failing(fact, snapshot),
        _ => [],
    };

    /// <summary>That a pod cannot run at all, or runs again and again, shows in no ReplicaSet's status.</summary>
    private static IEnumerable<ObjectKey> Failing(Fact fact, ClusterSnapshot snapshot)
    {
        if (Ownership.ByReplicaSet.OwnerOf(fact.Object) is { } set
            && fact.Previous is { } previous
            && (PodView.Of(fact.Object), PodView.Of(previous)) is var (pod, before)
            && ((pod.Failure is { } failure && failure.Reason != before.Failure?.Reason) || pod.Restarts > before.Restarts)
            && snapshot.Find(set) is { } replicaSet
            && Ownership.ByDeployment.OwnerOf(replicaSet) is { } key)
        {
            yield return key;
        }
    }

    /// <summary>A Recreate waits until the last old pod is gone, which no ReplicaSet's status shows.</summary>
    private static IEnumerable<ObjectKey> WaitingForThePodsEnd(Fact fact, ClusterSnapshot snapshot)
    {
        if (Ownership.ByReplicaSet.OwnerOf(fact.Object) is { } set
            && snapshot.Find(set) is { } replicaSet
            && Ownership.ByDeployment.OwnerOf(replicaSet) is { } key
            && snapshot.Find(key) is { } deployment
            && !DeploymentView.Of(deployment).IsRollingUpdate)
        {
            yield return key;
        }
    }
}
