using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;

namespace ActorOrchestrator.Contracts.Resources;

/// <summary>
/// One object at one revision, as it is kept and as it goes out: UTF-8 JSON with its revision in place. Immutable.
/// Typed models are views at the edges and are never written back (they drop what they do not know).
/// </summary>
public sealed class StoredObject(ObjectKey key, string uid, Revision revision, ReadOnlyMemory<byte> utf8, ImmutableArray<string> claims)
{
    private ObjectMetadata? _metadata;
    private ObjectLinks? _links;
    private WeakReference<object>? _typed;

    public ObjectKey Key { get; } = key;
    public string Uid { get; } = uid;
    public Revision Revision { get; } = revision;
    public ReadOnlyMemory<byte> Utf8 { get; } = utf8;

    /// <summary>Names that this object alone may hold in the cluster, such as <c>clusterip/10.43.0.7</c> or <c>nodeport/tcp/30080</c>.</summary>
    public ImmutableArray<string> Claims { get; } = claims.IsDefault ? [] : claims;

    public ObjectMetadata Metadata => _metadata ??= ObjectMetadata.Read(Utf8.Span);

    /// <summary>Owners and node, read once.</summary>
    public ObjectLinks Links => _links ??= ObjectLinks.Read(Key.Type, Utf8.Span);

    /// <summary>The object as one of <c>k8s.Models</c>, shared by everybody who asks: never change it.</summary>
    public T As<T>() where T : class
    {
        if (_typed is { } weak && weak.TryGetTarget(out var cached) && cached is T typed)
        {
            return typed;
        }

        var model = KubernetesJson.Deserialize<T>(Stream());
        _typed = new WeakReference<object>(model);
        return model;
    }

    private MemoryStream Stream() => MemoryMarshal.TryGetArray(Utf8, out var bytes)
        ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
        : new MemoryStream(Utf8.ToArray(), writable: false);

    /// <summary>A fresh tree of the object that the caller may change.</summary>
    public JsonObject ToJson() => JsonNode.Parse(Utf8.Span)!.AsObject();

    /// <summary>Parsed once, for several trees and for comparing without one.</summary>
    public JsonElement ToElement() => JsonElement.Parse(Utf8.Span);
}
