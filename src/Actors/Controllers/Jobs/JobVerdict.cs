using ActorOrchestrator.Actors.Controllers.Framework;

namespace ActorOrchestrator.Actors.Controllers.Jobs;

/// <summary>Whether a job is over, and why. Once decided it stays decided: it is a condition of the status.</summary>
/// <param name="Failed">It failed, rather than succeeded.</param>
/// <param name="Reason">Upstream's reason.</param>
/// <param name="Message">Upstream's message.</param>
public sealed record JobVerdict(bool Failed, string Reason, string Message)
{
    /// <summary>The condition that says so while pods are still ending.</summary>
    public string Interim => Failed ? "FailureTarget" : "SuccessCriteriaMet";

    public string Terminal => Failed ? "Failed" : "Complete";

    public static JobVerdict? Known(JobStatus status)
    {
        foreach (var (type, failed) in (ReadOnlySpan<(string, bool)>)[("FailureTarget", true), ("SuccessCriteriaMet", false)])
        {
            if (status.Conditions.OfType(type) is { Status: "True" } condition)
            {
                return new JobVerdict(failed, condition.Reason, condition.Message);
            }
        }

        return null;
    }

    public static JobVerdict? Of(JobTally tally, DateTimeOffset now)
    {
        var job = tally.Job;
        return Known(job.Status)
            ?? (tally.FatalMessage.Length > 0 ? new JobVerdict(true, "PodFailurePolicy", tally.FatalMessage) : null)
            ?? (IsBeyondBackoffLimit(tally) ? new JobVerdict(true, "BackoffLimitExceeded", "Job has reached the specified backoff limit") : null)
            ?? (Deadline(job, job.Status) <= now ? new JobVerdict(true, "DeadlineExceeded", "Job was active longer than specified deadline") : null)
            ?? OfIndexes(tally)
            ?? OfSuccess(tally);
    }

    /// <summary>When the job has been active for too long; null without a limit, or while it is suspended.</summary>
    public static DateTimeOffset? Deadline(JobView job, JobStatus status) =>
        job is { IsSuspended: false, ActiveDeadlineSeconds: { } seconds } && status.StartTime is { } start ? start.AddSeconds(Math.Min(seconds, int.MaxValue)) : null;

    private static bool IsBeyondBackoffLimit(JobTally tally)
    {
        var job = tally.Job;
        if (tally.Failed > job.BackoffLimit)
        {
            return true;
        }

        if (!job.RestartsInPlace)
        {
            return false;
        }

        var restarts = tally.Active.Where(pod => pod.Phase is "Running" or "Pending").Sum(pod => pod.Restarts);
        return job.BackoffLimit == 0 ? restarts > 0 : restarts >= job.BackoffLimit;
    }

    private static JobVerdict? OfIndexes(JobTally tally)
    {
        if (tally is not { FailedIndexes: { } failed, Job.Completions: { } completions })
        {
            return null;
        }

        if (failed.Count > tally.Job.MaxFailedIndexes)
        {
            return new JobVerdict(true, "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
        }

        return !failed.IsEmpty && failed.Count + tally.CompletedIndexes.Count >= completions ? new JobVerdict(true, "FailedIndexes", "Job has failed indexes") : null;
    }

    private static JobVerdict? OfSuccess(JobTally tally)
    {
        var job = tally.Job;
        for (var i = 0; i < job.SuccessRules.Length; i++)
        {
            if (job.SuccessRules[i].IsMet(tally.CompletedIndexes))
            {
                return new JobVerdict(false, "SuccessPolicy", $"Matched rules at index {i}");
            }
        }

        // A work queue is done when one worker says so and the others have followed.
        var isDone = job.Completions is { } completions
            ? tally.Succeeded >= completions
            : tally is { Succeeded: > 0, Active.IsEmpty: true, Terminating: 0 };
        return isDone && (tally.Active.IsEmpty || !job.IsSuspended) ? new JobVerdict(false, "CompletionsReached", "Reached expected number of succeeded pods") : null;
    }
}
