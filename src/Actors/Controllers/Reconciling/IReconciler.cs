using System.Collections.Immutable;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Reconciling;

/// <summary>The rules of one controller: pure, and the same whether it is asked once or a thousand times.</summary>
public interface IReconciler
{
    /// <summary>As in <c>system:serviceaccount:kube-system:NAME</c>, which is recorded as the author.</summary>
    string Name { get; }

    /// <summary>The types whose facts can touch anything; empty for all.</summary>
    ImmutableArray<ResourceType> Observes { get; }

    /// <summary>Everything that has to be looked at once at the start.</summary>
    IEnumerable<ObjectKey> All(ClusterSnapshot cluster);

    /// <summary>What has to be looked at because of a fact.</summary>
    IEnumerable<ObjectKey> Touched(Fact fact, ClusterSnapshot cluster);

    Plan Reconcile(ObjectKey key, ClusterSnapshot cluster, DateTimeOffset now);
}
