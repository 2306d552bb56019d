using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources;

/// <summary>Conditions of a status as trees: one of a type, and the time moves only when the status does.</summary>
internal static class Conditions
{
    public static JsonObject? Find(JsonObject? status, string type) =>
        (status.Array("conditions") ?? []).OfType<JsonObject>().FirstOrDefault(condition => JsonNodes.Text(condition, "type") == type);

    public static bool IsTrue(JsonObject? status, string type) => JsonNodes.Text(Find(status, type), "status") == "True";

    /// <returns>False when the condition was so already.</returns>
    public static bool Set(JsonObject status, string type, string value, string reason, string message, string now)
    {
        var conditions = status.Array("conditions") ?? [];
        status["conditions"] ??= conditions;
        var current = Find(status, type);
        if (current is not null && JsonNodes.Text(current, "status") == value && JsonNodes.Text(current, "reason") == reason && JsonNodes.Text(current, "message") == message)
        {
            return false;
        }

        var since = current is not null && JsonNodes.Text(current, "status") == value ? JsonNodes.Text(current, "lastTransitionTime") : now;
        var condition = new JsonObject { ["type"] = type, ["status"] = value, ["lastTransitionTime"] = since, ["reason"] = reason, ["message"] = message };
        if (current is null)
        {
            conditions.Add((JsonNode)condition);
        }
        else
        {
            conditions[conditions.IndexOf(current)] = condition;
        }

        return true;
    }

    public static bool Remove(JsonObject status, string type)
    {
        if (Find(status, type) is not { } current)
        {
            return false;
        }

        status.Array("conditions")!.Remove(current);
        return true;
    }
}
