using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for Jobs and CronJobs.</summary>
internal static partial class JobValidation
{
    private const int CronJobNameLimit = 52;
    private const int MostIndexedParallelism = 100_000;
    private const int ManyCompletions = 100_000;
    private const int MostAtManyCompletions = 10_000;
    private const int LongestManager = 63;
    private const string ControllerUid = "batch.kubernetes.io/controller-uid";
    private const string JobName = "batch.kubernetes.io/job-name";
    private static readonly string[] ConcurrencyPolicies = ["Allow", "Forbid", "Replace"];

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
                if (!spec.Flag("manualSelector"))
                {
                    Generated(job.Child("metadata") ?? [], selector, template, path, errors);
                }
            }
        }
        else
        {
            errors.Required(path.Field("selector"));
        }

        if (old is null && spec.Text("completionMode") == "Indexed" && spec.Number("completions") is > 0 and var completions)
        {
            // The controller names pods of an indexed job by their index.
            var last = $"{job.Child("metadata")?.Text("name")}-{completions - 1}";
            if (Names.Dns1123Label(last).Count > 0)
            {
                errors.Invalid(FieldPath.Of("metadata", "name"), job.Child("metadata")?.Text("name") ?? "", $"will not able to create pod with invalid DNS label: {last}");
            }
        }

        if (old?.Child("spec") is { } earlier)
        {
            Update(spec, earlier, old.Child("status") ?? [], path, errors);
        }
    }

    /// <summary>What the server has added to select the job's own pods is there, and says what it must.</summary>
    private static void Generated(JsonObject metadata, JsonObject selector, JsonObject template, FieldPath path, FieldErrors errors)
    {
        var (name, uid) = (metadata.Text("name"), metadata.Text("uid"));
        var labels = template.Child("metadata")?.Child("labels") ?? [];
        Dictionary<string, string> expected = new(StringComparer.Ordinal)
        {
            ["controller-uid"] = uid, ["job-name"] = name, [ControllerUid] = uid, [JobName] = name,
        };
        foreach (var (label, value) in expected)
        {
            var at = path.Field("template").Field("metadata").Field("labels").Key(label);
            if (!labels.Has(label))
            {
                errors.Required(at, $"must be '{value}'");
            }
            else if (labels.Text(label) != value)
            {
                errors.Invalid(at, labels, $"must be '{value}'");
            }
        }

        if (!LabelSelector.From(selector).Matches(expected))
        {
            errors.Invalid(path.Field("selector"), selector, "`selector` not auto-generated");
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
        else
        {
            Schedule(spec, schedule, old?.Child("spec")?.Text("schedule").Contains("TZ", StringComparison.Ordinal) == true, path.Field("schedule"), errors);
        }

        if (old?.Child("spec") is not { } earlier || !JsonNode.DeepEquals(earlier["timeZone"], spec["timeZone"]))
        {
            Zone(spec, path.Field("timeZone"), errors);
        }

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

    /// <summary>Zones in schedules are of the past: one that had one keeps it.</summary>
    private static void Schedule(JsonObject spec, string schedule, bool hadZone, FieldPath path, FieldErrors errors)
    {
        if (CronSchedule.Problem(schedule) is { } problem)
        {
            errors.Invalid(path, schedule, problem);
        }

        if (!schedule.Contains("TZ", StringComparison.Ordinal))
        {
            return;
        }

        if (!hadZone)
        {
            errors.Invalid(path, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
        }
        else if (spec.Has("timeZone"))
        {
            errors.Invalid(path, schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule");
        }
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
        else if (zone.Split('/').Any(part => part is "." or ".." || part.StartsWith('-') || !ZonePart().IsMatch(part)) || !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
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

        Manager(spec, path.Field("managedBy"), errors);
        errors.OneOf(path.Field("completionMode"), spec.Text("completionMode"), ["NonIndexed", "Indexed"], required: false);
        if (spec.Text("completionMode") == "Indexed")
        {
            Indexed(spec, path, errors);
        }
        else
        {
            foreach (var field in (ReadOnlySpan<string>)["backoffLimitPerIndex", "maxFailedIndexes"])
            {
                if (spec.Has(field))
                {
                    errors.Invalid(path.Field(field), spec[field], "requires indexed completion mode");
                }
            }
        }

        if (spec.Has("maxFailedIndexes") && !spec.Has("backoffLimitPerIndex"))
        {
            errors.Required(path.Field("backoffLimitPerIndex"), "when maxFailedIndexes is specified");
        }

        JobPolicyValidation.FailurePolicy(spec, path.Field("podFailurePolicy"), errors);
        JobPolicyValidation.SuccessPolicy(spec, path.Field("successPolicy"), errors);
        JobPolicyValidation.ReplacementPolicy(spec, path.Field("podReplacementPolicy"), errors);
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

    private static void Manager(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var manager = spec.Text("managedBy");
        if (!spec.Has("managedBy"))
        {
            return;
        }

        if (manager.Split('/', 2) is not [{ Length: > 0 } domain, { Length: > 0 } name])
        {
            errors.Invalid(path, manager, "must be a domain-prefixed path (such as \"acme.io/foo\")");
        }
        else
        {
            errors.Check(path, domain, Names.Dns1123Subdomain(domain));
            errors.Check(path, name, Names.PathSegment(name));
        }

        if (manager.Length > LongestManager)
        {
            errors.TooLong(path, LongestManager);
        }
    }

    private static void Indexed(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var (completions, parallelism, failed) = (spec.Number("completions"), spec.Number("parallelism"), spec.Number("maxFailedIndexes"));
        if (completions is null)
        {
            errors.Required(path.Field("completions"), "when completion mode is Indexed");
        }

        AtMost("parallelism", parallelism, MostIndexedParallelism, "when completion mode is Indexed");
        if (failed > completions)
        {
            errors.Invalid(path.Field("maxFailedIndexes"), failed.Value, "must be less than or equal to completions");
        }

        AtMost("maxFailedIndexes", failed, MostIndexedParallelism, "");
        if (completions > ManyCompletions && spec.Has("backoffLimitPerIndex"))
        {
            if (failed is null)
            {
                errors.Required(path.Field("maxFailedIndexes"), $"must be specified when completions is above {ManyCompletions}");
            }

            var when = $"when completions are above {ManyCompletions} and used with backoff limit per index";
            AtMost("parallelism", parallelism, MostAtManyCompletions, when);
            AtMost("maxFailedIndexes", failed, MostAtManyCompletions, when);
        }

        void AtMost(string field, long? value, int most, string when)
        {
            if (value > most)
            {
                errors.Invalid(path.Field(field), value.Value, $"must be less than or equal to {most} {when}".TrimEnd());
            }
        }
    }

    private static void Update(JsonObject spec, JsonObject old, JsonObject status, FieldPath path, FieldErrors errors)
    {
        if (spec.Text("completionMode") != "Indexed")
        {
            errors.Immutable(path.Field("completions"), spec["completions"], old["completions"]);
        }
        else if (spec.Number("completions") is { } completions && completions != old.Number("completions") && completions != spec.Number("parallelism"))
        {
            errors.Invalid(path.Field("completions"), completions, "can only be modified in tandem with spec.parallelism");
        }

        errors.Immutable(path.Field("selector"), spec["selector"], old["selector"]);
        Template(spec.Child("template") ?? [], old.Child("template") ?? [], old.Flag("suspend") && !status.Has("startTime"), path.Field("template"), errors);
        foreach (var field in (ReadOnlySpan<string>)["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"])
        {
            errors.Immutable(path.Field(field), spec[field], old[field]);
        }
    }

    /// <summary>While a job is suspended and has not begun, where its pods go may still change.</summary>
    private static void Template(JsonObject template, JsonObject old, bool movable, FieldPath path, FieldErrors errors)
    {
        if (!movable)
        {
            errors.Immutable(path, template, old);
            return;
        }

        var (mine, theirs) = ((JsonObject)template.DeepClone(), (JsonObject)old.DeepClone());
        foreach (var version in new[] { mine, theirs })
        {
            var pod = version.Child("spec") ?? [];
            foreach (var field in (ReadOnlySpan<string>)["nodeSelector", "tolerations", "schedulingGates"])
            {
                pod.Remove(field);
            }

            if (pod.Child("affinity") is { } affinity)
            {
                affinity.Remove("nodeAffinity");
                if (affinity.Count == 0)
                {
                    pod.Remove("affinity");
                }
            }

            version.Child("metadata")?.Remove("labels");
            version.Child("metadata")?.Remove("annotations");
            if (version.Child("metadata")?.Count == 0)
            {
                version.Remove("metadata");
            }
        }

        if (!JsonNode.DeepEquals(mine, theirs))
        {
            errors.Invalid(path, template, "field is immutable");
        }
    }

    /// <summary>A part of a zone's name as IANA has them; names of other systems have spaces.</summary>
    [GeneratedRegex(@"^[A-Za-z.\-_0-9+]{1,14}$")]
    private static partial Regex ZonePart();
}
