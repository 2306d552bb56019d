using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Strategies;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Quotas;

/// <summary>Which objects a quota with scopes counts: only pods have any, and claims one.</summary>
internal static class QuotaScopes
{
    public static bool Match(JsonObject? quotaSpec, ResourceType type, JsonObject obj)
    {
        foreach (var scope in quotaSpec.Strings("scopes"))
        {
            if (!Matches(scope, "Exists", [], type, obj))
            {
                return false;
            }
        }

        foreach (var term in quotaSpec.Object("scopeSelector").Array("matchExpressions") ?? [])
        {
            if (!Matches(term.Text("scopeName"), term.Text("operator"), term.Strings("values"), type, obj))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Matches(string scope, string @operator, List<string> values, ResourceType type, JsonObject obj)
    {
        var spec = obj.Object("spec");
        if (type == ResourceTypes.PersistentVolumeClaims)
        {
            return scope == "VolumeAttributesClass" && Selects(spec.Text("volumeAttributesClassName"), @operator, values);
        }

        return type == ResourceTypes.Pods && scope switch
        {
            "Terminating" => spec.Number("activeDeadlineSeconds") is >= 0,
            "NotTerminating" => spec.Number("activeDeadlineSeconds") is null or < 0,
            "BestEffort" => PodQuality.ClassOf(spec) == "BestEffort",
            "NotBestEffort" => PodQuality.ClassOf(spec) != "BestEffort",
            "PriorityClass" => Selects(spec.Text("priorityClassName"), @operator, values),
            "CrossNamespacePodAffinity" => UsesOtherNamespaces(spec),
            _ => false,
        };
    }

    private static bool Selects(string value, string @operator, List<string> values) => @operator switch
    {
        "In" => values.Contains(value),
        "NotIn" => !values.Contains(value),
        "DoesNotExist" => value.Length == 0,
        _ => value.Length > 0,
    };

    private static bool UsesOtherNamespaces(JsonObject? spec)
    {
        foreach (var kind in (string[])["podAffinity", "podAntiAffinity"])
        {
            var affinity = spec.Object("affinity").Object(kind);
            var terms = (affinity.Array("requiredDuringSchedulingIgnoredDuringExecution") ?? [])
                .Concat((affinity.Array("preferredDuringSchedulingIgnoredDuringExecution") ?? []).Select(term => (JsonNode?)term.Object("podAffinityTerm")));
            if (terms.Any(term => term.Array("namespaces") is { Count: > 0 } || term.Object("namespaceSelector") is not null))
            {
                return true;
            }
        }

        return false;
    }
}
