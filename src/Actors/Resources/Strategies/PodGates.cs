using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>What may change in a pod that waits behind scheduling gates: gates go, and where the pod may run gets narrower.</summary>
internal static class PodGates
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Terms = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";

    /// <summary>Takes from <paramref name="munged"/> what was allowed to change.</summary>
    public static void Check(JsonObject spec, JsonObject before, JsonObject munged, FieldErrors errors)
    {
        var known = (before.Array("schedulingGates") ?? []).Select(gate => gate.Text("name")).ToHashSet(StringComparer.Ordinal);
        foreach (var (index, gate) in (spec.Array("schedulingGates") ?? []).Index())
        {
            if (!known.Contains(gate.Text("name")))
            {
                errors.Forbidden($"spec.schedulingGates[{index}].name", $"only deletion is allowed, but found new scheduling gate '{gate.Text("name")}'");
            }
        }

        if (known.Count == 0)
        {
            return;
        }

        var selector = spec.Object("nodeSelector");
        if ((before.Object("nodeSelector") ?? []).Any(pair => !JsonNode.DeepEquals(selector?[pair.Key], pair.Value)))
        {
            errors.InvalidValue("spec.nodeSelector", selector?.ToJsonString(ObjectWriter.Relaxed) ?? "null", "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
        }

        munged.CopyFrom(before, "nodeSelector");
        CheckTerms(spec.Object("affinity").Object("nodeAffinity"), before.Object("affinity").Object("nodeAffinity"), errors);
        if (munged.Object("affinity") is { } affinity)
        {
            affinity.Remove("nodeAffinity");
            if (before.Object("affinity").Object("nodeAffinity") is { } earlier)
            {
                affinity["nodeAffinity"] = earlier.DeepClone();
            }

            if (affinity.Count == 0 && before.Object("affinity") is null)
            {
                munged.Remove("affinity");
            }
        }
        else if (before.Object("affinity") is { Count: 1 } only && only.ContainsKey("nodeAffinity"))
        {
            munged["affinity"] = only.DeepClone();
        }
    }

    private static void CheckTerms(JsonObject? affinity, JsonObject? before, FieldErrors errors)
    {
        var had = before.Object(Required).Array("nodeSelectorTerms") ?? [];
        var wanted = affinity.Object(Required).Array("nodeSelectorTerms") ?? [];
        if (had.Count > 0 && had.Count != wanted.Count)
        {
            errors.InvalidValue(Terms, wanted.ToJsonString(ObjectWriter.Relaxed), "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
            return;
        }

        foreach (var (index, term) in had.Index())
        {
            if (!OnlyAdds(wanted[index], term))
            {
                errors.InvalidValue($"{Terms}[{index}]", wanted[index]?.ToJsonString(ObjectWriter.Relaxed) ?? "null", "only additions are allowed (no mutations or deletions)");
            }
        }
    }

    private static bool OnlyAdds(JsonNode? term, JsonNode? before)
    {
        // A term that selects nothing would select something with an addition.
        var lists = new[] { "matchExpressions", "matchFields" };
        if (lists.All(list => before.Array(list) is not { Count: > 0 }))
        {
            return lists.All(list => term.Array(list) is not { Count: > 0 });
        }

        return lists.All(list =>
        {
            var (had, has) = (before.Array(list) ?? [], term.Array(list) ?? []);
            return has.Count >= had.Count && had.Zip(has).All(pair => JsonNode.DeepEquals(pair.First, pair.Second));
        });
    }
}
