using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Defaults;

/// <summary>
/// A pod that states resources of its own, beside its containers', gets what it left out: limits of huge pages from its containers' limits, and,
/// when it has limits, requests from its containers' requests, else from those limits (KEP-2837).
/// </summary>
internal static class PodLevelResourceDefaults
{
    public static void Apply(JsonObject spec)
    {
        if (spec.Child("resources") is not { } resources)
        {
            return;
        }

        if (resources.Count("limits") + resources.Count("requests") > 0)
        {
            HugePageLimits(spec, resources);
        }

        if (resources.Count("limits") > 0)
        {
            Requests(spec, resources);
        }
    }

    private static void HugePageLimits(JsonObject spec, JsonObject resources)
    {
        foreach (var (name, limit) in ContainerTotals.Of(spec, "limits"))
        {
            // Who asks for huge pages says also how many.
            if (IsHugePage(name) && resources.Child("requests")?.Has(name) != true)
            {
                resources.ChildOrNew("limits").DefaultAbsent(name, limit.ToString());
            }
        }
    }

    private static void Requests(JsonObject spec, JsonObject resources)
    {
        foreach (var (name, asked) in ContainerTotals.Of(spec, "requests"))
        {
            if (name is "cpu" or "memory")
            {
                resources.ChildOrNew("requests").DefaultAbsent(name, asked.ToString());
            }
        }

        foreach (var (name, limit) in ContainerTotals.Read(resources.Child("limits")))
        {
            if (name is "cpu" or "memory" || IsHugePage(name))
            {
                resources.ChildOrNew("requests").DefaultAbsent(name, limit.ToString());
            }
        }
    }

    private static bool IsHugePage(string name) => name.StartsWith("hugepages-", StringComparison.Ordinal);
}
