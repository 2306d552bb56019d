using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>
/// The rules for the status of a Job, which a controller of somebody else may write too (<c>spec.managedBy</c>). What was wrong before is let be as long as it is not touched.
/// </summary>
internal static class JobStatusValidation
{
    private static readonly FieldPath Status = FieldPath.Of("status");
    private static readonly FieldPath Conditions = Status.Field("conditions");

    public static void Update(JsonObject job, JsonObject? old, FieldErrors errors)
    {
        var states = new States(job.Child("spec") ?? [], job.Child("status") ?? [], old?.Child("status") ?? []);
        Counters(states.Status, errors);
        Ends(states, errors);
        FinishedJob(states, errors);
        Indexes(states, errors);
        Pods(states, errors);
        Criteria(states, errors);
        Transitions(states, errors);
    }

    private static void Counters(JsonObject status, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["active", "succeeded", "failed", "ready", "terminating"])
        {
            errors.NonNegative(Status.Field(field), status.Number(field));
        }

        HashSet<string> seen = [];
        foreach (var list in (ReadOnlySpan<string>)["succeeded", "failed"])
        {
            foreach (var (index, uid) in (status.Child("uncountedTerminatedPods")?[list] as JsonArray ?? []).Index())
            {
                var (path, text) = (Status.Field("uncountedTerminatedPods").Field(list).Index(index), (string?)uid ?? "");
                if (text.Length == 0)
                {
                    errors.Invalid(path, text, "must not be empty");
                }
                else if (!seen.Add(text))
                {
                    errors.Duplicate(path, text);
                }
            }
        }
    }

    /// <summary>Which conditions exclude or need each other, and when a job has a time of completion.</summary>
    private static void Ends(States job, FieldErrors errors)
    {
        var (completed, failed, target) = (job.Turned("Complete"), job.Turned("Failed"), job.Turned("FailureTarget"));
        if ((completed || failed) && job.Is("Complete") && job.Is("Failed"))
        {
            errors.Invalid(Conditions, "cannot set Complete=True and Failed=true conditions");
        }

        if ((completed || target) && job.Is("Complete") && job.Is("FailureTarget"))
        {
            errors.Invalid(Conditions, "cannot set Complete=True and FailureTarget=true conditions");
        }

        var (time, start) = (job.Status.Text("completionTime"), job.Status.Text("startTime"));
        if ((completed || job.Changed("completionTime")) && time.Length > 0 != job.Is("Complete"))
        {
            if (time.Length > 0)
            {
                errors.Invalid(Status.Field("completionTime"), time, "cannot set completionTime when there is no Complete=True condition");
            }
            else
            {
                errors.Required(Status.Field("completionTime"), "completionTime is required for Complete jobs");
            }
        }

        // Both are whole seconds of UTC, so that their texts are in the order of their times.
        if ((job.Changed("startTime") || job.Changed("completionTime")) && time.Length > 0 && start.Length > 0 && string.CompareOrdinal(time, start) < 0)
        {
            errors.Invalid(Status.Field("completionTime"), time, "completionTime cannot be set before startTime");
        }

        if ((failed || target) && job.Is("Failed") && !job.Is("FailureTarget"))
        {
            errors.Invalid(Conditions, "cannot set Failed=True condition without the FailureTarget=true condition");
        }

        if ((completed || job.Turned("SuccessCriteriaMet")) && job.Is("Complete") && !job.Is("SuccessCriteriaMet"))
        {
            errors.Invalid(Conditions, "cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
        }
    }

    private static void FinishedJob(States job, FieldErrors errors)
    {
        if (!job.IsFinished)
        {
            return;
        }

        var finished = !job.WasFinished;
        if ((finished || job.Changed("active")) && job.Status.Number("active") is > 0 and var active)
        {
            errors.Invalid(Status.Field("active"), active, "active>0 is invalid for finished job");
        }

        if ((finished || job.Changed("startTime")) && !job.Status.Has("startTime"))
        {
            errors.Required(Status.Field("startTime"), "startTime is required for finished job");
        }

        var uncounted = job.Status.Child("uncountedTerminatedPods");
        if ((finished || job.Changed("uncountedTerminatedPods")) && uncounted is not null && uncounted.Count("succeeded") + uncounted.Count("failed") > 0)
        {
            errors.Invalid(Status.Field("uncountedTerminatedPods"), uncounted, "uncountedTerminatedPods needs to be empty for finished job");
        }
    }

    private static void Indexes(States job, FieldErrors errors)
    {
        var (completed, failed) = (job.Status.Text("completedIndexes"), job.Status.Text("failedIndexes"));
        var (completedChanged, failedChanged) = (job.Changed("completedIndexes"), job.Changed("failedIndexes"));
        var completions = job.Spec.Number("completions");
        if (completedChanged && completions is not null && JobIndexes.Count(completed, completions.Value).Problem is { Length: > 0 } problem)
        {
            errors.Invalid(Status.Field("completedIndexes"), completed, $"error parsing completedIndexes: {problem}");
        }

        if (failedChanged && completions is not null && job.Spec.Has("backoffLimitPerIndex") && JobIndexes.Count(failed, completions.Value).Problem is { Length: > 0 } other)
        {
            errors.Invalid(Status.Field("failedIndexes"), failed, $"error parsing failedIndexes: {other}");
        }

        if (completedChanged && completed.Length > 0 && job.Spec.Text("completionMode") != "Indexed")
        {
            errors.Invalid(Status.Field("completedIndexes"), completed, "cannot set non-empty completedIndexes when non-indexed completion mode");
        }

        if (failedChanged && job.Status.Has("failedIndexes") && !job.Spec.Has("backoffLimitPerIndex"))
        {
            errors.Invalid(Status.Field("failedIndexes"), failed, "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
        }

        if ((completedChanged || failedChanged) && completions is not null && JobIndexes.Overlap(completed, failed, completions.Value) is { } index)
        {
            errors.Invalid(Status.Field("failedIndexes"), failed, $"failedIndexes and completedIndexes overlap at index: {index}");
        }
    }

    private static void Pods(States job, FieldErrors errors)
    {
        if (job.IsFinished && (!job.WasFinished || job.Changed("terminating")) && job.Status.Number("terminating") is > 0 and var terminating)
        {
            errors.Invalid(Status.Field("terminating"), terminating, "terminating>0 is invalid for finished job");
        }

        if ((job.Changed("ready") || job.Changed("active")) && job.Status.Number("ready") is { } ready && ready > (job.Status.Number("active") ?? 0))
        {
            errors.Invalid(Status.Field("ready"), ready, "cannot set more ready pods than active");
        }
    }

    private static void Criteria(States job, FieldErrors errors)
    {
        var isMet = job.Is("SuccessCriteriaMet");
        if (isMet && job.Is("Failed"))
        {
            errors.Invalid(Conditions, "cannot set SuccessCriteriaMet=True and Failed=true conditions");
        }

        if (isMet && job.Is("FailureTarget"))
        {
            errors.Invalid(Conditions, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
        }

        if (job.Spec.Has("successPolicy") && !isMet && job.Is("Complete"))
        {
            errors.Invalid(Conditions, "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True");
        }
    }

    /// <summary>What never goes back.</summary>
    private static void Transitions(States job, FieldErrors errors)
    {
        foreach (var condition in (ReadOnlySpan<string>)["Failed", "Complete", "FailureTarget"])
        {
            if (job.Was(condition) && !job.Is(condition))
            {
                errors.Invalid(Conditions, $"cannot disable the terminal {condition}=True condition");
            }
        }

        // Where completions go with parallelism, both may shrink, and what had succeeded with them.
        var shrinks = job.Spec.Text("completionMode") == "Indexed" && job.Spec.Number("completions") == job.Spec.Number("parallelism");
        foreach (var (field, isHeld) in (ReadOnlySpan<(string, bool)>)[("failed", true), ("succeeded", !shrinks)])
        {
            var count = job.Status.Number(field) ?? 0;
            if (isHeld && count < (job.Old.Number(field) ?? 0))
            {
                errors.Invalid(Status.Field(field), count, $"cannot decrease the {field} counter");
            }
        }

        if (job.Status.Has("completionTime") && job.Old.Has("completionTime") && job.Changed("completionTime"))
        {
            errors.Invalid(Status.Field("completionTime"), job.Status.Text("completionTime"), "completionTime cannot be mutated");
        }

        if (job.Old.Has("startTime") && job.Changed("startTime") && !job.Spec.Flag("suspend"))
        {
            errors.Required(Status.Field("startTime"), "startTime cannot be removed for unsuspended job");
        }

        if (job.Was("SuccessCriteriaMet") && !job.Is("SuccessCriteriaMet"))
        {
            errors.Invalid(Conditions, "cannot disable the SuccessCriteriaMet=True condition");
        }

        if (job.Was("Complete") && !job.Was("SuccessCriteriaMet") && job.Is("SuccessCriteriaMet"))
        {
            errors.Invalid(Conditions, "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");
        }
    }

    private readonly record struct States(JsonObject Spec, JsonObject Status, JsonObject Old)
    {
        public bool IsFinished => Is("Complete") || Is("Failed");
        public bool WasFinished => Was("Complete") || Was("Failed");

        public bool Is(string condition) => IsTrue(Status, condition);

        public bool Was(string condition) => IsTrue(Old, condition);

        public bool Turned(string condition) => Is(condition) != Was(condition);

        public bool Changed(string field) => !JsonNode.DeepEquals(Status[field], Old[field]);

        private static bool IsTrue(JsonObject status, string type) =>
            status.Items("conditions").Any(condition => condition.Text("type") == type && condition.Text("status") == "True");
    }
}
