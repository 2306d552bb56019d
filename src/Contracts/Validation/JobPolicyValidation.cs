using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>When a Job counts as failed, as succeeded, and its pods as replaceable.</summary>
internal static class JobPolicyValidation
{
    private const int MostRules = 20;
    private const int MostConditions = 20;
    private const int MostExitCodes = 255;
    private const int LongestIndexes = 64 * 1024;
    private static readonly string[] Actions = ["Count", "FailIndex", "FailJob", "Ignore"];
    private static readonly string[] Truths = ["False", "True", "Unknown"];
    private static readonly string[] Operators = ["In", "NotIn"];
    private static readonly string[] Replacements = ["Failed", "TerminatingOrFailed"];

    public static void FailurePolicy(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Child("podFailurePolicy") is not { } policy)
        {
            return;
        }

        var rules = path.Field("rules");
        if (policy.Count("rules") > MostRules)
        {
            errors.TooMany(rules, policy.Count("rules"), MostRules);
        }

        var pod = spec.Child("template")?.Child("spec") ?? [];
        var containers = pod.Items("containers").Concat(pod.Items("initContainers")).Select(container => container.Text("name")).ToHashSet(StringComparer.Ordinal);
        foreach (var (index, rule) in policy.Items("rules").Index())
        {
            FailureRule(spec, rule, containers, rules.Index(index), errors);
        }
    }

    public static void SuccessPolicy(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Child("successPolicy") is not { } policy)
        {
            return;
        }

        if (spec.Text("completionMode") != "Indexed")
        {
            errors.Invalid(path, policy, "requires indexed completion mode");
            return;
        }

        var rules = path.Field("rules");
        if (policy.Count("rules") == 0)
        {
            errors.Required(rules, "at least one rules must be specified when the successPolicy is specified");
        }

        if (policy.Count("rules") > MostRules)
        {
            errors.TooMany(rules, policy.Count("rules"), MostRules);
        }

        foreach (var (index, rule) in policy.Items("rules").Index())
        {
            SuccessRule(rule, spec.Number("completions") ?? 0, rules.Index(index), errors);
        }
    }

    public static void ReplacementPolicy(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (!spec.Has("podReplacementPolicy"))
        {
            return;
        }

        var policy = spec.Text("podReplacementPolicy");
        var supported = spec.Has("podFailurePolicy") ? Replacements[..1] : Replacements;
        if (!supported.Contains(policy))
        {
            errors.NotSupported(path, policy, supported);
        }
    }

    private static void FailureRule(JsonObject spec, JsonObject rule, HashSet<string> containers, FieldPath path, FieldErrors errors)
    {
        switch (rule.Text("action"))
        {
            case "FailIndex":
                if (!spec.Has("backoffLimitPerIndex"))
                {
                    errors.Invalid(path.Field("action"), "FailIndex", "requires the backoffLimitPerIndex to be set");
                }

                break;
            case var action:
                Choice(path.Field("action"), action, Actions, errors);
                break;
        }

        if (rule.Child("onExitCodes") is { } codes)
        {
            ExitCodes(codes, containers, path.Field("onExitCodes"), errors);
        }

        var conditions = path.Field("onPodConditions");
        if (rule.Count("onPodConditions") > MostConditions)
        {
            errors.TooMany(conditions, rule.Count("onPodConditions"), MostConditions);
        }

        foreach (var (index, pattern) in rule.Items("onPodConditions").Index())
        {
            errors.Check(conditions.Index(index).Field("type"), pattern.Text("type"), Names.QualifiedName(pattern.Text("type")));
            Choice(conditions.Index(index).Field("status"), pattern.Text("status"), Truths, errors);
        }

        switch (rule.Has("onExitCodes"), rule.Count("onPodConditions") > 0)
        {
            case (true, true):
                errors.Invalid(path, "specifying both OnExitCodes and OnPodConditions is not supported");
                break;
            case (false, false):
                errors.Invalid(path, "specifying one of OnExitCodes and OnPodConditions is required");
                break;
        }
    }

    private static void ExitCodes(JsonObject requirement, HashSet<string> containers, FieldPath path, FieldErrors errors)
    {
        var comparison = requirement.Text("operator");
        Choice(path.Field("operator"), comparison, Operators, errors);
        if (requirement.Has("containerName") && !containers.Contains(requirement.Text("containerName")))
        {
            errors.Invalid(path.Field("containerName"), requirement.Text("containerName"), "must be one of the container or initContainer names in the pod template");
        }

        var at = path.Field("values");
        var values = (requirement["values"] as JsonArray ?? []).Select(value => value?.GetValue<long>() ?? 0).ToArray();
        if (values.Length == 0)
        {
            errors.Invalid(at, requirement["values"], "at least one value is required");
        }
        else if (values.Length > MostExitCodes)
        {
            errors.TooMany(at, values.Length, MostExitCodes);
        }

        HashSet<long> seen = [];
        foreach (var (index, value) in values.Index())
        {
            if (comparison == "In" && value == 0)
            {
                errors.Invalid(at.Index(index), value, "must not be 0 for the In operator");
            }

            if (!seen.Add(value))
            {
                errors.Duplicate(at.Index(index), JsonValue.Create(value));
            }
        }

        if (values.Zip(values.Skip(1)).Any(pair => pair.First > pair.Second))
        {
            errors.Invalid(at, requirement["values"], "must be ordered");
        }
    }

    private static void SuccessRule(JsonObject rule, long completions, FieldPath path, FieldErrors errors)
    {
        if (!rule.Has("succeededCount") && !rule.Has("succeededIndexes"))
        {
            errors.Required(path, "at least one of succeededCount or succeededIndexes must be specified");
        }

        var indexes = rule.Text("succeededIndexes");
        if (indexes.Length > LongestIndexes)
        {
            errors.TooLong(path.Field("succeededIndexes"), LongestIndexes);
        }

        var (total, problem) = JobIndexes.Count(indexes, completions);
        if (problem.Length > 0)
        {
            errors.Invalid(path.Field("succeededIndexes"), indexes, $"error parsing succeededIndexes: {problem}");
        }

        if (rule.Number("succeededCount") is not { } count)
        {
            return;
        }

        var at = path.Field("succeededCount");
        errors.NonNegative(at, count);
        if (count > completions)
        {
            errors.Invalid(at, count, $"must be less than or equal to {completions} (the number of specified completions)");
        }

        if (rule.Has("succeededIndexes") && count > total)
        {
            errors.Invalid(at, count, $"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)");
        }
    }

    private static void Choice(FieldPath path, string value, string[] supported, FieldErrors errors)
    {
        if (value.Length == 0)
        {
            errors.Required(path, $"valid values: [{string.Join(' ', supported.Select(text => $"\"{text}\""))}]");
        }
        else if (!supported.Contains(value))
        {
            errors.NotSupported(path, value, supported);
        }
    }
}
