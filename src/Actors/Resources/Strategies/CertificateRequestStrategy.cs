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
                SetConditions(obj, new JsonArray(
                [
                    .. Conditions(given).Where(condition => !Verdicts.Contains(condition.Text("type"))).Select(condition => condition.DeepClone()),
                    .. Conditions(old.Object("status").Array("conditions")).Where(condition => Verdicts.Contains(condition.Text("type"))).Select(condition => condition.DeepClone()),
                ]));
                break;
            default:
                obj.CopyFrom(old, "status");
                break;
        }
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
