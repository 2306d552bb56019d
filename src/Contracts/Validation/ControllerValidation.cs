using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for StatefulSets, DaemonSets, ReplicationControllers, PodTemplates, ControllerRevisions and PodDisruptionBudgets.</summary>
internal static class ControllerValidation
{
    private static readonly string[] RetentionPolicies = ["Retain", "Delete"];

    private static readonly string[] StatefulSetFree =
        ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];

    public static void StatefulSet(JsonObject set, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = set.Child("spec") ?? [];
        if (spec.Text("podManagementPolicy").Length == 0)
        {
            errors.Required(path.Field("podManagementPolicy"));
        }
        else if (spec.Text("podManagementPolicy") is not ("OrderedReady" or "Parallel"))
        {
            errors.Invalid(path.Field("podManagementPolicy"), spec.Text("podManagementPolicy"), "must be 'OrderedReady' or 'Parallel'");
        }

        var strategy = spec.Child("updateStrategy") ?? [];
        var at = path.Field("updateStrategy");
        switch (strategy.Text("type"))
        {
            case "":
                errors.Required(at);
                break;
            case "OnDelete":
                if (strategy.Has("rollingUpdate"))
                {
                    errors.Invalid(at.Field("rollingUpdate"), strategy["rollingUpdate"], "only allowed for updateStrategy 'RollingUpdate'");
                }

                break;
            case "RollingUpdate":
                RollingUpdate(strategy.Child("rollingUpdate") ?? [], at.Field("rollingUpdate"), errors);
                break;
            default:
                errors.Invalid(at, strategy, "must be 'RollingUpdate' or 'OnDelete'");
                break;
        }

        var retention = spec.Child("persistentVolumeClaimRetentionPolicy") ?? [];
        foreach (var when in (ReadOnlySpan<string>)["whenDeleted", "whenScaled"])
        {
            errors.OneOf(path.Field("persistentVolumeClaimRetentionPolicy").Field(when), retention.Text(when), RetentionPolicies);
        }

        errors.NonNegative(path.Field("ordinals").Field("start"), spec.Child("ordinals")?.Number("start"));
        errors.NonNegative(path.Field("revisionHistoryLimit"), spec.Number("revisionHistoryLimit"));
        WorkloadValidation.Common(WithClaims(spec), path, errors, "statefulset", "StatefulSet");
        ClaimTemplates(spec, old, path.Field("volumeClaimTemplates"), errors);
        if (old?.Child("spec") is { } before
            && spec.Select(item => item.Key).Union(before.Select(item => item.Key)).Except(StatefulSetFree).Any(name => !JsonNode.DeepEquals(spec[name], before[name])))
        {
            errors.Forbidden(
                path,
                "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
        }
    }

    private static void RollingUpdate(JsonObject rolling, FieldPath path, FieldErrors errors)
    {
        errors.NonNegative(path.Field("partition"), rolling.Number("partition"));
        if (!rolling.Has("maxUnavailable"))
        {
            return;
        }

        var unavailable = WorkloadValidation.CountOrPercent(rolling["maxUnavailable"], path.Field("maxUnavailable"), errors);
        if (unavailable is { Value: 0 })
        {
            errors.Invalid(path.Field("maxUnavailable"), rolling["maxUnavailable"], "cannot be 0");
        }

        WorkloadValidation.AtMostAll(unavailable, rolling, path, "maxUnavailable", errors);
    }

    /// <summary>The set as its pods will be: each claim of the set is a volume, in place of one of the template that has its name.</summary>
    private static JsonObject WithClaims(JsonObject spec)
    {
        var claims = spec.Items("volumeClaimTemplates").Select(claim => claim.Child("metadata")?.Text("name") ?? "").Where(name => name.Length > 0)
            .ToHashSet(StringComparer.Ordinal);
        if (claims.Count == 0 || spec.Child("template")?.Has("spec") != true)
        {
            return spec;
        }

        var merged = (JsonObject)spec.DeepClone();
        var pod = merged.Child("template")!.Child("spec")!;
        var own = pod.Items("volumes").Where(volume => !claims.Contains(volume.Text("name"))).Select(volume => volume.DeepClone());
        var made = claims.Select(name => (JsonNode)new JsonObject { ["name"] = name, ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = name } });
        pod["volumes"] = new JsonArray([.. own, .. made]);
        return merged;
    }

    /// <summary>Asked once: what is there cannot be changed any more.</summary>
    private static void ClaimTemplates(JsonObject spec, JsonObject? old, FieldPath path, FieldErrors errors)
    {
        if (old is not null)
        {
            return;
        }

        foreach (var (index, claim) in spec.Items("volumeClaimTemplates").Index())
        {
            StorageValidation.ClaimSpec(claim.Child("spec") ?? [], path.Index(index).Field("spec"), errors);
        }
    }

    public static void DaemonSet(JsonObject set, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = set.Child("spec") ?? [];
        WorkloadValidation.Common(spec, path, errors, "daemonset", "DaemonSet");
        errors.NonNegative(path.Field("revisionHistoryLimit"), spec.Number("revisionHistoryLimit"));
        var strategy = spec.Child("updateStrategy") ?? [];
        var at = path.Field("updateStrategy");
        switch (strategy.Text("type"))
        {
            case "OnDelete":
                break;
            case "RollingUpdate" when strategy.Child("rollingUpdate") is { } rolling:
                var unavailable = WorkloadValidation.CountOrPercent(rolling["maxUnavailable"], at.Field("rollingUpdate").Field("maxUnavailable"), errors);
                var surge = WorkloadValidation.CountOrPercent(rolling["maxSurge"], at.Field("rollingUpdate").Field("maxSurge"), errors);
                WorkloadValidation.AtMostAll(unavailable, rolling, at.Field("rollingUpdate"), "maxUnavailable", errors);
                WorkloadValidation.AtMostAll(surge, rolling, at.Field("rollingUpdate"), "maxSurge", errors);
                switch (unavailable is { Value: not 0 }, surge is { Value: not 0 })
                {
                    case (true, true):
                        errors.Invalid(at.Field("rollingUpdate").Field("maxSurge"), rolling["maxSurge"], "may not be set when maxUnavailable is non-zero");
                        break;
                    case (false, false):
                        errors.Required(at.Field("rollingUpdate").Field("maxUnavailable"), "cannot be 0 when maxSurge is 0");
                        break;
                }

                break;
            case "RollingUpdate":
                errors.Required(at.Field("rollingUpdate"));
                break;
            case var other:
                errors.NotSupported(at.Field("type"), other, "RollingUpdate", "OnDelete");
                break;
        }

        if (old?.Child("spec") is { } before)
        {
            errors.Immutable(path.Field("selector"), spec["selector"], before["selector"]);
        }
    }

    public static void ReplicationController(JsonObject controller, JsonObject? old, FieldErrors errors)
    {
        ReplicaStatusValidation.Set(controller, old, errors);
        var path = FieldPath.Of("spec");
        var spec = controller.Child("spec") ?? [];
        errors.NonNegative(path.Field("replicas"), spec.Number("replicas"));
        errors.NonNegative(path.Field("minReadySeconds"), spec.Number("minReadySeconds"));
        if (spec.Count("selector") == 0)
        {
            errors.Required(path.Field("selector"));
        }

        if (spec.Child("template") is not { } template)
        {
            errors.Required(path.Field("template"));
            return;
        }

        var labels = template.Child("metadata")?.Pairs("labels").ToDictionary(StringComparer.Ordinal) ?? [];
        if (spec.Pairs("selector").Any(pair => labels.GetValueOrDefault(pair.Key) != pair.Value))
        {
            errors.Invalid(path.Field("template").Field("metadata").Field("labels"), template.Child("metadata")?["labels"], "`selector` does not match template `labels`");
        }

        WorkloadValidation.PodTemplate(template, path.Field("template"), errors);
        WorkloadValidation.RestartsAlways(template.Child("spec"), path.Field("template"), errors, "ReplicationController");
    }

    public static void PodTemplate(JsonObject template, JsonObject? old, FieldErrors errors) =>
        WorkloadValidation.PodTemplate(template.Child("template") ?? [], FieldPath.Of("template"), errors);

    public static void ControllerRevision(JsonObject revision, JsonObject? old, FieldErrors errors)
    {
        if (!revision.Has("data"))
        {
            errors.Required(FieldPath.Of("data"), "data is mandatory");
        }

        errors.NonNegative(FieldPath.Of("revision"), revision.Number("revision"));
        if (old is not null)
        {
            errors.Immutable(FieldPath.Of("data"), revision["data"], old["data"]);
        }
    }

    public static void PodDisruptionBudget(JsonObject budget, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = budget.Child("spec") ?? [];
        if (spec.Has("minAvailable") && spec.Has("maxUnavailable"))
        {
            errors.Invalid(path, spec, "minAvailable and maxUnavailable cannot be both set");
        }

        foreach (var field in (ReadOnlySpan<string>)["minAvailable", "maxUnavailable"])
        {
            WorkloadValidation.AtMostAll(WorkloadValidation.CountOrPercent(spec[field], path.Field(field), errors), spec, path, field, errors);
        }

        LabelSelectorValidation.Check(spec.Child("selector"), path.Field("selector"), errors);
        errors.OneOf(
            path.Field("unhealthyPodEvictionPolicy"), spec.Text("unhealthyPodEvictionPolicy"), ["AlwaysAllow", "IfHealthyBudget"], required: false);
        foreach (var field in (ReadOnlySpan<string>)["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"])
        {
            errors.NonNegative(FieldPath.Of("status").Field(field), budget.Child("status")?.Number(field));
        }
    }
}
