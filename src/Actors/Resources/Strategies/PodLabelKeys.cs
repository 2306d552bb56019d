using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>
/// <c>matchLabelKeys</c> and <c>mismatchLabelKeys</c> name labels of the pod itself: their values are written into the selector beside them when the
/// pod is made (KEP-3633, KEP-3243), so that whoever places pods reads selectors only.
/// </summary>
internal static class PodLabelKeys
{
    private static readonly string[] Lists = ["requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"];

    public static void Merge(JsonObject pod)
    {
        var spec = pod.Object("spec");
        if (pod.Object("metadata").Object("labels") is not { Count: > 0 } labels || (spec?["affinity"] is null && spec?["topologySpreadConstraints"] is null))
        {
            return;
        }

        foreach (var constraint in spec.Array("topologySpreadConstraints") ?? [])
        {
            Term(constraint as JsonObject, labels);
        }

        foreach (var affinity in (ReadOnlySpan<string>)["podAffinity", "podAntiAffinity"])
        {
            foreach (var term in Lists.SelectMany(list => spec.Object("affinity").Object(affinity).Array(list) ?? []))
            {
                Term(term.Object("podAffinityTerm") ?? term as JsonObject, labels);
            }
        }
    }

    private static void Term(JsonObject? term, JsonObject labels)
    {
        if (term.Object("labelSelector") is not { } selector)
        {
            return;
        }

        Add(term.Strings("matchLabelKeys"), "In");
        Add(term.Strings("mismatchLabelKeys"), "NotIn");

        void Add(List<string> keys, string comparison)
        {
            foreach (var key in keys.Where(key => labels[key] is not null))
            {
                if (selector["matchExpressions"] is not JsonArray terms)
                {
                    selector["matchExpressions"] = terms = [];
                }

                terms.Add(new JsonObject { ["key"] = key, ["operator"] = comparison, ["values"] = new JsonArray(labels[key]!.DeepClone()) });
            }
        }
    }
}
