using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>Namespaces end in two phases: Terminating while <c>spec.finalizers</c> names anybody, then gone.</summary>
public sealed class NamespaceStrategy : ResourceStrategy
{
    private const string NameLabel = "kubernetes.io/metadata.name";

    public override void PrepareForCreate(JsonObject obj, ResourceDescriptor descriptor, DateTimeOffset now)
    {
        var finalizers = obj.Ensure("spec").Strings("finalizers");
        if (!finalizers.Contains("kubernetes"))
        {
            finalizers.Add("kubernetes");
        }

        obj.Ensure("spec").SetStrings("finalizers", finalizers);
        obj["status"] = new JsonObject { ["phase"] = "Active" };
        SetNameLabel(obj);
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, ResourceDescriptor descriptor, string subresource)
    {
        switch (subresource)
        {
            case "status":
                TakeStatusOnly(obj, old);
                break;
            case "finalize":
                obj.CopyFrom(old, "status");
                break;
            default:
                obj.CopyFrom(old, "spec");
                obj.CopyFrom(old, "status");
                break;
        }

        SetNameLabel(obj);
    }

    public override bool IsHeld(JsonObject obj) => obj.Object("spec").Array("finalizers") is { Count: > 0 };

    public override void OnDeletionMarked(JsonObject obj) => obj.Ensure("status")["phase"] = "Terminating";

    private static void SetNameLabel(JsonObject obj)
    {
        var metadata = obj.Ensure("metadata");
        metadata.Ensure("labels")[NameLabel] = metadata.Text("name");
    }
}
