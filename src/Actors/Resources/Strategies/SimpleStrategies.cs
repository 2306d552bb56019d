using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>A node registers with its status; its main endpoint never changes it.</summary>
public sealed class NodeStrategy : ResourceStrategy
{
    public override void PrepareForCreate(JsonObject obj, ResourceDescriptor descriptor, DateTimeOffset now)
    {
    }
}

public sealed class ServiceAccountStrategy : ResourceStrategy
{
    public override bool ReturnsDeletedObject => true;
}

/// <summary>Kinds whose status endpoint writes the status and nothing of the metadata.</summary>
public sealed class DetachedStatusStrategy : ResourceStrategy
{
    public static readonly DetachedStatusStrategy Instance = new();

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, ResourceDescriptor descriptor, string subresource)
    {
        if (subresource == "status")
        {
            TakeStatusOnly(obj, old, OfUsers);
            return;
        }

        base.PrepareForUpdate(obj, old, descriptor, subresource);
    }
}

/// <summary>Deployments and ReplicaSets: the selector is fixed for life. A Deployment's labels are not written with its status.</summary>
public sealed class SelectorOwnerStrategy : ResourceStrategy
{
    public override void PrepareForUpdate(JsonObject obj, JsonObject old, ResourceDescriptor descriptor, string subresource)
    {
        base.PrepareForUpdate(obj, old, descriptor, subresource);
        if (subresource == "status" && descriptor.Type == ResourceTypes.Deployments)
        {
            obj.Ensure("metadata").CopyFrom(old.Object("metadata"), "labels");
        }
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, string subresource, FieldErrors errors) =>
        Immutable(obj, old, "spec", "selector", errors);
}

/// <summary>ConfigMaps: frozen when <c>immutable</c>.</summary>
public sealed class ConfigMapStrategy : ResourceStrategy
{
    public override void ValidateUpdate(JsonObject obj, JsonObject old, string subresource, FieldErrors errors) =>
        ValidateFrozen(obj, old, ["data", "binaryData"], errors);

    internal static void ValidateFrozen(JsonObject obj, JsonObject old, ReadOnlySpan<string> fields, FieldErrors errors)
    {
        if (!old.Flag("immutable"))
        {
            return;
        }

        if (!obj.Flag("immutable"))
        {
            errors.Forbidden("immutable", "field is immutable when `immutable` is set");
        }

        foreach (var field in fields)
        {
            if (!JsonNode.DeepEquals(obj[field], old[field]))
            {
                errors.Forbidden(field, "field is immutable when `immutable` is set");
            }
        }
    }
}

/// <summary>Secrets: <c>stringData</c> is folded into <c>data</c>, the type is fixed, frozen when <c>immutable</c>.</summary>
public sealed class SecretStrategy : ResourceStrategy
{
    public override void PrepareForCreate(JsonObject obj, ResourceDescriptor descriptor, DateTimeOffset now) => Fold(obj);

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, ResourceDescriptor descriptor, string subresource)
    {
        // An update that leaves the type out keeps it, as upstream does.
        if (obj.Text("type").Length == 0)
        {
            obj.CopyFrom(old, "type");
        }

        Fold(obj);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, string subresource, FieldErrors errors)
    {
        if (obj.Text("type") != old.Text("type"))
        {
            errors.Invalid("type", obj.Text("type"), "field is immutable");
        }

        ConfigMapStrategy.ValidateFrozen(obj, old, ["data"], errors);
    }

    private static void Fold(JsonObject obj)
    {
        foreach (var (key, node) in obj.Object("stringData") ?? [])
        {
            if (node is JsonValue value && value.TryGetValue<string>(out var text))
            {
                obj.Ensure("data")[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
            }
        }

        obj.Remove("stringData");
    }
}
