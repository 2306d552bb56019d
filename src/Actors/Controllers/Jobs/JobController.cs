using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Jobs;

/// <summary>The controllers around Jobs, as data: the job itself, pods that a job left behind, and jobs that have been finished for long enough.</summary>
public static class JobController
{
    public static IEnumerable<ControllerDefinition> Definitions { get; } =
    [
        new ControllerDefinition
        {
            Name = "job-controller",
            Observes = [ResourceTypes.Jobs, ResourceTypes.Pods],
            DirtiedBy = (fact, snapshot) => fact.Key.Type == ResourceTypes.Jobs
                ? [fact.Key]
                : Ownership.ByJob.Concerned(fact.Object, fact.Previous, snapshot, static job => JobView.Of(job).Selector),
            Everything = ControllerDefinition.AllOf(ResourceTypes.Jobs),
            Reconcile = JobReconciler.Reconcile,
        },
        new ControllerDefinition
        {
            Name = "job-orphan-controller",
            Observes = [ResourceTypes.Jobs, ResourceTypes.Pods],
            DirtiedBy = LeftBehind,
            Everything = snapshot => snapshot.All(ResourceTypes.Pods).Where(pod => IsLeftBehind(pod, snapshot)).Select(pod => pod.Key),
            Reconcile = (observed, _) => observed.Object is { } pod && IsLeftBehind(pod, observed.Snapshot) ? Plan.Do(JobPods.Release(pod)) : Plan.Nothing,
        },
        new ControllerDefinition
        {
            Name = "ttl-after-finished-controller",
            Observes = [ResourceTypes.Jobs],
            DirtiedBy = (fact, _) => fact.Verb != FactVerb.Deleted && Expires(fact.Object) is not null ? [fact.Key] : [],
            Everything = snapshot => snapshot.All(ResourceTypes.Jobs).Where(job => Expires(job) is not null).Select(job => job.Key),
            Reconcile = Expire,
        },
    ];

    private static IEnumerable<ObjectKey> LeftBehind(Fact fact, ClusterSnapshot snapshot)
    {
        if (fact.Key.Type == ResourceTypes.Pods)
        {
            return fact.Verb != FactVerb.Deleted && IsLeftBehind(fact.Object, snapshot) ? [fact.Key] : [];
        }

        return fact.Verb == FactVerb.Deleted ? snapshot.OwnedBy(fact.Object.Uid).Where(pod => IsLeftBehind(pod, snapshot)).Select(pod => pod.Key) : [];
    }

    /// <summary>It is tracked by a job that does not exist (any more), or by nobody.</summary>
    private static bool IsLeftBehind(StoredObject pod, ClusterSnapshot snapshot)
    {
        if (pod.Key.Type != ResourceTypes.Pods || !pod.Metadata.Finalizers.Contains(JobView.TrackingFinalizer))
        {
            return false;
        }

        return Ownership.ByJob.OwnerOf(pod) is not { } owner || snapshot.Find(owner)?.Uid != pod.Metadata.ControllerReference!.Uid;
    }

    private static DateTimeOffset? Expires(StoredObject stored) =>
        stored.Metadata.DeletionTimestamp is null && JobView.Of(stored) is { TtlSeconds: { } seconds, FinishedAt: { } finished } ? finished.AddSeconds(seconds) : null;

    private static Plan Expire(Observed observed, DateTimeOffset now) => observed.Object is not { } job || Expires(job) is not { } expires ? Plan.Nothing
        : expires > now ? Plan.Nothing.NotLaterThan(expires)
        : Plan.Do(DeleteObject.Of(job, "time to live after finishing is over", new DeleteRequest(PropagationPolicy: "Foreground")));
}
