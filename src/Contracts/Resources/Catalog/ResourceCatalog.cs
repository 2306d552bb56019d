using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

namespace ActorOrchestrator.Contracts.Resources.Catalog;

/// <summary>The kinds that are served, found by any of their names. Immutable: a catalog with more kinds is another catalog.</summary>
public sealed class ResourceCatalog : ICatalogSource
{
    // Keyed by one word, with the few that share it behind it: look-ups allocate nothing, and dictionaries of strings need no compilation at start.
    private readonly Dictionary<string, ResourceDescriptor[]> _byPlural;
    private readonly Dictionary<string, ResourceDescriptor[]> _byKind;
    private readonly Dictionary<ResourceType, ResourceDescriptor> _stored;

    /// <param name="descriptors">In the order in which discovery lists groups; of two views of one stored type the first is preferred.</param>
    /// <param name="stored">Custom kinds in the form in which they are stored, whether that version is served or not.</param>
    public ResourceCatalog(IEnumerable<ResourceDescriptor> descriptors, IEnumerable<ResourceDescriptor>? stored = null)
    {
        _stored = (stored ?? []).ToDictionary(descriptor => descriptor.Type);
        All = [.. descriptors];
        _byPlural = Index(descriptor => descriptor.Plural);
        _byKind = Index(descriptor => descriptor.Kind);
        GroupVersions = [.. All.Select(descriptor => (descriptor.Group, descriptor.Version)).Distinct()];
    }

    /// <summary>The kinds that this program brings.</summary>
    public static ResourceCatalog BuiltIn { get; } = new(BuiltInResources.All);

    public ImmutableArray<ResourceDescriptor> All { get; }

    ResourceCatalog ICatalogSource.Current => this;

    /// <summary>Every served group and version, core first.</summary>
    public ImmutableArray<(string Group, string Version)> GroupVersions { get; }

    /// <summary>By the parts of a URL.</summary>
    public ResourceDescriptor? Find(string group, string version, string plural)
    {
        foreach (var descriptor in _byPlural.GetValueOrDefault(plural, []))
        {
            if (descriptor.Group == group && descriptor.Version == version)
            {
                return descriptor;
            }
        }

        return null;
    }

    /// <summary>By what an object says of itself.</summary>
    public ResourceDescriptor? FindKind(string apiVersion, string kind)
    {
        foreach (var descriptor in _byKind.GetValueOrDefault(kind, []))
        {
            if (descriptor.IsOf(apiVersion))
            {
                return descriptor;
            }
        }

        return null;
    }

    /// <summary>By the stored type; the preferred view of it, which is the stored form.</summary>
    public ResourceDescriptor? Find(ResourceType type)
    {
        foreach (var descriptor in _byPlural.GetValueOrDefault(type.Plural, []))
        {
            if (descriptor.Type == type)
            {
                return descriptor.Custom is null ? descriptor : _stored.GetValueOrDefault(type, descriptor);
            }
        }

        return _stored.GetValueOrDefault(type);
    }

    /// <summary>The view of a stored type in one of its API versions.</summary>
    public ResourceDescriptor? FindView(ResourceType type, string apiVersion)
    {
        foreach (var descriptor in _byPlural.GetValueOrDefault(type.Plural, []))
        {
            if (descriptor.Type == type && descriptor.IsOf(apiVersion))
            {
                return descriptor;
            }
        }

        return null;
    }

    /// <summary>By the stored type, which is known to be served.</summary>
    /// <exception cref="KeyNotFoundException">The type is not in this catalog.</exception>
    public ResourceDescriptor this[ResourceType type] =>
        Find(type) ?? throw new KeyNotFoundException($"The resource type {type} is not served.");

    /// <summary>By group and kind in whatever version, as owner references and involved objects are resolved.</summary>
    public ResourceDescriptor? FindGroupKind(string group, string kind)
    {
        foreach (var descriptor in _byKind.GetValueOrDefault(kind, []))
        {
            if (descriptor.Group == group)
            {
                return descriptor;
            }
        }

        return null;
    }

    public IEnumerable<ResourceDescriptor> In(string group, string version) =>
        All.Where(descriptor => descriptor.Group == group && descriptor.Version == version);

    private Dictionary<string, ResourceDescriptor[]> Index(Func<ResourceDescriptor, string> word) =>
        All.GroupBy(word).ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
}
