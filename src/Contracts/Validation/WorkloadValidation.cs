using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation.Pods;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for Deployments and ReplicaSets.</summary>
internal static class WorkloadValidation
{
    public static void Deployment(JsonObject deployment, JsonObject? old, FieldErrors errors)
    {
        ReplicaStatusValidation.Deployment(deployment, old, errors);
        var path = FieldPath.Of("spec");
        if (deployment.Child("spec") is not { } spec)
        {
            errors.Required(path);
            return;
        }

        Common(spec, path, errors);
        Strategy(spec, path.Field("strategy"), errors);
        RolloutAnnotations.Check(deployment, old, errors);
        errors.NonNegative(path.Field("revisionHistoryLimit"), spec.Number("revisionHistoryLimit"));
        if (spec.Number("progressDeadlineSeconds") is { } deadline)
        {
            errors.NonNegative(path.Field("progressDeadlineSeconds"), deadline);
            if (deadline <= (spec.Number("minReadySeconds") ?? 0))
            {
                errors.Invalid(path.Field("progressDeadlineSeconds"), deadline, "must be greater than minReadySeconds");
            }
        }
    }

    public static void ReplicaSet(JsonObject replicaSet, JsonObject? old, FieldErrors errors)
    {
        ReplicaStatusValidation.Set(replicaSet, old, errors);
        var path = FieldPath.Of("spec");
        if (replicaSet.Child("spec") is { } spec)
        {
            Common(spec, path, errors);
        }
        else
        {
            errors.Required(path);
        }
    }

    internal static void Common(JsonObject spec, FieldPath path, FieldErrors errors, string owner = "deployment", string kind = "ReplicaSet")
    {
        errors.NonNegative(path.Field("replicas"), spec.Number("replicas"));
        errors.NonNegative(path.Field("minReadySeconds"), spec.Number("minReadySeconds"));
        var selector = spec.Child("selector");
        var before = errors.Count;
        if (selector is null)
        {
            errors.Required(path.Field("selector"));
        }
        else
        {
            LabelSelectorValidation.Check(selector, path.Field("selector"), errors);
            if (selector.Count("matchLabels") + selector.Count("matchExpressions") == 0)
            {
                errors.Invalid(path.Field("selector"), selector, $"empty selector is invalid for {owner}");
            }
        }

        var selectorIsSound = before == errors.Count && selector is not null;
        if (spec.Child("template") is { } template)
        {
            Template(template, selectorIsSound ? LabelSelector.From(selector) : null, path.Field("template"), errors, kind);
        }
        else
        {
            errors.Required(path.Field("template"));
        }
    }

    private static void Template(JsonObject template, LabelSelector? selector, FieldPath path, FieldErrors errors, string kind)
    {
        Matches(template, selector, path, errors);
        PodTemplate(template, path, errors);
        RestartsAlways(template.Child("spec"), path, errors, kind);
    }

    /// <summary>What a selector selects must include what the template makes.</summary>
    internal static void Matches(JsonObject template, LabelSelector? selector, FieldPath path, FieldErrors errors)
    {
        var metadata = template.Child("metadata") ?? [];
        if (selector?.Matches(metadata.Pairs("labels").ToDictionary(StringComparer.Ordinal)) == false)
        {
            errors.Invalid(path.Field("metadata").Field("labels"), metadata["labels"], "`selector` does not match template `labels`");
        }
    }

    /// <summary>The rules for every pod template, whoever makes pods of it.</summary>
    internal static void PodTemplate(JsonObject template, FieldPath path, FieldErrors errors)
    {
        var metadata = template.Child("metadata") ?? [];
        MetadataValidation.Labels(metadata, path.Field("metadata").Field("labels"), errors);
        MetadataValidation.Annotations(metadata, path.Field("metadata").Field("annotations"), errors);
        PodSpecValidation.Spec(template.Child("spec"), path.Field("spec"), errors);
        if (template.Child("spec")?.Count("ephemeralContainers") > 0)
        {
            errors.Forbidden(path.Field("spec").Field("ephemeralContainers"), "ephemeral containers not allowed in pod template");
        }
    }

    internal static void RestartsAlways(JsonObject? spec, FieldPath path, FieldErrors errors, string kind)
    {
        if (spec?.Text("restartPolicy") is "OnFailure" or "Never")
        {
            errors.NotSupported(path.Field("spec").Field("restartPolicy"), spec.Text("restartPolicy"), "Always");
        }

        if (spec?.Has("activeDeadlineSeconds") == true)
        {
            errors.Forbidden(path.Field("spec").Field("activeDeadlineSeconds"), $"activeDeadlineSeconds in {kind} is not Supported");
        }
    }

    private static void Strategy(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var strategy = spec.Child("strategy") ?? [];
        var rolling = strategy.Child("rollingUpdate");
        switch (strategy.Text("type"))
        {
            case "Recreate":
                if (rolling is not null)
                {
                    errors.Forbidden(path.Field("rollingUpdate"), "may not be specified when strategy `type` is 'Recreate'");
                }

                break;
            case "RollingUpdate":
                if (rolling is null)
                {
                    errors.Required(path.Field("rollingUpdate"), "this should be defaulted and never be nil");
                    break;
                }

                Rolling(rolling, path.Field("rollingUpdate"), errors);
                break;
            case "":
                errors.Required(path.Field("type"));
                break;
            case var other:
                errors.NotSupported(path.Field("type"), other, "Recreate", "RollingUpdate");
                break;
        }
    }

    private static void Rolling(JsonObject rolling, FieldPath path, FieldErrors errors)
    {
        var unavailable = CountOrPercent(rolling["maxUnavailable"], path.Field("maxUnavailable"), errors);
        var surge = CountOrPercent(rolling["maxSurge"], path.Field("maxSurge"), errors);
        if (unavailable is { Value: 0 } && surge is { Value: 0 })
        {
            errors.Invalid(path.Field("maxUnavailable"), rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0");
        }

        AtMostAll(unavailable, rolling, path, "maxUnavailable", errors);
    }

    internal static void AtMostAll((long Value, bool IsPercent)? share, JsonObject holder, FieldPath path, string field, FieldErrors errors)
    {
        if (share is { IsPercent: true, Value: > 100 })
        {
            errors.Invalid(path.Field(field), holder[field], "must not be greater than 100%");
        }
    }

    internal static (long Value, bool IsPercent)? CountOrPercent(JsonNode? node, FieldPath path, FieldErrors errors)
    {
        if (node is JsonValue text && text.GetValueKind() == JsonValueKind.String)
        {
            var percent = text.GetValue<string>();
            if (percent.EndsWith('%') && long.TryParse(percent[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var share))
            {
                return (share, true);
            }

            errors.Invalid(path, percent, Names.WithPattern("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", "1%", "93%"));
            return null;
        }

        if (node is JsonValue number && long.TryParse(number.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count))
        {
            errors.NonNegative(path, count);
            return (count, false);
        }

        return null;
    }
}
