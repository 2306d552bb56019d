using System.Collections.Immutable;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Jobs;

/// <summary>Runs a Job's pods until enough of them have succeeded, or too much has failed (upstream's <c>pkg/controller/job</c>).</summary>
/// <remarks>
/// <code>
///   pod ends ──► its uid in status.uncountedTerminatedPods ──► its finalizer goes ──► counted, its uid goes
/// </code>
/// Each arrow is one write; a look at the world after any of them, by whoever leads then, goes on with the next.
/// </remarks>
public static class JobReconciler
{
    public static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is null || JobView.Of(observed.Object) is not { ManagedBy: "" or JobView.OurManager } job)
        {
            return Plan.Nothing;
        }

        var claims = Claim(job, observed.Snapshot);
        return claims.Actions.IsEmpty || job.IsFinished
            ? Sync(job, claims, now)
            : Plan.Together(claims.Actions) with { Then = (_, after, later) => after.Object is null ? Plan.Nothing : Sync(JobView.Of(after.Object), Claim(JobView.Of(after.Object), after.Snapshot), later) };
    }

    private static Claims Claim(JobView job, ClusterSnapshot snapshot) =>
        Ownership.ByJob.Claim(job.Stored, ResourceTypes.Pods, job.Selector, snapshot, static _ => true);

    private static Plan Sync(JobView job, Claims claims, DateTimeOffset now)
    {
        ImmutableArray<JobPod> pods = [.. claims.Kept.Select(JobPod.Of)];
        var isDeleting = job.Stored.Metadata.DeletionTimestamp is not null;
        if (job.IsFinished)
        {
            return Plan.Together(pods.Where(pod => pod.IsTracked).Select(pod => JobPods.Release(pod.Stored)));
        }

        var tally = JobTally.Of(job, pods);
        var verdict = JobVerdict.Of(tally, now);
        var status = Next(tally, verdict, now);
        var release = tally.Releasable.Select(pod => JobPods.Release(pod.Stored));
        var plan = status.Equals(job.Status)
            ? Plan.Together(release)
            : Plan.Do(Write(job, status)) with { Then = (outcome, _, _) => outcome.Ok ? Plan.Together(release) : Plan.Nothing };
        plan = plan with { Steps = plan.Steps.AddRange(Events(job, status).Steps) };

        // First what is over is written down, so that what is made new is made with the right numbers in view.
        var manage = isDeleting ? Plan.Nothing
            : verdict is not null || job.IsSuspended ? Plan.Together(tally.Active.Select(pod => JobPods.Delete(job, pod)))
            : JobPods.Manage(tally, now);
        plan = manage.IsNothing ? plan.NotLaterThan(manage.RequeueAt) : InOrder(plan, manage);
        return verdict is null && JobVerdict.Deadline(job, status) is { } deadline ? plan.NotLaterThan(deadline) : plan;
    }

    private static Plan InOrder(Plan first, Plan second) => first.Then is { } then
        ? first with { Then = (outcome, after, later) => InOrder(then(outcome, after, later), outcome.Ok ? second : Plan.Nothing) }
        : (first with { Steps = first.Steps.AddRange(second.Steps) }).NotLaterThan(second.RequeueAt);

    /// <summary>The status that the tally and the verdict make.</summary>
    private static JobStatus Next(JobTally tally, JobVerdict? verdict, DateTimeOffset now)
    {
        var (job, status) = (tally.Job, tally.Status);
        if (status.StartTime is null && !job.IsSuspended)
        {
            status = status with { StartTime = now };
        }

        if (verdict is not null)
        {
            status = status.WithCondition(verdict.Interim, "True", verdict.Reason, verdict.Message, now);
            var isOver = tally is { IsSettled: true, Active.IsEmpty: true, Terminating: 0 } && tally.Pods.All(pod => !pod.IsTracked || tally.Releasable.Contains(pod));
            return !isOver ? status : Finished(status, verdict, now);
        }

        if (job.IsSuspended)
        {
            return status.WithCondition("Suspended", "True", "JobSuspended", "Job suspended", now) with { StartTime = null };
        }

        return job.Status.IsTrue("Suspended")
            ? status.WithCondition("Suspended", "False", "JobResumed", "Job resumed", now) with { StartTime = now }
            : status;
    }

    private static JobStatus Finished(JobStatus status, JobVerdict verdict, DateTimeOffset now)
    {
        // One that was suspended to its end never began; a finished job has begun.
        status = status.WithCondition(verdict.Terminal, "True", verdict.Reason, verdict.Message, now) with { StartTime = status.StartTime ?? now };
        return verdict.Failed ? status : status with { CompletionTime = now };
    }

    private static ChangeObject Write(JobView job, JobStatus status) => ChangeObject.StatusOf(job.Stored, (_, tree) =>
    {
        tree["status"] = status.ToJson();
        return tree;
    });

    private static Plan Events(JobView job, JobStatus status)
    {
        var plan = Plan.Nothing;
        if (status.IsTrue("Complete"))
        {
            plan = plan.And(RecordEvent.Normal(job.Stored, "Completed", "Job completed"));
        }
        else if (status.Conditions.OfType("Failed") is { } failed)
        {
            plan = plan.And(RecordEvent.Warn(job.Stored, failed.Reason, failed.Message));
        }

        var (was, isNow) = (job.Status.IsTrue("Suspended"), status.IsTrue("Suspended"));
        return was == isNow ? plan : plan.And(RecordEvent.Normal(job.Stored, isNow ? "Suspended" : "Resumed", isNow ? "Job suspended" : "Job resumed"));
    }
}
