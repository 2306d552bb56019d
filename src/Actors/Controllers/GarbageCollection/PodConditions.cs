using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;

namespace ActorOrchestrator.Actors.Controllers.GarbageCollection;

/// <summary>Setting a condition in a status as upstream's <c>UpdatePodCondition</c>: the transition time moves only with the status.</summary>
internal static class PodConditions
{
    /// <returns>False when it was so already.</returns>
    public static bool Set(JsonObject status, string type, string state, string? reason, string? message, DateTimeOffset now)
    {
        if (status.Array("conditions") is not { } conditions)
        {
            status["conditions"] = conditions = [];
        }

        var before = conditions.OfType<JsonObject>().FirstOrDefault(item => JsonNodes.Text(item, "type") == type);
        if (before is not null && JsonNodes.Text(before, "status") == state && JsonNodes.Text(before, "reason") == (reason ?? "")
            && JsonNodes.Text(before, "message") == (message ?? ""))
        {
            return false;
        }

        if (before is null)
        {
            before = new JsonObject { ["type"] = type };
            conditions.Add((JsonNode)before);
        }

        if (JsonNodes.Text(before, "status") != state)
        {
            before["status"] = state;
            before["lastTransitionTime"] = JsonNodes.Time(now);
        }

        SetOrRemove(before, "reason", reason);
        SetOrRemove(before, "message", message);
        return true;
    }

    private static void SetOrRemove(JsonObject condition, string name, string? text)
    {
        if (text is null)
        {
            condition.Remove(name);
        }
        else
        {
            condition[name] = text;
        }
    }
}
