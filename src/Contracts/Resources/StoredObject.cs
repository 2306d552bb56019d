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
    private object? _typed;
    private ParsedText? _parsed;
    private View? _views;

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
        if (Volatile.Read(ref _typed) is T typed)
        {
            return typed;
        }

        var model = KubernetesJson.Deserialize<T>(Stream());
        if (RecentReadings.Take(this))
        {
            Volatile.Write(ref _typed, model);
        }

        return model;
    }

    /// <summary>Lets the typed model and the parsed text go; the next who asks makes them again.</summary>
    internal void ForgetReadings()
    {
        Volatile.Write(ref _typed, null);
        Volatile.Write(ref _parsed, null);
    }

    /// <summary>
    /// What <paramref name="reader"/> makes of this object, made once and kept as long as the object is. It hangs on the object itself: a weak table beside it
    /// would be gone through at every collection, which was a third of the whole control plane's time.
    /// </summary>
    /// <param name="reader">Who reads: another reader has a view of its own.</param>
    /// <param name="read">Makes the view; two threads may both make it, and one of the two is kept.</param>
    internal T ViewOf<T>(object reader, Func<StoredObject, T> read) where T : class
    {
        var head = Volatile.Read(ref _views);
        if (View.Find(head, reader) is { } known)
        {
            return (T)known;
        }

        var made = read(this);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref _views, new View(reader, made, head), head);
            if (ReferenceEquals(before, head))
            {
                return made;
            }

            head = before;
            if (View.Find(head, reader) is { } theirs)
            {
                return (T)theirs;
            }
        }
    }

    private sealed class View(object reader, object value, View? next)
    {
        public static object? Find(View? view, object reader)
        {
            for (; view is not null; view = view._next)
            {
                if (ReferenceEquals(view._reader, reader))
                {
                    return view._value;
                }
            }

            return null;
        }

        private readonly object _reader = reader;
        private readonly object _value = value;
        private readonly View? _next = next;
    }

    private MemoryStream Stream() => MemoryMarshal.TryGetArray(Utf8, out var bytes)
        ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
        : new MemoryStream(Utf8.ToArray(), writable: false);

    /// <summary>A fresh tree of the object that the caller may change.</summary>
    public JsonObject ToJson() => JsonNode.Parse(Utf8.Span)!.AsObject();

    /// <summary>Parsed once, for several trees and for comparing without one.</summary>
    public JsonElement ToElement()
    {
        if (Volatile.Read(ref _parsed) is { } parsed)
        {
            return parsed.Root;
        }

        var root = JsonElement.Parse(Utf8.Span);
        if (RecentReadings.Take(this))
        {
            Volatile.Write(ref _parsed, new ParsedText(root));
        }

        return root;
    }

    private sealed record ParsedText(JsonElement Root);
}
