using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>The quality-of-service class of a pod, as upstream's <c>qos.ComputePodQOS</c>.</summary>
public static class PodQuality
{
    private static readonly string[] Counted = ["cpu", "memory"];

    public static string ClassOf(JsonObject? spec)
    {
        var containers = (spec.Array("containers") ?? []).Concat(spec.Array("initContainers") ?? []).ToArray();
        var any = false;
        var guaranteed = true;
        foreach (var container in containers)
        {
            var resources = container.Object("resources");
            foreach (var name in Counted)
            {
                var limit = Amount(resources.Object("limits"), name);
                var request = Amount(resources.Object("requests"), name) ?? limit;
                any |= limit is > 0 || request is > 0;
                guaranteed &= limit is > 0 && request == limit;
            }
        }

        return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }

    /// <summary>A quantity may be written as a string or as a number.</summary>
    private static decimal? Amount(JsonObject? quantities, string name) => quantities?[name] switch
    {
        JsonValue value when Quantity.TryParse(value.ToString(), out var quantity) => quantity.Amount,
        _ => null,
    };
}
