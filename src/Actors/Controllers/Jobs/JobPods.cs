using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Jobs;

/// <summary>Which pods a job needs and which are too many, and when the next one may be made.</summary>
internal static class JobPods
{
    /// <summary>The most pods created or deleted in one go, upstream's <c>MaxPodCreateDeletePerSync</c>.</summary>
    private const int Burst = 500;

    private const int LongestName = 63;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(10);

    /// <summary>The pods to be made and unmade now.</summary>
    public static Plan Manage(JobTally tally, DateTimeOffset now)
    {
        var job = tally.Job;
        var wanted = Wanted(tally);
        var surplus = Surplus(tally, wanted, now);
        if (surplus.Length > 0)
        {
            return Plan.Together(surplus.Take(Burst).Select(pod => Delete(job, pod)));
        }

        var missing = wanted - tally.Active.Length - (job.ReplacesOnlyFailed ? tally.Terminating : 0);
        if (missing <= 0)
        {
            return Plan.Nothing;
        }

        if (job.BackoffLimitPerIndex is null && NextAttempt(tally.Pods, job) is { } attempt && attempt > now)
        {
            return Plan.Nothing.NotLaterThan(attempt);
        }

        missing = Math.Min(missing, Burst);
        return job.IsIndexed ? Indexed(tally, missing, now) : Plan.Nothing.AndSlowly(Enumerable.Repeat(Create(job, null, 0, 0), missing));
    }

    public static PlanAction Delete(JobView job, JobPod pod) => DeleteObject.Of(pod.Stored) with
    {
        Report = result => result.Failure switch
        {
            null => RecordEvent.Normal(job.Stored, "SuccessfulDelete", $"Deleted pod: {pod.Stored.Key.Name}"),
            { Reason: "NotFound" } => null,
            var failure => RecordEvent.Warn(job.Stored, "FailedDelete", $"Error deleting: {failure.Message}"),
        },
    };

    /// <summary>The finalizer goes; whether the pod then goes too is for others to say.</summary>
    public static PlanAction Release(StoredObject pod) => ChangeObject.AsItIs(pod, "stop tracking pod", obj =>
    {
        var metadata = obj.Ensure("metadata");
        var before = metadata.Strings("finalizers");
        metadata.SetStrings("finalizers", [.. before.Where(finalizer => finalizer != JobView.TrackingFinalizer)]);
        return before.Contains(JobView.TrackingFinalizer) ? obj : null;
    });

    private static int Wanted(JobTally tally) => tally.Job switch
    {
        // A worker said that there is no more work: the others end by themselves.
        { Completions: null } when tally.Succeeded > 0 => tally.Active.Length,
        { Completions: null } job => job.Parallelism,
        { Completions: { } completions } job => Math.Max(0, Math.Min(completions - tally.Succeeded - (tally.FailedIndexes?.Count ?? 0), job.Parallelism)),
    };

    private static ImmutableArray<JobPod> Surplus(JobTally tally, int wanted, DateTimeOffset now)
    {
        var first = tally.Job.IsIndexed ? Misplaced(tally) : [];
        var rest = tally.Active.Where(pod => !first.Contains(pod)).ToArray();
        if (rest.Length <= wanted)
        {
            return first;
        }

        var views = rest.Select(pod => PodView.Of(pod.Stored)).ToImmutableArray();
        var chosen = PodDeletionOrder.Choose(views, views, rest.Length - wanted, now).Select(view => view.Stored.Uid).ToHashSet(StringComparer.Ordinal);
        return [.. first, .. rest.Where(pod => chosen.Contains(pod.Uid))];
    }

    /// <summary>Two for one index (one of them stays), or for an index that does not exist or is done.</summary>
    private static ImmutableArray<JobPod> Misplaced(JobTally tally)
    {
        var taken = new HashSet<int>();
        return
        [
            .. tally.Active.OrderByDescending(pod => pod.IsReady).ThenBy(pod => pod.Stored.Metadata.CreationTimestamp).ThenBy(pod => pod.Uid, StringComparer.Ordinal)
                .Where(pod => pod.Index is not { } index || index >= tally.Job.Completions || tally.CompletedIndexes.Contains(index)
                    || tally.FailedIndexes?.Contains(index) == true || !taken.Add(index)),
        ];
    }

    private static Plan Indexed(JobTally tally, int missing, DateTimeOffset now)
    {
        var job = tally.Job;
        var busy = tally.Pods.Where(pod => pod.IsActive || (job.ReplacesOnlyFailed && pod.IsTerminating)).Select(pod => pod.Index ?? -1).ToHashSet();
        var last = job.BackoffLimitPerIndex is null
            ? []
            : tally.Pods.Where(pod => pod.Index is not null && pod.HasFailed(job)).GroupBy(pod => pod.Index!.Value)
                .ToDictionary(pods => pods.Key, pods => pods.MaxBy(pod => pod.IndexFailures + pod.IgnoredIndexFailures)!);
        var plan = Plan.Nothing;
        var actions = new List<PlanAction>();
        for (var index = 0; index < job.Completions && actions.Count < missing; index++)
        {
            if (busy.Contains(index) || tally.CompletedIndexes.Contains(index) || tally.FailedIndexes?.Contains(index) == true)
            {
                continue;
            }

            var (failures, ignored) = (0, 0);
            if (last.TryGetValue(index, out var failed))
            {
                var attempt = failed.FinishedAt + DelayAfter(failed.IndexFailures + 1);
                if (attempt > now)
                {
                    plan = plan.NotLaterThan(attempt);
                    continue;
                }

                var isIgnored = PodFailureRule.Judge(job.FailureRules, failed).Action == FailureAction.Ignore;
                (failures, ignored) = (failed.IndexFailures + (isIgnored ? 0 : 1), failed.IgnoredIndexFailures + (isIgnored ? 1 : 0));
            }

            actions.Add(Create(job, index, failures, ignored));
        }

        return plan.AndSlowly(actions);
    }

    /// <summary>After failures in a row the next pod waits 10 s, 20 s, 40 s … up to ten minutes from the last one's end. Counted from the pods that are there, so that a restart forgets nothing.</summary>
    private static DateTimeOffset? NextAttempt(ImmutableArray<JobPod> pods, JobView job)
    {
        DateTimeOffset? success = null, failure = null;
        foreach (var pod in pods.Where(pod => pod.HasSucceeded))
        {
            success = pod.FinishedAt <= success ? success : pod.FinishedAt;
        }

        var failures = 0;
        foreach (var pod in pods.Where(pod => pod.Phase == "Failed" && !(pod.FinishedAt <= success) && PodFailureRule.Judge(job.FailureRules, pod).Action != FailureAction.Ignore))
        {
            failures++;
            failure = pod.FinishedAt <= failure ? failure : pod.FinishedAt;
        }

        return failures == 0 ? null : failure + DelayAfter(failures);
    }

    private static TimeSpan DelayAfter(int failures)
    {
        var delay = FirstDelay * Math.Pow(2, Math.Min(failures - 1, 10));
        return delay < LongestDelay ? delay : LongestDelay;
    }

    private static CreateObject Create(JobView job, int? index, int failures, int ignored) =>
        new(ResourceTypes.Pods, job.Key.Namespace, () => NewPod(job, index, failures, ignored))
        {
            Act = "create pod of job",
            Report = result => result switch
            {
                { Object: { } pod } => RecordEvent.Normal(job.Stored, "SuccessfulCreate", $"Created pod: {pod.Key.Name}"),
                { Failure: { } failure } when failure.Causes.All(cause => cause.Reason != "NamespaceTerminating") =>
                    RecordEvent.Warn(job.Stored, "FailedCreate", $"Error creating: {failure.Message}"),
                _ => null,
            },
        };

    private static JsonObject NewPod(JobView job, int? index, int failures, int ignored)
    {
        var name = job.Key.Name;
        if (index is null)
        {
            return Tracked(job.Template.NewPod($"{name}-", Ownership.ByJob.ReferenceTo(job.Stored)));
        }

        var number = index.Value.ToString(CultureInfo.InvariantCulture);
        var pod = Tracked(job.Template.NewPod($"{Shortened(name, number.Length + 2)}-{number}-", Ownership.ByJob.ReferenceTo(job.Stored)));
        var metadata = pod["metadata"]!.AsObject();
        metadata.Ensure("labels")[JobPod.IndexAnnotation] = number;
        var annotations = metadata.Ensure("annotations");
        annotations[JobPod.IndexAnnotation] = number;
        if (job.BackoffLimitPerIndex is not null)
        {
            annotations[JobPod.FailureCountAnnotation] = failures.ToString(CultureInfo.InvariantCulture);
            if (ignored > 0)
            {
                annotations[JobPod.IgnoredFailureCountAnnotation] = ignored.ToString(CultureInfo.InvariantCulture);
            }
        }

        var spec = pod.Ensure("spec");
        spec["hostname"] = $"{Shortened(name, number.Length + 1)}-{number}";
        foreach (var container in (spec.Array("initContainers") ?? []).Concat(spec.Array("containers") ?? []).OfType<JsonObject>())
        {
            AddIndex(container);
        }

        return pod;
    }

    private static JsonObject Tracked(JsonObject pod)
    {
        var metadata = pod["metadata"]!.AsObject();
        var finalizers = metadata.Strings("finalizers");
        if (!finalizers.Contains(JobView.TrackingFinalizer))
        {
            metadata.SetStrings("finalizers", [.. finalizers, JobView.TrackingFinalizer]);
        }

        return pod;
    }

    /// <summary>Each container learns its index, unless it has a variable of that name.</summary>
    private static void AddIndex(JsonObject container)
    {
        const string Variable = "JOB_COMPLETION_INDEX";
        var env = container.Array("env");
        if (env?.Any(variable => variable.Text("name") == Variable) == true)
        {
            return;
        }

        if (env is null)
        {
            container["env"] = env = [];
        }

        env.Add(new JsonObject
        {
            ["name"] = Variable,
            ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = $"metadata.labels['{JobPod.IndexAnnotation}']" } },
        });
    }

    private static string Shortened(string name, int room) => name.Length + room > LongestName ? name[..(LongestName - room)] : name;
}
