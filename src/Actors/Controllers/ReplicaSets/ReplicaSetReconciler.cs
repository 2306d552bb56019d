using System.Collections.Immutable;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.ReplicaSets;

/// <summary>
/// Keeps as many pods as the specification of a ReplicaSet or a ReplicationController asks for (upstream's <c>pkg/controller/replicaset</c>). Finished and terminating pods do
/// not count: a terminating pod is replaced at once.
/// </summary>
public static class ReplicaSetReconciler
{
    /// <summary>The most pods created or deleted in one go, upstream's burstReplicas.</summary>
    internal const int Burst = 500;

    public static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is null)
        {
            return Plan.Nothing;
        }

        var replicaSet = ReplicaSetView.Of(observed.Object);
        var claims = ClaimPods(replicaSet, observed.Snapshot);
        if (!claims.Actions.IsEmpty)
        {
            return Plan.Together(claims.Actions) with { Then = (_, after, later) => ReconcileReplicas(after, later) };
        }

        return ReconcileReplicas(observed, now);
    }

    private static Plan ReconcileReplicas(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is null)
        {
            return Plan.Nothing;
        }

        var replicaSet = ReplicaSetView.Of(observed.Object);
        ImmutableArray<PodView> pods = [.. ClaimPods(replicaSet, observed.Snapshot).Kept.Select(PodView.Of)];
        var missing = replicaSet.Replicas - pods.Length;
        if (missing == 0 || replicaSet.Metadata.DeletionTimestamp is not null)
        {
            return ReconcileStatus(replicaSet, pods, PlanOutcome.Success, missing, now);
        }

        var plan = missing > 0
            ? Plan.Nothing.AndSlowly(Create(replicaSet, Math.Min(missing, Burst)))
            : Plan.Together(Delete(replicaSet, pods, Math.Min(-missing, Burst), observed.Snapshot, now));
        return plan with
        {
            Then = (outcome, after, later) => after.Object is null
                ? Plan.Nothing
                : ReconcileStatus(
                    ReplicaSetView.Of(after.Object), [.. ClaimPods(ReplicaSetView.Of(after.Object), after.Snapshot).Kept.Select(PodView.Of)], outcome, missing, later),
        };
    }

    private static Claims ClaimPods(ReplicaSetView replicaSet, ClusterSnapshot snapshot) =>
        replicaSet.Ownership.Claim(replicaSet.Stored, ResourceTypes.Pods, replicaSet.Selector, snapshot, pod => PodView.Of(pod).IsActive);

    private static IEnumerable<PlanAction> Create(ReplicaSetView replicaSet, int count)
    {
        var set = replicaSet.Stored;
        var template = replicaSet.Template;
        var create = new CreateObject(
            ResourceTypes.Pods, set.Key.Namespace, () => template.NewPod($"{set.Key.Name}-", replicaSet.Ownership.ReferenceTo(set)))
        {
            Report = result => result switch
            {
                { Object: { } pod } => RecordEvent.Normal(set, "SuccessfulCreate", $"Created pod: {pod.Key.Name}"),
                { Failure: { } failure } when failure.Causes.All(cause => cause.Reason != "NamespaceTerminating") =>
                    RecordEvent.Warn(set, "FailedCreate", $"Error creating: {failure.Message}"),
                _ => null,
            },
        };
        return Enumerable.Repeat(create, count);
    }

    private static IEnumerable<PlanAction> Delete(
        ReplicaSetView replicaSet, ImmutableArray<PodView> pods, int count, ClusterSnapshot snapshot, DateTimeOffset now)
    {
        var set = replicaSet.Stored;
        return PodDeletionOrder.Choose(pods, RelatedPods(set, pods, snapshot), count, now).Select(pod => DeleteObject.Of(pod.Stored) with
        {
            Report = result => result.Failure switch
            {
                null => RecordEvent.Normal(set, "SuccessfulDelete", $"Deleted pod: {pod.Stored.Key.Name}"),
                { Reason: "NotFound" } => null,
                var failure => RecordEvent.Warn(set, "FailedDelete", $"Error deleting: {failure.Message}"),
            },
        });
    }

    /// <summary>The active pods of every ReplicaSet of the same Deployment, this one's included.</summary>
    private static IEnumerable<PodView> RelatedPods(StoredObject set, ImmutableArray<PodView> pods, ClusterSnapshot snapshot)
    {
        if (set.Metadata.ControllerReference is not { } owner)
        {
            return pods;
        }

        return snapshot.OwnedBy(owner.Uid).Where(sibling => sibling.Key.Type == set.Key.Type)
            .SelectMany(sibling => snapshot.OwnedBy(sibling.Uid))
            .Where(pod => pod.Key.Type == ResourceTypes.Pods)
            .Select(PodView.Of)
            .Where(pod => pod.IsActive);
    }

    private static Plan ReconcileStatus(
        ReplicaSetView replicaSet, ImmutableArray<PodView> pods, PlanOutcome outcome, int missing, DateTimeOffset now)
    {
        var status = StatusOf(replicaSet, pods, now) with { Conditions = ConditionsOf(replicaSet, outcome, missing, now) };
        var plan = status.Equals(replicaSet.Status)
            ? Plan.Nothing
            : Plan.Do(ChangeObject.StatusOf(replicaSet.Stored, (_, tree) =>
            {
                tree["status"] = status.ToJson();
                return tree;
            }));
        return plan with { RequeueAt = NextAvailability(replicaSet, pods, now) };
    }

    private static ReplicaSetStatus StatusOf(ReplicaSetView replicaSet, ImmutableArray<PodView> pods, DateTimeOffset now)
    {
        int labeled = 0, ready = 0, available = 0;
        var labels = replicaSet.Template.Labels;
        foreach (var pod in pods)
        {
            var podLabels = pod.Stored.Metadata.Labels;
            labeled += labels.All(label => podLabels.TryGetValue(label.Key, out var value) && value == label.Value) ? 1 : 0;
            ready += pod.IsReady ? 1 : 0;
            available += pod.AvailableFrom(replicaSet.MinReadySeconds) <= now ? 1 : 0;
        }

        return new ReplicaSetStatus(pods.Length, labeled, ready, available, replicaSet.Metadata.Generation, replicaSet.Status.Conditions);
    }

    private static ImmutableArray<Condition> ConditionsOf(ReplicaSetView replicaSet, PlanOutcome outcome, int missing, DateTimeOffset now)
    {
        var conditions = replicaSet.Status.Conditions;
        var current = conditions.OfType("ReplicaFailure");
        if (outcome.Ok)
        {
            return current is null ? conditions : conditions.Without("ReplicaFailure");
        }

        if (current is not null || outcome.Failures.All(failure => failure.IsConflict))
        {
            return conditions;
        }

        return conditions.With(new Condition("ReplicaFailure", "True", missing > 0 ? "FailedCreate" : "FailedDelete", outcome.Failures[0].Status.Message)
        {
            LastTransition = now,
        });
    }

    /// <summary>When the next ready pod has been ready for long enough.</summary>
    private static DateTimeOffset? NextAvailability(ReplicaSetView replicaSet, ImmutableArray<PodView> pods, DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        if (replicaSet.MinReadySeconds > 0)
        {
            foreach (var pod in pods)
            {
                next = pod.AvailableFrom(replicaSet.MinReadySeconds) is { } time && time > now && !(time >= next) ? time : next;
            }
        }

        return next;
    }
}
