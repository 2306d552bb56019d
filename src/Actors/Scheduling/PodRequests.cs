using System.Text.Json;

namespace ActorOrchestrator.Actors.Scheduling;

/// <summary>
/// What a pod asks of its node, by upstream's rule (component-helpers <c>resource.PodRequests</c>): the larger of what runs together in the
/// end and of every step on the way there, plus the runtime's overhead. A restartable init container (a sidecar) stays and so counts in both.
/// </summary>
public static class PodRequests
{
    public static ResourceAmounts Of(JsonElement spec)
    {
        var running = Sum(spec, "containers");
        var sidecars = ResourceAmounts.None;
        var starting = ResourceAmounts.None;
        foreach (var container in Items(spec, "initContainers"))
        {
            var requests = RequestsOf(container);
            if (container.TryGetProperty("restartPolicy", out var policy) && policy.ValueEquals("Always"))
            {
                running += requests;
                sidecars += requests;
                starting = ResourceAmounts.Max(starting, sidecars);
            }
            else
            {
                starting = ResourceAmounts.Max(starting, requests + sidecars);
            }
        }

        var total = OverriddenByPod(ResourceAmounts.Max(running, starting), spec);
        return spec.TryGetProperty("overhead", out var overhead) ? total + ResourceAmounts.Read(overhead) : total;
    }

    /// <summary>Requests at the level of the pod (KEP-2837) take the place of the sum, for the resources that they name.</summary>
    private static ResourceAmounts OverriddenByPod(ResourceAmounts sum, JsonElement spec)
    {
        if (!spec.TryGetProperty("resources", out var resources) || resources.ValueKind != JsonValueKind.Object
            || !resources.TryGetProperty("requests", out var requests) || requests.ValueKind != JsonValueKind.Object)
        {
            return sum;
        }

        var own = ResourceAmounts.Read(requests);
        return sum with
        {
            MilliCpu = requests.TryGetProperty("cpu", out _) ? own.MilliCpu : sum.MilliCpu,
            Memory = requests.TryGetProperty("memory", out _) ? own.Memory : sum.Memory,
        };
    }

    private static ResourceAmounts Sum(JsonElement spec, string list)
    {
        var sum = ResourceAmounts.None;
        foreach (var container in Items(spec, list))
        {
            sum += RequestsOf(container);
        }

        return sum;
    }

    private static ResourceAmounts RequestsOf(JsonElement container) =>
        container.TryGetProperty("resources", out var resources) && resources.ValueKind == JsonValueKind.Object
        && resources.TryGetProperty("requests", out var requests)
            ? ResourceAmounts.Read(requests)
            : ResourceAmounts.None;

    internal static IEnumerable<JsonElement> Items(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : [];
}
