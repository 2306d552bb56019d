using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Resources;

/// <summary>What the containers of a pod ask for and may use in all, as upstream's <c>AggregateContainerRequests</c> and <c>AggregateContainerLimits</c>.</summary>
public static class ContainerTotals
{
    /// <param name="side"><c>requests</c> or <c>limits</c>.</param>
    public static Dictionary<string, Quantity> Of(JsonObject? spec, string side)
    {
        var total = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in spec?.Items("containers") ?? [])
        {
            Add(total, Read(container.Child("resources")?.Child(side)));
        }

        // Init containers run one by one; sidecars among them go on, beside the containers and beside the init containers after them.
        var sidecars = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        var starting = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in spec?.Items("initContainers") ?? [])
        {
            var own = Read(container.Child("resources")?.Child(side));
            if (container.Text("restartPolicy") == "Always")
            {
                Add(total, own);
                Add(sidecars, own);
                own = sidecars;
            }
            else
            {
                Add(own, sidecars);
            }

            Raise(starting, own);
        }

        Raise(total, starting);
        return total;
    }

    /// <summary>The quantities of a <c>resources.requests</c> or <c>.limits</c>; what is no quantity is left out.</summary>
    public static Dictionary<string, Quantity> Read(JsonObject? quantities)
    {
        var read = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var (name, value) in quantities ?? [])
        {
            if (value is JsonValue && Quantity.TryParse(value.ToString(), out var quantity))
            {
                read[name] = quantity;
            }
        }

        return read;
    }

    public static void Add(Dictionary<string, Quantity> total, Dictionary<string, Quantity> more)
    {
        foreach (var (name, quantity) in more)
        {
            total[name] = total.TryGetValue(name, out var sofar) ? sofar + quantity : quantity;
        }
    }

    private static void Raise(Dictionary<string, Quantity> total, Dictionary<string, Quantity> other)
    {
        foreach (var (name, quantity) in other)
        {
            if (!total.TryGetValue(name, out var sofar) || sofar < quantity)
            {
                total[name] = quantity;
            }
        }
    }
}
