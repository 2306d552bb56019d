using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>
/// What may change through <c>pods/resize</c>: the processors and the memory of containers and sidecars, and nothing that would change the pod's
/// quality of service. A node that can follow shows so in <c>status.containerStatuses[*].resources</c>; a container that runs elsewhere is left as it is.
/// </summary>
internal static class PodResize
{
    private static readonly string[] Lists = ["containers", "initContainers"];
    private static readonly string[] Amounts = ["limits", "requests"];
    private static readonly string[] Mutable = ["cpu", "memory"];

    /// <summary>The old specification with the resources that are asked for; where containers came, went or moved the new one, for the validation to refuse.</summary>
    public static JsonObject? Specification(JsonObject? wanted, JsonObject? before)
    {
        if (wanted is null || before is null || Lists.Any(list => (wanted.Array(list)?.Count ?? 0) != (before.Array(list)?.Count ?? 0)))
        {
            return wanted?.DeepClone().AsObject();
        }

        var spec = (JsonObject)before.DeepClone();
        foreach (var list in Lists)
        {
            if (before.Array(list) is { Count: > 0 } earlier)
            {
                spec[list] = Containers(wanted.Array(list)!, earlier);
            }
        }

        return spec;
    }

    public static void Validate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (Refusal(obj, old) is { } never)
        {
            errors.Forbidden("", never);
            return;
        }

        var (spec, before) = (obj.Object("spec"), old.Object("spec"));
        var quality = old.Object("status").Text("qosClass") is { Length: > 0 } known ? known : PodQuality.ClassOf(before);
        if (quality != PodQuality.ClassOf(spec))
        {
            errors.Invalid("spec", obj.Object("status").Text("qosClass"), "Pod QOS Class may not change as a result of resizing");
        }

        if (!IsSupported(old.Object("status")))
        {
            errors.Forbidden("spec", "Pod running on node without support for resize");
        }

        var sound = true;
        foreach (var list in Lists)
        {
            sound &= CheckOrder(list, spec.Array(list) ?? [], before.Array(list) ?? [], errors);
        }

        if (sound)
        {
            foreach (var list in Lists)
            {
                CheckContainers(list, spec.Array(list) ?? [], before.Array(list) ?? [], errors);
            }
        }
    }

    private static string? Refusal(JsonObject obj, JsonObject old)
    {
        if (HasOwnResources(obj) || HasOwnResources(old))
        {
            return "pods with pod-level resources cannot be resized";
        }

        if (old.Object("metadata").Object("annotations")?.ContainsKey("kubernetes.io/config.mirror") == true)
        {
            return "static pods cannot be resized";
        }

        return old.Object("spec").Object("os").Text("name") == "windows" ? "windows pods cannot be resized" : null;
    }

    private static bool HasOwnResources(JsonObject pod) =>
        pod.Object("spec").Object("resources") is { } resources && Amounts.Any(amounts => resources.Object(amounts) is { Count: > 0 });

    /// <summary>The first container that runs tells; while none does, nothing is known and so nothing refused.</summary>
    private static bool IsSupported(JsonObject? status)
    {
        foreach (var container in status.Array("containerStatuses") ?? [])
        {
            if (container.Object("state").Object("running") is not null)
            {
                return container.Object("resources") is not null;
            }
        }

        return true;
    }

    private static JsonArray Containers(JsonArray wanted, JsonArray before)
    {
        var merged = (JsonArray)before.DeepClone();
        for (var i = 0; i < wanted.Count; i++)
        {
            if (wanted[i].Text("name") != before[i].Text("name"))
            {
                return (JsonArray)wanted.DeepClone();
            }

            foreach (var field in (ReadOnlySpan<string>)["resources", "resizePolicy"])
            {
                ((JsonObject)merged[i]!).CopyFrom((JsonObject)wanted[i]!, field);
            }
        }

        return merged;
    }

    private static bool CheckOrder(string list, JsonArray wanted, JsonArray before, FieldErrors errors)
    {
        if (wanted.Count != before.Count)
        {
            errors.Forbidden($"spec.{list}", $"{list} may not be added or removed on resize");
            return false;
        }

        var sound = true;
        for (var i = 0; i < wanted.Count; i++)
        {
            if (wanted[i].Text("name") != before[i].Text("name"))
            {
                errors.Forbidden($"spec.{list}[{i}].name", $"{list} may not be renamed or reordered on resize");
                sound = false;
            }
        }

        return sound;
    }

    private static void CheckContainers(string list, JsonArray wanted, JsonArray before, FieldErrors errors)
    {
        for (var i = 0; i < wanted.Count; i++)
        {
            var (container, earlier) = ((JsonObject)wanted[i]!, (JsonObject)before[i]!);
            if (list == "initContainers" && earlier.Text("restartPolicy") != "Always")
            {
                if (!AreAlike(container, earlier))
                {
                    errors.Forbidden("spec", "resources for non-sidecar init containers are immutable");
                }

                continue;
            }

            foreach (var amounts in (ReadOnlySpan<string>)["requests", "limits"])
            {
                var kept = container.Object("resources").Object(amounts);
                if ((earlier.Object("resources").Object(amounts) ?? []).Any(had => kept?.ContainsKey(had.Key) != true))
                {
                    errors.Forbidden($"spec.{list}[{i}].resources.{amounts}", $"resource {amounts} cannot be removed");
                }
            }

            if (!AreAlike(WithoutMutable(container, earlier), earlier))
            {
                errors.Forbidden("spec", list == "containers"
                    ? "only cpu and memory resources are mutable"
                    : "only cpu and memory resources for sidecar containers are mutable");
            }
        }
    }

    /// <summary>A container as it would be if its processors and memory were the earlier one's.</summary>
    private static JsonObject WithoutMutable(JsonObject container, JsonObject earlier)
    {
        var munged = (JsonObject)container.DeepClone();
        var resources = munged.Ensure("resources");
        foreach (var amounts in Amounts)
        {
            if (earlier.Object("resources").Object(amounts) is not { } had)
            {
                resources.Remove(amounts);
                continue;
            }

            var list = resources.Ensure(amounts);
            foreach (var name in Mutable)
            {
                list.CopyFrom(had, name);
            }
        }

        return munged;
    }

    /// <summary>An absent object and an empty one are the same to upstream's comparison; so are two ways to write one quantity.</summary>
    private static bool AreAlike(JsonObject container, JsonObject earlier)
    {
        var (one, other) = (Normal(container), Normal(earlier));
        return JsonNode.DeepEquals(one, other);
    }

    private static JsonObject Normal(JsonObject container)
    {
        var normal = (JsonObject)container.DeepClone();
        var resources = normal.Ensure("resources");
        foreach (var amounts in Amounts)
        {
            if (resources.Object(amounts) is not { Count: > 0 } list)
            {
                resources.Remove(amounts);
                continue;
            }

            foreach (var (name, value) in list.ToArray())
            {
                if (value is JsonValue && Quantity.TryParse(value.ToString(), out var quantity))
                {
                    list[name] = quantity.Amount;
                }
            }
        }

        return normal;
    }
}
