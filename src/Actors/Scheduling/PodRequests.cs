using System.Collections.Immutable;
using System.Text.Json;

namespace ActorOrchestrator.Actors.Scheduling;

/// <summary>
/// What a pod asks of its node, by upstream's rule (component-helpers <c>resource.PodRequests</c>): the larger of what runs together in the
/// end and of every step on the way there, plus the runtime's overhead. A restartable init container (a sidecar) stays and so counts in both.
/// </summary>
public static class PodRequests
{
    /// <param name="spec">The pod's.</param>
    /// <param name="status">The pod's, where it has one: while a resize is under way, a container holds what it has as well as what it is to have.</param>
    public static ResourceAmounts Of(JsonElement spec, JsonElement status = default)
    {
        var resized = Resized(status);
        var running = Sum(spec, status, resized);
        var sidecars = ResourceAmounts.None;
        var starting = ResourceAmounts.None;
        foreach (var container in Items(spec, "initContainers"))
        {
            var requests = RequestsOf(container, status, resized);
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
            Extended = own.Extended.IsEmpty ? sum.Extended : Replaced(sum.Extended, own.Extended),
        };
    }

    /// <summary>Huge pages are the only ones of the others that a pod may name at its own level.</summary>
    private static ImmutableArray<KeyValuePair<string, long>> Replaced(
        ImmutableArray<KeyValuePair<string, long>> sum, ImmutableArray<KeyValuePair<string, long>> own) =>
        [.. sum.Where(item => !own.Any(other => other.Key == item.Key)).Concat(own).OrderBy(item => item.Key, StringComparer.Ordinal)];

    private static ResourceAmounts Sum(JsonElement spec, JsonElement status, bool resized)
    {
        var sum = ResourceAmounts.None;
        foreach (var container in Items(spec, "containers"))
        {
            sum += RequestsOf(container, status, resized);
        }

        return sum;
    }

    /// <summary>Whether a node has said what its containers really have. Most pods are as they were made.</summary>
    private static bool Resized(JsonElement status)
    {
        foreach (var container in Items(status, "containerStatuses"))
        {
            if (container.TryGetProperty("allocatedResources", out _) || container.TryGetProperty("resources", out _))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Upstream's <c>determineContainerReqs</c>: the largest of what is wanted, granted and in use; what is wanted does not count while it cannot be.</summary>
    private static ResourceAmounts RequestsOf(JsonElement container, JsonElement status, bool resized)
    {
        var wanted = RequestsOf(container);
        if (!resized || !container.TryGetProperty("name", out var name))
        {
            return wanted;
        }

        foreach (var actual in Items(status, "containerStatuses").Concat(Items(status, "initContainerStatuses")))
        {
            if (actual.TryGetProperty("name", out var other) && other.ValueEquals(name.GetString()))
            {
                var held = actual.TryGetProperty("allocatedResources", out var allocated) ? ResourceAmounts.Read(allocated) : ResourceAmounts.None;
                held = ResourceAmounts.Max(held, RequestsOf(actual));
                return IsInfeasible(status) && held != ResourceAmounts.None ? held : ResourceAmounts.Max(wanted, held);
            }
        }

        return wanted;
    }

    private static bool IsInfeasible(JsonElement status)
    {
        foreach (var condition in Items(status, "conditions"))
        {
            if (condition.TryGetProperty("type", out var type) && type.ValueEquals("PodResizePending")
                && condition.TryGetProperty("reason", out var reason) && reason.ValueEquals("Infeasible"))
            {
                return true;
            }
        }

        return false;
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
