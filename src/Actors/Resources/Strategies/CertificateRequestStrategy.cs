using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>
/// CertificateSigningRequests change through two doors only: <c>approval</c> changes whether it is approved, <c>status</c> everything of the status but that. What
/// is asked for is fixed.
/// </summary>
public sealed class CertificateRequestStrategy : ResourceStrategy
{
    private static readonly string[] Verdicts = ["Approved", "Denied"];

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, ResourceDescriptor descriptor, string subresource)
    {
        obj.CopyFrom(old, "spec");
        var given = obj.Object("status").Array("conditions")?.DeepClone() as JsonArray ?? [];
        switch (subresource)
        {
            case "approval":
                TakeStatusOnly(obj, old);
                obj.CopyFrom(old, "status");
                SetConditions(obj, given);
                break;
            case "status":
                TakeStatusOnly(obj, old);
                SetConditions(obj, WithVerdictsOf(old.Object("status").Array("conditions"), given));
                break;
            default:
                obj.CopyFrom(old, "status");
                break;
        }
    }

    /// <summary>The conditions as they are given, but each verdict as it was, at its place; one that the writer left out stands at the end.</summary>
    private static JsonArray WithVerdictsOf(JsonArray? old, JsonArray given)
    {
        var verdicts = Verdicts.ToDictionary(type => type, type => new Queue<JsonObject>(Conditions(old).Where(condition => condition.Text("type") == type)));
        var conditions = new JsonArray();
        foreach (var condition in Conditions(given))
        {
            if (!verdicts.TryGetValue(condition.Text("type"), out var kept))
            {
                conditions.Add(condition.DeepClone());
            }
            else if (kept.TryDequeue(out var verdict))
            {
                conditions.Add(verdict.DeepClone());
            }
        }

        foreach (var verdict in verdicts.Values.SelectMany(kept => kept))
        {
            conditions.Add(verdict.DeepClone());
        }

        return conditions;
    }

    private static IEnumerable<JsonObject> Conditions(JsonArray? conditions) => conditions?.OfType<JsonObject>() ?? [];

    private static void SetConditions(JsonObject obj, JsonArray conditions)
    {
        if (conditions.Count > 0)
        {
            obj.Ensure("status")["conditions"] = conditions;
        }
        else
        {
            obj.Object("status")?.Remove("conditions");
        }
    }
}
