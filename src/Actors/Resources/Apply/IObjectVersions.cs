using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Actors.Resources.Apply;

/// <summary>An object in one of its kind's API versions, and the schema of that version.</summary>
public readonly record struct VersionedObject(JsonObject Tree, ObjectSchema Schema, string ApiVersion);

/// <summary>The API versions in which managers of an object may have written.</summary>
public interface IObjectVersions
{
    /// <summary>The object in another version; null when the kind is not served in that version (any more).</summary>
    VersionedObject? Convert(VersionedObject obj, string apiVersion);
}

/// <summary>A kind with one version: every other one is gone.</summary>
public sealed class OneVersion : IObjectVersions
{
    public static OneVersion Instance { get; } = new();

    public VersionedObject? Convert(VersionedObject obj, string apiVersion) => obj.ApiVersion == apiVersion ? obj : null;
}
