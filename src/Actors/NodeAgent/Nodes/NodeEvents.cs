using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;

namespace ActorOrchestrator.Actors.NodeAgent.Nodes;

/// <summary>What is told of a node whose status changes, in the kubelet's words.</summary>
public static class NodeEvents
{
    private static readonly (string Type, string WhenTrue, string WhenFalse)[] Names =
    [
        ("MemoryPressure", "NodeHasInsufficientMemory", "NodeHasSufficientMemory"),
        ("DiskPressure", "NodeHasDiskPressure", "NodeHasNoDiskPressure"),
        ("PIDPressure", "NodeHasInsufficientPID", "NodeHasSufficientPID"),
        ("Ready", "NodeReady", "NodeNotReady"),
    ];

    /// <param name="name">The node.</param>
    /// <param name="before">Its status as it was; null when it had none.</param>
    /// <param name="after">Its status as it is told now.</param>
    public static IEnumerable<(bool Warning, string Reason, string Message)> Between(string name, JsonObject? before, JsonObject after)
    {
        foreach (var (type, whenTrue, whenFalse) in Names)
        {
            var (was, becomes) = (StatusOf(before, type), StatusOf(after, type));
            if (was != becomes && becomes is ("True" or "False"))
            {
                var reason = becomes == "True" ? whenTrue : whenFalse;
                yield return (false, reason, $"Node {name} status is now: {reason}");
            }
        }

        var (booted, boots) = (before.Object("nodeInfo").Text("bootID"), after.Object("nodeInfo").Text("bootID"));
        if (booted.Length > 0 && boots.Length > 0 && booted != boots)
        {
            yield return (true, "Rebooted", $"Node {name} has been rebooted, boot id: {boots}");
        }
    }

    private static string StatusOf(JsonObject? status, string type) =>
        (status.Array("conditions") ?? []).FirstOrDefault(condition => condition.Text("type") == type).Text("status");
}
