using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>APIServices: one that names no Service is served here and is available from the beginning.</summary>
public sealed class ApiServiceStrategy : ResourceStrategy
{
    public override void PrepareForCreate(JsonObject obj, ResourceDescriptor descriptor, DateTimeOffset now)
    {
        obj["status"] = new JsonObject();
        if (obj.Object("spec")?["service"] is null)
        {
            Conditions.Set(obj.Ensure("status"), "Available", "True", "Local", "Local APIServices are always available", JsonNodes.Time(now));
        }
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, ResourceDescriptor descriptor, string subresource)
    {
        if (subresource == "status")
        {
            TakeStatusOnly(obj, old, OfUsers);
        }
        else
        {
            obj.CopyFrom(old, "status");
        }
    }
}
