using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for Jobs and CronJobs.</summary>
internal static class JobValidation
{
    private const int CronJobNameLimit = 52;
    private const int MostIndexedParallelism = 100_000;
    private static readonly string[] ConcurrencyPolicies = ["Allow", "Forbid", "Replace"];
    private static readonly string[] Actions = ["Count", "FailIndex", "FailJob", "Ignore"];

    public static void Job(JsonObject job, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = job.Child("spec") ?? [];
        Spec(spec, path, errors);
        if (spec.Child("selector") is { } selector)
        {
            var before = errors.Count;
            LabelSelectorValidation.Check(selector, path.Field("selector"), errors);
            if (before == errors.Count && spec.Child("template") is { } template)
            {
                WorkloadValidation.Matches(template, LabelSelector.From(selector), path.Field("template"), errors);
            }
        }
        else
        {
            errors.Required(path.Field("selector"));
        }

        if (old?.Child("spec") is { } earlier)
        {
            Update(spec, earlier, path, errors);
        }
    }

    public static void CronJob(JsonObject job, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = job.Child("spec") ?? [];
        var name = job.Child("metadata")?.Text("name") ?? "";
        if (name.Length > CronJobNameLimit && old is null)
        {
            errors.Invalid(FieldPath.Of("metadata", "name"), name, $"must be no more than {CronJobNameLimit} characters");
        }

        var schedule = spec.Text("schedule");
        if (schedule.Length == 0)
        {
            errors.Required(path.Field("schedule"));
        }
        else if (CronSchedule.Problem(schedule) is { } problem)
        {
            errors.Invalid(path.Field("schedule"), schedule, problem);
        }
        else if (schedule.Contains("TZ=", StringComparison.Ordinal))
        {
            errors.Invalid(path.Field("schedule"), schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
        }

        Zone(spec, path.Field("timeZone"), errors);
        errors.NonNegative(path.Field("startingDeadlineSeconds"), spec.Number("startingDeadlineSeconds"));
        errors.OneOf(path.Field("concurrencyPolicy"), spec.Text("concurrencyPolicy"), ConcurrencyPolicies);
        errors.NonNegative(path.Field("successfulJobsHistoryLimit"), spec.Number("successfulJobsHistoryLimit"));
        errors.NonNegative(path.Field("failedJobsHistoryLimit"), spec.Number("failedJobsHistoryLimit"));
        var template = spec.Child("jobTemplate") ?? [];
        var at = path.Field("jobTemplate");
        var inner = template.Child("spec") ?? [];
        MetadataValidation.Labels(template.Child("metadata") ?? [], at.Field("metadata").Field("labels"), errors);
        if (inner.Has("selector"))
        {
            errors.Invalid(at.Field("spec").Field("selector"), inner["selector"], "`selector` will be auto-generated");
        }

        if (inner.Flag("manualSelector"))
        {
            errors.NotSupported(at.Field("spec").Field("manualSelector"), "true", "nil", "false");
        }

        Spec(inner, at.Field("spec"), errors);
    }

    private static void Zone(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (!spec.Has("timeZone"))
        {
            return;
        }

        var zone = spec.Text("timeZone");
        if (zone.Length == 0)
        {
            errors.Invalid(path, zone, "timeZone must be nil or non-empty string");
        }
        else if (zone.Equals("Local", StringComparison.OrdinalIgnoreCase))
        {
            errors.Invalid(path, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
        }
        else if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            errors.Invalid(path, zone, $"unknown time zone {zone}");
        }
    }

    private static void Spec(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)
            ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"])
        {
            errors.NonNegative(path.Field(field), spec.Number(field));
        }

        var indexed = spec.Text("completionMode") == "Indexed";
        errors.OneOf(path.Field("completionMode"), spec.Text("completionMode"), ["Indexed", "NonIndexed"], required: false);
        if (indexed && !spec.Has("completions"))
        {
            errors.Required(path.Field("completions"), "when completion mode is Indexed");
        }

        if (indexed && spec.Number("parallelism") is > MostIndexedParallelism and var wide)
        {
            errors.Invalid(path.Field("parallelism"), wide, "must be less than or equal to 100000 when completion mode is Indexed");
        }

        if (!indexed && spec.Has("backoffLimitPerIndex"))
        {
            errors.Invalid(path.Field("backoffLimitPerIndex"), spec["backoffLimitPerIndex"], "requires indexed completion mode");
        }

        if (spec.Has("maxFailedIndexes") && !spec.Has("backoffLimitPerIndex"))
        {
            errors.Required(path.Field("backoffLimitPerIndex"), "when maxFailedIndexes is specified");
        }

        FailurePolicy(spec, path.Field("podFailurePolicy"), errors);
        var template = spec.Child("template") ?? [];
        var at = path.Field("template");
        WorkloadValidation.PodTemplate(template, at, errors);
        var restart = template.Child("spec")?.Text("restartPolicy") ?? "";
        if (restart is "Always" or "")
        {
            errors.Required(at.Field("spec").Field("restartPolicy"), "valid values: \"OnFailure\", \"Never\"");
        }
        else if (restart is not ("OnFailure" or "Never"))
        {
            errors.NotSupported(at.Field("spec").Field("restartPolicy"), restart, "OnFailure", "Never");
        }
        else if (restart != "Never" && spec.Has("podFailurePolicy"))
        {
            errors.Invalid(at.Field("spec").Field("restartPolicy"), restart, "only \"Never\" is supported when podFailurePolicy is specified");
        }
    }

    private static void FailurePolicy(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        foreach (var (index, rule) in (spec.Child("podFailurePolicy") ?? []).Items("rules").Index())
        {
            var at = path.Field("rules").Index(index);
            errors.OneOf(at.Field("action"), rule.Text("action"), Actions);
            var (codes, conditions) = (rule.Child("onExitCodes"), rule.Count("onPodConditions"));
            if (codes is not null && conditions > 0)
            {
                errors.Invalid(at, rule, "specifying both OnExitCodes and OnPodConditions is not supported");
            }
            else if (codes is null && conditions == 0)
            {
                errors.Invalid(at, rule, "specifying one of OnExitCodes and OnPodConditions is required");
            }

            if (codes is not null)
            {
                errors.OneOf(at.Field("onExitCodes").Field("operator"), codes.Text("operator"), ["In", "NotIn"]);
                if (codes.Count("values") == 0)
                {
                    errors.Invalid(at.Field("onExitCodes").Field("values"), codes["values"], "at least one value is required");
                }
            }
        }
    }

    private static void Update(JsonObject spec, JsonObject old, FieldPath path, FieldErrors errors)
    {
        var elastic = spec.Text("completionMode") == "Indexed" && spec.Number("completions") == spec.Number("parallelism");
        foreach (var field in (ReadOnlySpan<string>)["completions", "selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"])
        {
            if (field != "completions" || !elastic)
            {
                errors.Immutable(path.Field(field), spec[field], old[field]);
            }
        }

        // While a job is suspended and has not begun, where its pods go may still change.
        var (mine, theirs) = ((JsonObject?)spec.Child("template")?.DeepClone() ?? [], (JsonObject?)old.Child("template")?.DeepClone() ?? []);
        if (old.Flag("suspend"))
        {
            foreach (var template in new[] { mine, theirs })
            {
                foreach (var field in new[] { "nodeSelector", "affinity", "tolerations", "schedulingGates" })
                {
                    template.Child("spec")?.Remove(field);
                }

                template.Remove("metadata");
            }
        }

        if (!JsonNode.DeepEquals(mine, theirs))
        {
            errors.Invalid(path.Field("template"), spec["template"], "field is immutable");
        }
    }
}
