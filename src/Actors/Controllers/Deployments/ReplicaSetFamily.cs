using System.Collections.Immutable;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Deployments;

/// <summary>The ReplicaSets of one Deployment: the one with its present template, if there is one yet, and the older ones.</summary>
/// <param name="Adoptions">Adoptions and releases to be done before anything else.</param>
public sealed record ReplicaSetFamily(ReplicaSetView? New, ImmutableArray<ReplicaSetView> Old, ImmutableArray<PlanAction> Adoptions)
{
    public IEnumerable<ReplicaSetView> All => New is null ? Old : Old.Append(New);

    /// <summary>Replicas asked for, by specification.</summary>
    public int Specified => All.Sum(set => set.Replicas);

    /// <summary>Replicas asked for, and those that are yet to be deleted. Holds when the family <see cref="IsObserved"/>.</summary>
    public int Present => All.Sum(set => set.Present);

    /// <summary>Every set has taken note of what it was told last, so that its counts can be built on.</summary>
    public bool IsObserved => All.All(set => set.IsObserved);

    /// <summary>The old ones that still want pods, oldest first.</summary>
    public IEnumerable<ReplicaSetView> ActiveOld => Old.Where(set => set.IsActive);

    /// <summary>The old one that was fully available last, which a failed rollout goes back to; null when there is none.</summary>
    public ReplicaSetView? LastProven => Old
        .Where(set => set.AvailableAt() > 0 && set.Metadata.DeletionTimestamp is null)
        .MaxBy(set => set.AvailableAt());

    /// <summary>Of a family that was turned: as it is by the Deployment's template.</summary>
    private ReplicaSetFamily? Unturned { get; init; }

    public ReplicaSetFamily ByTemplate => Unturned ?? this;

    /// <summary>The same sets, with another of them as the one that is to have the replicas.</summary>
    public ReplicaSetFamily TurnedTo(ReplicaSetView target) =>
        this with { New = target, Old = [.. All.Where(set => set != target).Order(OldestFirst)], Unturned = ByTemplate };

    public static ReplicaSetFamily Of(DeploymentView deployment, ClusterSnapshot snapshot)
    {
        var claims = Ownership.ByDeployment.Claim(deployment.Stored, ResourceTypes.ReplicaSets, deployment.Selector, snapshot, _ => true);
        ImmutableArray<ReplicaSetView> sets = [.. claims.Kept.Select(ReplicaSetView.Of).Order(OldestFirst)];

        // Rarely there are several with the same template; the oldest is taken, so that everybody always takes the same one.
        var current = sets.FirstOrDefault(set => set.Template.IsSameAs(deployment.Template));
        return new ReplicaSetFamily(current, current is null ? sets : sets.Remove(current), claims.Actions);
    }

    public static Comparer<ReplicaSetView> OldestFirst { get; } = Comparer<ReplicaSetView>.Create((left, right) =>
    {
        var byTime = Nullable.Compare(left.Metadata.CreationTimestamp, right.Metadata.CreationTimestamp);
        return byTime != 0 ? byTime : string.CompareOrdinal(left.Name, right.Name);
    });
}
