using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Host.Api;

/// <summary>A URL below <c>/api</c> or <c>/apis</c> that names a resource.</summary>
/// <param name="Descriptor">The kind.</param>
/// <param name="Namespace">Empty for cluster-scoped kinds and for all namespaces.</param>
/// <param name="Name">Empty for the collection.</param>
/// <param name="Subresource">Empty for the object itself.</param>
/// <param name="Rest">What follows the subresource, as proxies take it.</param>
public readonly record struct ApiPath(ResourceDescriptor Descriptor, string Namespace, string Name, string Subresource, string Rest)
{
    public bool IsCollection => Name.Length == 0;

    /// <summary>The old form of a watch, <c>/api/v1/watch/…</c>: of a collection, or of one object.</summary>
    public bool IsWatch { get; init; }

    public ObjectKey Key => new(Descriptor.Type, Namespace, Name);

    /// <summary>Null when the path names no served resource.</summary>
    public static ApiPath? Parse(ResourceCatalog catalog, ReadOnlySpan<char> path)
    {
        var parts = new PathParts(path);
        string group;
        switch (parts.Next())
        {
            case "api":
                group = "";
                break;
            case "apis":
                group = parts.Next().ToString();
                break;
            default:
                return null;
        }

        var version = Known(catalog, group, parts.Next());
        var plural = parts.Next();
        if (plural is "watch")
        {
            return parts.Rest() is { Length: > 1 } rest && !rest.StartsWith("/watch", StringComparison.Ordinal)
                && Parse(catalog, $"{(group.Length == 0 ? "/api" : $"/apis/{group}")}/{version}{rest}") is { Subresource: "" } watched
                ? watched with { IsWatch = true }
                : null;
        }

        if (version is null || plural.IsEmpty)
        {
            return null;
        }

        if (!plural.SequenceEqual("namespaces"))
        {
            return Resolve(catalog, group, version, "", plural, ref parts);
        }

        // /namespaces/{name} is the namespace itself, /namespaces/{name}/status its subresource, /namespaces/{name}/{plural} something in it.
        var name = parts.Next();
        var next = parts.Next();
        if (group.Length == 0 && (next.IsEmpty || next is "status" or "finalize"))
        {
            return catalog.Find(group, version, "namespaces") is { } namespaces
                ? new ApiPath(namespaces, "", name.ToString(), next.ToString(), parts.Rest())
                : null;
        }

        return name.IsEmpty ? null : Resolve(catalog, group, version, name.ToString(), next, ref parts);
    }

    private static ApiPath? Resolve(
        ResourceCatalog catalog, string group, string version, string @namespace, ReadOnlySpan<char> plural, ref PathParts parts)
    {
        if (catalog.Find(group, version, plural.ToString()) is not { } descriptor)
        {
            return null;
        }

        var name = parts.Next().ToString();
        var inNamespace = @namespace.Length > 0;
        var misplaced = descriptor.Namespaced ? !inNamespace && name.Length > 0 : inNamespace;
        return misplaced ? null : new ApiPath(descriptor, @namespace, name, parts.Next().ToString(), parts.Rest());
    }

    private static string? Known(ResourceCatalog catalog, string group, ReadOnlySpan<char> version)
    {
        foreach (var known in catalog.GroupVersions)
        {
            if (known.Group == group && version.SequenceEqual(known.Version))
            {
                return known.Version;
            }
        }

        return null;
    }

    private ref struct PathParts(ReadOnlySpan<char> path)
    {
        private ReadOnlySpan<char> _rest = path;

        public ReadOnlySpan<char> Next()
        {
            _rest = _rest.TrimStart('/');
            var end = _rest.IndexOf('/');
            var part = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? [] : _rest[end..];
            return part;
        }

        public readonly string Rest() => _rest.ToString();
    }
}
