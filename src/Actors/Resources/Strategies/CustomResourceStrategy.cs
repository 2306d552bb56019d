using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>Objects of custom kinds: with a status endpoint, each endpoint writes its own part only.</summary>
public sealed class CustomResourceStrategy : ResourceStrategy
{
    public static readonly CustomResourceStrategy Instance = new();

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, ResourceDescriptor descriptor, string subresource)
    {
        if (subresource != "status")
        {
            base.PrepareForUpdate(obj, old, descriptor, subresource);
            return;
        }

        foreach (var name in obj.Select(property => property.Key).Concat(old.Select(property => property.Key)).Distinct().ToArray())
        {
            if (name == "metadata")
            {
                // Who manages which field was recorded for this very write; all else of the metadata stays as it was.
                var managed = obj.Object("metadata")?["managedFields"]?.DeepClone();
                obj.CopyFrom(old, name);
                if (managed is not null)
                {
                    obj.Ensure("metadata")["managedFields"] = managed;
                }
            }
            else if (name != "status")
            {
                obj.CopyFrom(old, name);
            }
        }
    }

    /// <summary>Whether anything but metadata differs.</summary>
    internal static bool IsChanged(JsonObject obj, JsonObject old)
    {
        foreach (var name in obj.Select(property => property.Key).Concat(old.Select(property => property.Key)).Distinct())
        {
            if (name is not ("metadata" or "apiVersion" or "kind") && !JsonNode.DeepEquals(obj[name], old[name]))
            {
                return true;
            }
        }

        return false;
    }
}
