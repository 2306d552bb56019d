using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;

namespace ActorOrchestrator.Actors.Controllers.Certificates;

/// <summary>The conditions of a CertificateSigningRequest.</summary>
internal static class CertificateConditions
{
    public static bool Has(JsonObject obj, string type) => (obj.Object("status").Array("conditions") ?? []).Any(condition => condition.Text("type") == type);

    public static void Add(JsonObject obj, string type, string reason, string message, DateTimeOffset now)
    {
        var status = obj.Ensure("status");
        if (status.Array("conditions") is not { } conditions)
        {
            conditions = [];
            status["conditions"] = conditions;
        }

        conditions.Add(new JsonObject
        {
            ["type"] = type,
            ["status"] = "True",
            ["reason"] = reason,
            ["message"] = message,
            ["lastUpdateTime"] = JsonNodes.Time(now),
            ["lastTransitionTime"] = JsonNodes.Time(now),
        });
    }
}
