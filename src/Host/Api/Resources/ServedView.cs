using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Host.Api.Resources;

/// <summary>Stored objects in the version that a client asked for. Kinds without a converter, which is nearly all, pass through untouched.</summary>
internal static class ServedView
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="VersionConversionException">The object cannot be had in that version now.</exception>
    public static ValueTask<StoredObject> OfAsync(ResourceDescriptor descriptor, StoredObject obj, CancellationToken cancellation) =>
        descriptor.Converter is null ? new(descriptor.Custom?.Completed is { } completed ? completed.Of(obj) : obj) : ConvertOneAsync(descriptor, obj, cancellation);

    /// <exception cref="VersionConversionException">The objects cannot be had in that version now.</exception>
    public static ValueTask<IReadOnlyList<StoredObject>> OfAsync(ResourceDescriptor descriptor, IReadOnlyList<StoredObject> objects, CancellationToken cancellation) =>
        descriptor.Converter is not { } converter || objects.Count == 0 ? new(Completed(descriptor, objects)) : ConvertAsync(descriptor, converter, objects, cancellation);

    private static IReadOnlyList<StoredObject> Completed(ResourceDescriptor descriptor, IReadOnlyList<StoredObject> objects) =>
        descriptor.Custom?.Completed is { } completed ? [.. objects.Select(completed.Of)] : objects;

    private static async ValueTask<StoredObject> ConvertOneAsync(ResourceDescriptor descriptor, StoredObject obj, CancellationToken cancellation) =>
        (await ConvertAsync(descriptor, descriptor.Converter!, [obj], cancellation).ConfigureAwait(false))[0];

    private static async ValueTask<IReadOnlyList<StoredObject>> ConvertAsync(
        ResourceDescriptor descriptor, VersionConverter converter, IReadOnlyList<StoredObject> objects, CancellationToken cancellation)
    {
        var trees = new JsonObject[objects.Count];
        for (var i = 0; i < trees.Length; i++)
        {
            trees[i] = objects[i].ToJson();
        }

        var converted = await converter.FromStorageAsync(trees, descriptor.ApiVersion, cancellation).ConfigureAwait(false);
        var served = new StoredObject[objects.Count];
        for (var i = 0; i < served.Length; i++)
        {
            var obj = objects[i];
            served[i] = new StoredObject(obj.Key, obj.Uid, obj.Revision, JsonSerializer.SerializeToUtf8Bytes(converted[i], Relaxed), obj.Claims);
        }

        return served;
    }
}
