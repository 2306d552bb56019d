using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Jobs;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.CronJobs;

/// <summary>
/// Makes a Job whenever a CronJob is due (upstream's <c>cronjob_controllerv2</c>). A job's name is made of the time it was due, so that one that was made before a crash is found
/// after it.
/// </summary>
public static class CronJobReconciler
{
    private const string ScheduledAnnotation = "batch.kubernetes.io/cronjob-scheduled-timestamp";

    public static ControllerDefinition Definition { get; } = new()
    {
        Name = "cronjob-controller",
        Observes = [ResourceTypes.CronJobs, ResourceTypes.Jobs],
        DirtiedBy = (fact, _) => fact.Key.Type == ResourceTypes.CronJobs ? [fact.Key]
            : new[] { Ownership.ByCronJob.OwnerOf(fact.Object), fact.Previous is null ? null : Ownership.ByCronJob.OwnerOf(fact.Previous) }.OfType<ObjectKey>().Distinct(),
        Everything = ControllerDefinition.AllOf(ResourceTypes.CronJobs),
        Reconcile = Reconcile,
    };

    private static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is null)
        {
            return Plan.Nothing;
        }

        var cron = CronJobView.Of(observed.Object);
        ImmutableArray<JobView> jobs =
        [
            .. observed.Snapshot.OwnedBy(cron.Stored.Uid)
                .Where(job => job.Key.Type == ResourceTypes.Jobs && job.Metadata.ControllerReference?.Uid == cron.Stored.Uid)
                .Select(JobView.Of)
                .OrderBy(job => job.Status.StartTime ?? job.Stored.Metadata.CreationTimestamp).ThenBy(job => job.Key.Name, StringComparer.Ordinal),
        ];
        var plan = Status(cron, jobs, cron.LastScheduleTime).And(History(cron, jobs));
        if (cron.Stored.Metadata.DeletionTimestamp is not null || cron.IsSuspended)
        {
            return plan;
        }

        if (cron.Schedule is not { } schedule)
        {
            var reason = cron.Problem.StartsWith("unknown time zone", StringComparison.Ordinal) ? "UnknownTimeZone" : "UnparseableSchedule";
            return plan.And(RecordEvent.Warn(cron.Stored, reason, reason == "UnknownTimeZone"
                ? $"invalid timeZone: \"{cron.TimeZone}\": {cron.Problem}"
                : $"unparseable schedule: \"{cron.ScheduleText}\" : {cron.Problem}"));
        }

        return Due(cron, schedule, jobs, plan, observed.Snapshot, now).NotLaterThan(schedule.Next(now));
    }

    private static Plan Due(CronJobView cron, Schedule schedule, ImmutableArray<JobView> jobs, Plan plan, ClusterSnapshot cluster, DateTimeOffset now)
    {
        var since = cron.LastScheduleTime ?? cron.Stored.Metadata.CreationTimestamp ?? now;
        if (cron.StartingDeadlineSeconds is { } deadline && now.AddSeconds(-deadline) is var latest && latest > since)
        {
            since = latest;
        }

        var (due, tooMany) = schedule.Last(since, now);
        if (due is not { } time)
        {
            return plan;
        }

        if (tooMany)
        {
            plan = plan.And(RecordEvent.Warn(
                cron.Stored, "TooManyMissedTimes", "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"));
        }

        var name = $"{cron.Key.Name}-{(time.ToUnixTimeSeconds() / 60).ToString(CultureInfo.InvariantCulture)}";
        if (jobs.Any(job => job.Key.Name == name))
        {
            return cron.LastScheduleTime == time ? plan : Status(cron, jobs, time);
        }

        if (cron.StartingDeadlineSeconds is { } seconds && time.AddSeconds(seconds) < now)
        {
            return plan.And(RecordEvent.Warn(
                cron.Stored, "MissSchedule", $"Missed scheduled time to start a job: {time.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture)} +0000"));
        }

        var running = jobs.Where(job => !job.IsFinished).ToImmutableArray();
        if (cron.ConcurrencyPolicy == "Forbid" && !running.IsEmpty)
        {
            return plan.And(RecordEvent.Normal(
                cron.Stored, "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid"));
        }

        if (cron.ConcurrencyPolicy == "Replace")
        {
            plan = plan.And(running.Where(job => job.Stored.Metadata.DeletionTimestamp is null).Select(job => Delete(cron, job)));
        }

        return cluster.Find(new ObjectKey(ResourceTypes.Jobs, cron.Key.Namespace, name)) is not null
            ? plan.And(RecordEvent.Warn(cron.Stored, "FailedCreate", $"Error creating job: jobs.batch \"{name}\" already exists"))
            : plan.And(Create(cron, schedule, name, time));
    }

    /// <summary>What runs, and what was last due; only written when it differs.</summary>
    private static Plan Status(CronJobView cron, ImmutableArray<JobView> jobs, DateTimeOffset? scheduled)
    {
        var running = jobs.Where(job => !job.IsFinished).Select(job => (job.Key.Name, job.Stored.Uid)).ToImmutableArray();
        var successful = jobs.Where(job => job.Status.IsTrue("Complete")).Max(job => job.Status.CompletionTime);
        successful = successful > cron.LastSuccessfulTime || cron.LastSuccessfulTime is null ? successful ?? cron.LastSuccessfulTime : cron.LastSuccessfulTime;
        var plan = Plan.Nothing;
        foreach (var (name, uid) in cron.Active.Where(active => !running.Contains(active)))
        {
            plan = jobs.FirstOrDefault(job => job.Stored.Uid == uid) is { } finished
                ? plan.And(RecordEvent.Normal(cron.Stored, "SawCompletedJob", $"Saw completed job: {name}, condition: {(finished.Status.IsTrue("Complete") ? "Complete" : "Failed")}"))
                : plan.And(RecordEvent.Normal(cron.Stored, "MissingJob", $"Active job went missing: {name}"));
        }

        if (running.SequenceEqual(cron.Active) && scheduled == cron.LastScheduleTime && successful == cron.LastSuccessfulTime)
        {
            return plan;
        }

        return plan.And(ChangeObject.StatusOf(cron.Stored, (_, obj) =>
        {
            var status = new JsonObject();
            if (!running.IsEmpty)
            {
                status["active"] = new JsonArray([.. running.Select(job => (JsonNode)new JsonObject
                {
                    ["apiVersion"] = "batch/v1", ["kind"] = "Job", ["name"] = job.Name, ["namespace"] = cron.Key.Namespace, ["uid"] = job.Uid,
                })]);
            }

            if (scheduled is { } last)
            {
                status["lastScheduleTime"] = JsonNodes.Time(last);
            }

            if (successful is { } success)
            {
                status["lastSuccessfulTime"] = JsonNodes.Time(success);
            }

            obj["status"] = status;
            return obj;
        }));
    }

    /// <summary>Finished jobs beyond the limits, the oldest first.</summary>
    private static IEnumerable<PlanAction> History(CronJobView cron, ImmutableArray<JobView> jobs)
    {
        foreach (var (condition, limit) in new[] { ("Complete", cron.SuccessfulLimit), ("Failed", cron.FailedLimit) })
        {
            var finished = jobs.Where(job => job.Status.IsTrue(condition) && job.Stored.Metadata.DeletionTimestamp is null).ToArray();
            foreach (var job in finished.Take(Math.Max(0, finished.Length - limit)))
            {
                yield return Delete(cron, job);
            }
        }
    }

    private static DeleteObject Delete(CronJobView cron, JobView job) => DeleteObject.Of(job.Stored) with
    {
        Report = result => result.Failure switch
        {
            null => RecordEvent.Normal(cron.Stored, "SuccessfulDelete", $"Deleted job {job.Key.Name}"),
            { Reason: "NotFound" } => null,
            var failure => RecordEvent.Warn(cron.Stored, "FailedDelete", $"Deleted job: {failure.Message}"),
        },
    };

    private static CreateObject Create(CronJobView cron, Schedule schedule, string name, DateTimeOffset time) => new(ResourceTypes.Jobs, cron.Key.Namespace, () => NewJob(cron, schedule, name, time))
    {
        Act = "start job that is due",
        Report = result => result switch
        {
            { Object: { } job } => RecordEvent.Normal(cron.Stored, "SuccessfulCreate", $"Created job {job.Key.Name}"),
            { Failure: { } failure } when failure.Causes.All(cause => cause.Reason != "NamespaceTerminating") =>
                RecordEvent.Warn(cron.Stored, "FailedCreate", $"Error creating job: {failure.Message}"),
            _ => null,
        },
    };

    private static JsonObject NewJob(CronJobView cron, Schedule schedule, string name, DateTimeOffset time)
    {
        using var document = JsonDocument.Parse(cron.Stored.Utf8);
        var template = JsonObject.Create(document.RootElement.Get("spec").Get("jobTemplate").Clone()) ?? [];
        var metadata = new JsonObject { ["name"] = name, ["namespace"] = cron.Key.Namespace };
        metadata.CopyFrom(template.Object("metadata"), "labels");
        metadata.CopyFrom(template.Object("metadata"), "annotations");
        metadata.Ensure("annotations")[ScheduledAnnotation] = schedule.InZone(time).ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture).Replace("+00:00", "Z", StringComparison.Ordinal);
        metadata["ownerReferences"] = new JsonArray(Ownership.ByCronJob.ReferenceTo(cron.Stored));
        return new JsonObject { ["apiVersion"] = "batch/v1", ["kind"] = "Job", ["metadata"] = metadata, ["spec"] = template["spec"]?.DeepClone() ?? new JsonObject() };
    }
}
