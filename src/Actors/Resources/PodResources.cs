using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources;

/// <summary>What a pod asks for and may use in all, as upstream's <c>resourcehelper.PodRequests</c> and <c>PodLimits</c>.</summary>
public static class PodResources
{
    public static Dictionary<string, Quantity> Requests(JsonObject? spec) => Total(spec, "requests");

    public static Dictionary<string, Quantity> Limits(JsonObject? spec) => Total(spec, "limits");

    /// <inheritdoc cref="ContainerTotals.Read"/>
    public static Dictionary<string, Quantity> Read(JsonObject? quantities) => ContainerTotals.Read(quantities);

    public static void Add(Dictionary<string, Quantity> total, Dictionary<string, Quantity> more) => ContainerTotals.Add(total, more);

    private static Dictionary<string, Quantity> Total(JsonObject? spec, string side)
    {
        var total = ContainerTotals.Of(spec, side);
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
}
