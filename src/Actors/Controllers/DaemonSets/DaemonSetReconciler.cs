using System.Collections.Immutable;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Revisions;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.DaemonSets;

/// <summary>Keeps one pod on every node that a DaemonSet wants (upstream's <c>pkg/controller/daemon</c>). The pods are pinned to their nodes by name and bound by the scheduler.</summary>
public static class DaemonSetReconciler
{
    public static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is null || observed.Object.Metadata.DeletionTimestamp is not null)
        {
            return Plan.Nothing;
        }

        var set = DaemonSetView.Of(observed.Object);
        var adoptions = ClaimPods(set, observed.Snapshot).Actions;
        return adoptions.IsEmpty
            ? KeepHistory(observed, now)
            : Plan.Together(adoptions) with { Then = (_, after, later) => KeepHistory(after, later) };
    }

    internal static Claims ClaimPods(DaemonSetView set, ClusterSnapshot snapshot) =>
        Ownership.ByDaemonSet.Claim(set.Stored, ResourceTypes.Pods, set.Selector, snapshot, static _ => true);

    private static Plan KeepHistory(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is null)
        {
            return Plan.Nothing;
        }

        var set = DaemonSetView.Of(observed.Object);
        var history = RevisionHistory.Of(set.Revisioned, observed.Snapshot);
        var actions = history.Actions.IsEmpty ? Merge(set, history, observed.Snapshot) : history.Actions;
        return actions.IsEmpty
            ? Manage(observed, history.Collisions, now)
            : Plan.Together(actions) with { Then = (outcome, after, later) => outcome.Ok ? GoOn(after, history.Collisions, later) : Plan.Nothing };
    }

    /// <summary>
    /// A revision that was adopted or merged just now may have a twin whose pods are not of it yet: they would pass for old and be replaced. Then
    /// once more from the beginning.
    /// </summary>
    private static Plan GoOn(Observed observed, int collisions, DateTimeOffset now)
    {
        if (observed.Object is null)
        {
            return Plan.Nothing;
        }

        var set = DaemonSetView.Of(observed.Object);
        return Merge(set, RevisionHistory.Of(set.Revisioned, observed.Snapshot), observed.Snapshot).IsEmpty
            ? Manage(observed, collisions, now)
            : Plan.Nothing.NotLaterThan(now);
    }

    /// <summary>Of several revisions with one content the newest stays, and the pods of the others are its own from then on.</summary>
    private static ImmutableArray<PlanAction> Merge(DaemonSetView set, RevisionHistory history, ClusterSnapshot snapshot)
    {
        if (history.Update is not { } update)
        {
            return [];
        }

        var doubles = history.Revisions.Where(revision => !ReferenceEquals(revision, update) && revision.Template.IsSameAs(update.Template)).ToArray();
        if (doubles.Length == 0)
        {
            return [];
        }

        var hashes = doubles.Select(revision => revision.Hash).ToHashSet(StringComparer.Ordinal);
        var pods = ClaimPods(set, snapshot).Kept.Select(DaemonPod.Of).Where(pod => hashes.Contains(pod.Hash)).ToArray();
        if (pods.Length == 0)
        {
            return [.. doubles.Select(revision => DeleteObject.Of(revision.Stored) with { Act = "merge revisions" })];
        }

        return
        [
            .. pods.Select(pod => ChangeObject.Of(pod.Stored, (_, tree) =>
            {
                tree.Ensure("metadata").Ensure("labels")[RevisionView.PodLabel] = update.Hash;
                return tree;
            }) with { Act = "merge revisions" }),
        ];
    }

    private static Plan Manage(Observed observed, int collisions, DateTimeOffset now)
    {
        if (DaemonSetWorld.Of(observed, now) is not { } world)
        {
            return observed.Object is null ? Plan.Nothing : Plan.Nothing.NotLaterThan(now);
        }

        var steps = DaemonSetSteps.Of(world);
        if (steps.IsNothing)
        {
            return Report(world, collisions).NotLaterThan(steps.RequeueAt);
        }

        return Plan.Together(steps.Deletions).AndSlowly(steps.Creations) with
        {
            // A pod that never ran is gone as soon as it is deleted: one more look.
            Then = (_, after, later) => (DaemonSetWorld.Of(after, later) is { } next ? Report(next, collisions) : Plan.Nothing).NotLaterThan(later),
        };
    }

    private static Plan Report(DaemonSetWorld world, int collisions)
    {
        var set = world.Set;
        var status = StatusOf(world) with { Collisions = collisions > 0 ? collisions : set.Status.Collisions };
        var plan = status == set.Status
            ? Plan.Nothing
            : Plan.Do(ChangeObject.StatusOf(set.Stored, (_, tree) =>
            {
                tree["status"] = status.ToJson(tree.Object("status"));
                return tree;
            }));
        var live = world.Places.SelectMany(place => place.Pods.Concat(place.Remains)).Concat(world.Elsewhere).Select(pod => pod.Hash).ToHashSet(StringComparer.Ordinal);
        plan = plan.And(world.History.Truncate(set.RevisionHistoryLimit, revision => live.Contains(revision.Hash), countsLive: true));
        return plan with { RequeueAt = NextAvailability(world) };
    }

    private static DaemonSetStatus StatusOf(DaemonSetWorld world)
    {
        int desired = 0, current = 0, misscheduled = 0, ready = 0, available = 0, updated = 0;
        foreach (var place in world.Places)
        {
            if (!place.Run)
            {
                misscheduled += place.Pods.IsEmpty ? 0 : 1;
                continue;
            }

            desired++;
            if (place.Pods.IsEmpty)
            {
                continue;
            }

            var pod = place.Pods[0];
            current++;
            ready += pod.Pod.IsReady ? 1 : 0;
            available += world.IsAvailable(pod) ? 1 : 0;
            updated += world.IsUpdated(pod) ? 1 : 0;
        }

        return new DaemonSetStatus
        {
            DesiredScheduled = desired,
            CurrentScheduled = current,
            Misscheduled = misscheduled,
            Ready = ready,
            Available = available,
            Unavailable = desired - available,
            Updated = updated,
            ObservedGeneration = world.Set.Metadata.Generation,
        };
    }

    private static DateTimeOffset? NextAvailability(DaemonSetWorld world)
    {
        if (world.Set.MinReadySeconds == 0)
        {
            return null;
        }

        return world.Places.SelectMany(place => place.Pods).Where(pod => pod.Pod.IsReady)
            .Select(pod => pod.Pod.AvailableFrom(world.Set.MinReadySeconds)).Where(time => time > world.Now).Min();
    }
}
