using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>Pods: a fixed specification, a grace period at the end, a binding in between.</summary>
public sealed class PodStrategy : ResourceStrategy
{
    private const string UpdateRule =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    public override bool ReturnsDeletedObject => true;

    public override void PrepareForCreate(JsonObject obj, ResourceDescriptor descriptor, DateTimeOffset now)
    {
        var status = new JsonObject { ["phase"] = "Pending", ["qosClass"] = PodQuality.ClassOf(obj.Object("spec")) };
        obj["status"] = status;
        PodLabelKeys.Merge(obj);
        if (obj.Object("spec").Array("schedulingGates") is { Count: > 0 })
        {
            status["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "PodScheduled",
                ["status"] = "False",
                ["reason"] = "SchedulingGated",
                ["message"] = "Scheduling is blocked due to non-empty scheduling gates",
            });
        }
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, ResourceDescriptor descriptor, string subresource)
    {
        switch (subresource)
        {
            case "status":
                TakeStatusOnly(obj, old, "ownerReferences");
                if (obj.Object("status").Text("qosClass").Length == 0)
                {
                    obj.Ensure("status").CopyFrom(old.Object("status") ?? [], "qosClass");
                }

                break;
            case "binding":
                break;
            case "ephemeralcontainers":
                var wanted = obj.Object("spec")?["ephemeralContainers"]?.DeepClone();
                TakeStatusOnly(obj, old, OfUsers);
                obj.CopyFrom(old, "status");
                obj.Ensure("spec")["ephemeralContainers"] = wanted;
                break;
            case "resize":
                var resized = PodResize.Specification(obj.Object("spec"), old.Object("spec"));
                TakeStatusOnly(obj, old, OfUsers);
                obj.CopyFrom(old, "status");
                obj["spec"] = resized;
                break;
            default:
                obj.CopyFrom(old, "status");
                break;
        }
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, string subresource, FieldErrors errors)
    {
        if (subresource == "resize")
        {
            PodResize.Validate(obj, old, errors);
        }

        if (subresource == "ephemeralcontainers")
        {
            PodEphemeralContainers.Validate(obj, old, errors);
        }

        if (subresource.Length > 0)
        {
            return;
        }

        var spec = obj.Object("spec");
        var before = old.Object("spec");
        if (JsonNode.DeepEquals(spec, before) || spec is null || before is null)
        {
            return;
        }

        if (!CheckContainers(spec, before, "containers", errors) || !CheckContainers(spec, before, "initContainers", errors) || !CheckDeadline(spec, before, errors))
        {
            return;
        }

        CheckTolerations(spec, before, errors);
        var munged = (JsonObject)spec.DeepClone();
        TakeImages(munged.Array("containers"), before.Array("containers"));
        TakeImages(munged.Array("initContainers"), before.Array("initContainers"));
        foreach (var field in (ReadOnlySpan<string>)["activeDeadlineSeconds", "tolerations", "schedulingGates"])
        {
            munged.CopyFrom(before, field);
        }

        if (before.Number("terminationGracePeriodSeconds") < 0 && spec.Number("terminationGracePeriodSeconds") == 1)
        {
            munged.CopyFrom(before, "terminationGracePeriodSeconds");
        }

        PodGates.Check(spec, before, munged, errors);
        if (!JsonNode.DeepEquals(munged, before))
        {
            var changed = munged.Select(property => property.Key).Union(before.Select(property => property.Key))
                .Where(name => !JsonNode.DeepEquals(munged[name], before[name])).Order(StringComparer.Ordinal);
            errors.Forbidden("spec", $"{UpdateRule}\n  changed: {string.Join(", ", changed.Select(name => $"spec.{name}"))}");
        }
    }

    public override long GracePeriod(JsonObject obj, DeleteRequest request)
    {
        var phase = obj.Object("status").Text("phase");
        if (obj.Object("spec").Text("nodeName").Length == 0 || phase is "Failed" or "Succeeded")
        {
            return 0;
        }

        var period = request.GracePeriodSeconds ?? obj.Object("spec").Number("terminationGracePeriodSeconds") ?? 30;
        return period < 0 ? 1 : period;
    }

    private static void CheckTolerations(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        // tolerationSeconds of an existing toleration may change; everything else of it may not.
        var mine = (spec.Array("tolerations") ?? []).Select(WithoutSeconds).ToList();
        foreach (var toleration in before.Array("tolerations") ?? [])
        {
            if (!mine.Exists(item => JsonNode.DeepEquals(item, WithoutSeconds(toleration))))
            {
                errors.Forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
                return;
            }
        }
    }

    private static JsonNode? WithoutSeconds(JsonNode? toleration)
    {
        var copy = toleration?.DeepClone();
        (copy as JsonObject)?.Remove("tolerationSeconds");
        return copy;
    }

    /// <summary>Says whether the rest is worth looking at.</summary>
    private static bool CheckDeadline(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        const string Field = "spec.activeDeadlineSeconds";
        var had = before.Number("activeDeadlineSeconds");
        if (spec.Number("activeDeadlineSeconds") is not { } wanted)
        {
            if (had is not null)
            {
                errors.InvalidValue(Field, "null", "must not update from a positive integer to nil value");
            }

            return true;
        }

        var problem = wanted is < 0 or > int.MaxValue ? $"must be between 0 and {int.MaxValue}, inclusive"
            : wanted > had ? "must be less than or equal to previous value"
            : "";
        if (problem.Length > 0)
        {
            errors.InvalidValue(Field, $"{wanted}", problem);
        }

        return problem.Length == 0;
    }

    private static bool CheckContainers(JsonObject spec, JsonObject before, string list, FieldErrors errors)
    {
        var (containers, earlier) = (spec.Array(list), before.Array(list));
        if ((containers?.Count ?? 0) != (earlier?.Count ?? 0))
        {
            errors.Forbidden($"spec.{list}", "pod updates may not add or remove containers");
            return false;
        }

        foreach (var (index, container) in (containers ?? []).Index())
        {
            var image = container.Text("image");
            if (image.Length == 0)
            {
                errors.Required($"spec.{list}[{index}].image");
            }
            else if (image.Trim().Length != image.Length)
            {
                errors.Invalid($"spec.{list}[{index}].image", image, "must not have leading or trailing whitespace");
            }
        }

        return true;
    }

    private static void TakeImages(JsonArray? containers, JsonArray? before)
    {
        for (var i = 0; i < (containers?.Count ?? 0); i++)
        {
            if (containers![i] is JsonObject container && before?[i] is JsonObject earlier)
            {
                container.CopyFrom(earlier, "image");
            }
        }
    }
}
