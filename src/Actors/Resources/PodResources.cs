using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources;

/// <summary>What a pod asks for and may use in all, as upstream's <c>resourcehelper.PodRequests</c> and <c>PodLimits</c>.</summary>
public static class PodResources
{
    public static Dictionary<string, Quantity> Requests(JsonObject? spec) => Total(spec, "requests");

    public static Dictionary<string, Quantity> Limits(JsonObject? spec) => Total(spec, "limits");

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

    private static Dictionary<string, Quantity> Total(JsonObject? spec, string side)
    {
        var total = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in spec.Array("containers") ?? [])
        {
            Add(total, Read(container.Object("resources").Object(side)));
        }

        // Init containers run one by one; sidecars among them go on, beside the containers and beside the init containers after them.
        var sidecars = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        var starting = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in spec.Array("initContainers") ?? [])
        {
            var own = Read(container.Object("resources").Object(side));
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
        foreach (var (name, quantity) in Read(spec.Object("resources").Object(side)))
        {
            total[name] = quantity;
        }

        foreach (var (name, quantity) in Read(spec.Object("overhead")))
        {
            if (side == "requests" || total.ContainsKey(name))
            {
                total[name] = total.TryGetValue(name, out var sofar) ? sofar + quantity : quantity;
            }
        }

        return total;
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
