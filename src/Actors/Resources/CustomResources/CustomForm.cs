using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.CustomResources;

/// <summary>
/// The version in which a write of a custom object is done: as upstream, everything up to the ledger (defaults, admission, rules) sees the object in its
/// author's version, and only what is kept is converted.
/// </summary>
/// <param name="descriptor">That version.</param>
internal readonly struct CustomForm(ResourceDescriptor descriptor)
{
    public ResourceDescriptor Descriptor => descriptor;

    /// <summary>Null for a built-in kind.</summary>
    /// <param name="options">Whose version is meant; a part of this program that names none speaks in the stored one.</param>
    /// <param name="stored">The stored version.</param>
    public static CustomForm? Of(WriteOptions options, ResourceDescriptor stored) => stored.Custom is null ? null : new CustomForm(options.View is { Custom: not null } view ? view : stored);

    /// <summary>Whether the ledger has something else than its author sees.</summary>
    public bool Differs => !descriptor.ServedAsStored;

    /// <summary>A stored object as its author sees it.</summary>
    /// <exception cref="VersionConversionException">It cannot be had in that version now.</exception>
    public async ValueTask<JsonObject> ReadAsync(StoredObject current, CancellationToken cancellation)
    {
        var tree = current.ToJson();
        if (descriptor.Converter is { } converter)
        {
            return (await converter.FromStorageAsync([tree], descriptor.ApiVersion, cancellation).ConfigureAwait(false))[0];
        }

        if (Differs)
        {
            CustomReading.Stored(descriptor.Custom!, tree);
        }

        return tree;
    }

    /// <summary>What is kept of an object; a tree of its own where it is another one.</summary>
    /// <exception cref="VersionConversionException">It cannot be stored.</exception>
    public async ValueTask<JsonObject> StoreAsync(JsonObject obj, CancellationToken cancellation) => descriptor.Converter is { } converter
        ? (await converter.ToStorageAsync([(JsonObject)obj.DeepClone()], descriptor.ApiVersion, cancellation).ConfigureAwait(false))[0]
        : obj;
}
