using System.Collections.Immutable;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Revisions;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.StatefulSets;

/// <summary>
/// Keeps the pods of a StatefulSet (upstream's <c>pkg/controller/statefulset</c>). A pod is only ever made under a name that no object has, so
/// that two of one identity never exist: what runs on a node that nobody hears of is replaced when its object is really gone.
/// </summary>
public static class StatefulSetReconciler
{
    public static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is null)
        {
            return Plan.Nothing;
        }

        var set = StatefulSetView.Of(observed.Object);
        var adoptions = ClaimPods(set, observed.Snapshot).Actions;
        return adoptions.IsEmpty
            ? KeepHistory(observed, now)
            : Plan.Together(adoptions) with { Then = (_, after, later) => KeepHistory(after, later) };
    }

    private static Plan KeepHistory(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is null)
        {
            return Plan.Nothing;
        }

        var set = StatefulSetView.Of(observed.Object);
        var history = RevisionHistory.Of(set.Revisioned, observed.Snapshot);
        return history.Actions.IsEmpty
            ? Manage(observed, set.Status.Collisions, now)
            : Plan.Together(history.Actions) with
            {
                Then = (outcome, after, later) => outcome.Ok ? Manage(after, history.Collisions, later) : Plan.Nothing,
            };
    }

    private static Plan Manage(Observed observed, int collisions, DateTimeOffset now)
    {
        if (observed.Object is null)
        {
            return Plan.Nothing;
        }

        if (StatefulSetWorld.Of(observed, now) is not { } world)
        {
            // Revisions were adopted just now, the current one is still to be made: once more from the beginning.
            return Plan.Nothing.NotLaterThan(now);
        }

        var steps = world.Set.Metadata.DeletionTimestamp is null ? StatefulSetSteps.Of(world) : StatefulSetSteps.None;
        if (steps.IsNothing)
        {
            return Report(world, collisions);
        }

        return Plan.Together(steps.Claims).And(steps.Deletions).AndSlowly(steps.Creations) with
        {
            // What is deleted may be gone at once, and what is made may let the next one be made: one more look.
            Then = (_, after, later) => StatefulSetWorld.Of(after, later) is { } next ? Report(next, collisions).NotLaterThan(later) : Plan.Nothing.NotLaterThan(later),
        };
    }

    internal static Claims ClaimPods(StatefulSetView set, ClusterSnapshot snapshot) => Ownership.ByStatefulSet.Claim(
        set.Stored, ResourceTypes.Pods, set.Selector, snapshot, pod => StatefulPod.OrdinalOf(pod.Key.Name, set.Name) is not null);

    private static Plan Report(StatefulSetWorld world, int collisions)
    {
        var set = world.Set;
        var status = StatusOf(world) with { Collisions = Math.Max(collisions, set.Status.Collisions) };
        var plan = status == set.Status
            ? Plan.Nothing
            : Plan.Do(ChangeObject.StatusOf(set.Stored, (_, tree) =>
            {
                tree["status"] = status.ToJson(tree.Object("status"));
                return tree;
            }));
        if (set.Metadata.DeletionTimestamp is null)
        {
            var live = world.Pods.Select(pod => pod.Revision).Append(status.CurrentRevision).ToHashSet(StringComparer.Ordinal);
            plan = plan.And(world.History.Truncate(set.RevisionHistoryLimit, revision => live.Contains(revision.Name)));
        }

        return plan with { RequeueAt = NextAvailability(world) };
    }

    private static StatefulSetStatus StatusOf(StatefulSetWorld world)
    {
        var set = world.Set;
        var alive = world.Pods.Where(pod => !pod.IsTerminating).ToArray();
        var status = new StatefulSetStatus
        {
            ObservedGeneration = set.Metadata.Generation,
            Replicas = world.Pods.Length,
            Ready = world.Pods.Count(pod => pod.IsRunningAndReady),
            Available = world.Pods.Count(pod => pod.IsRunningAndAvailable(set.MinReadySeconds, world.Now)),
            Current = alive.Count(pod => pod.Revision == world.Current.Name),
            Updated = alive.Count(pod => pod.Revision == world.Update.Name),
            CurrentRevision = world.Current.Name,
            UpdateRevision = world.Update.Name,
        };
        var complete = set.IsRollingUpdate && (status.Updated, status.Replicas, status.Ready) == (set.Replicas, set.Replicas, set.Replicas);
        return complete ? status with { CurrentRevision = status.UpdateRevision, Current = status.Updated } : status;
    }

    private static DateTimeOffset? NextAvailability(StatefulSetWorld world)
    {
        if (world.Set.MinReadySeconds == 0)
        {
            return null;
        }

        var waiting = world.Pods.Where(pod => pod.IsRunningAndReady).Select(pod => pod.Pod.AvailableFrom(world.Set.MinReadySeconds)).Where(time => time > world.Now);
        return waiting.Min();
    }
}

/// <summary>A set, its revisions and its pods by their places.</summary>
/// <param name="Current">The revision that the pods below the partition have.</param>
/// <param name="Update">The revision of the template as it is now.</param>
/// <param name="Pods">All of them, by ordinal.</param>
internal sealed record StatefulSetWorld(
    StatefulSetView Set, RevisionHistory History, RevisionView Current, RevisionView Update, ImmutableArray<StatefulPod> Pods, ClusterSnapshot Snapshot, DateTimeOffset Now)
{
    /// <summary>Null while the history is not right.</summary>
    public static StatefulSetWorld? Of(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is null)
        {
            return null;
        }

        var set = StatefulSetView.Of(observed.Object);
        var history = RevisionHistory.Of(set.Revisioned, observed.Snapshot);
        if (history.Update is not { } update)
        {
            return null;
        }

        ImmutableArray<StatefulPod> pods =
        [
            .. StatefulSetReconciler.ClaimPods(set, observed.Snapshot).Kept.Select(pod => StatefulPod.Of(pod, set)).OfType<StatefulPod>().OrderBy(pod => pod.Ordinal),
        ];
        return new StatefulSetWorld(set, history, history.Find(set.Status.CurrentRevision) ?? update, update, pods, observed.Snapshot, now);
    }

    public bool IsUnavailable(StatefulPod? pod) => pod is null || pod.IsUnavailable(Set.MinReadySeconds, Now);

    /// <summary>The revision that a new pod gets: below the partition, or the first of a set that has not been told any partition, the current one.</summary>
    public RevisionView RevisionFor(int ordinal) =>
        Set.IsRollingUpdate && ordinal < Set.Start + (Set.Partition ?? Set.Status.Current) ? Current : Update;
}
