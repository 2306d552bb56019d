using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;

namespace ActorOrchestrator.Actors.Controllers.Disruption;

/// <summary>The one condition of a PodDisruptionBudget.</summary>
internal static class DisruptionCondition
{
    public const string Type = "DisruptionAllowed";
    public const string Sufficient = "SufficientPods";
    public const string Insufficient = "InsufficientPods";
    public const string SyncFailed = "SyncFailed";

    public static string ReasonOf(int disruptionsAllowed) => disruptionsAllowed > 0 ? Sufficient : Insufficient;

    /// <summary>Conditions of other types, which are not ours, stay.</summary>
    public static void Set(JsonObject status, string reason, string message, long generation, DateTimeOffset now)
    {
        var conditions = status.Array("conditions") ?? [];
        status["conditions"] = conditions;
        var state = reason == Sufficient ? "True" : "False";
        var condition = conditions.OfType<JsonObject>().FirstOrDefault(item => item.Text("type") == Type);
        if (condition is null)
        {
            conditions.Add((JsonNode)(condition = new JsonObject { ["type"] = Type }));
        }

        if (condition.Text("status") != state)
        {
            condition["lastTransitionTime"] = JsonNodes.Time(now);
        }

        condition["status"] = state;
        condition["reason"] = reason;
        condition["message"] = message;
        condition["observedGeneration"] = generation;
    }
}
