using System.Collections.Frozen;
using System.Collections.Immutable;

namespace ActorOrchestrator.Contracts.Resources.Catalog;

/// <summary>The kinds that are served, found by any of their names. Immutable: a catalog with more kinds is another catalog.</summary>
public sealed class ResourceCatalog
{
    private readonly FrozenDictionary<(string Group, string Version, string Plural), ResourceDescriptor> _byPath;
    private readonly FrozenDictionary<(string ApiVersion, string Kind), ResourceDescriptor> _byKind;
    private readonly FrozenDictionary<ResourceType, ResourceDescriptor> _byType;

    /// <param name="descriptors">In the order in which discovery lists groups; of two views of one stored type the first is preferred.</param>
    public ResourceCatalog(IEnumerable<ResourceDescriptor> descriptors)
    {
        All = [.. descriptors];
        _byPath = All.ToFrozenDictionary(descriptor => (descriptor.Group, descriptor.Version, descriptor.Plural));
        _byKind = All.ToFrozenDictionary(descriptor => (descriptor.ApiVersion, descriptor.Kind));
        _byType = All.DistinctBy(descriptor => descriptor.Type).ToFrozenDictionary(descriptor => descriptor.Type);
        GroupVersions = [.. All.Select(descriptor => (descriptor.Group, descriptor.Version)).Distinct()];
    }

    /// <summary>The kinds that this program brings.</summary>
    public static ResourceCatalog BuiltIn { get; } = new(BuiltInResources.All);

    public ImmutableArray<ResourceDescriptor> All { get; }

    /// <summary>Every served group and version, core first.</summary>
    public ImmutableArray<(string Group, string Version)> GroupVersions { get; }

    /// <summary>By the parts of a URL.</summary>
    public ResourceDescriptor? Find(string group, string version, string plural) => _byPath.GetValueOrDefault((group, version, plural));

    /// <summary>By what an object says of itself.</summary>
    public ResourceDescriptor? FindKind(string apiVersion, string kind) => _byKind.GetValueOrDefault((apiVersion, kind));

    /// <summary>By the stored type; the preferred view of it.</summary>
    public ResourceDescriptor? Find(ResourceType type) => _byType.GetValueOrDefault(type);

    /// <summary>By the stored type, which is known to be served.</summary>
    /// <exception cref="KeyNotFoundException">The type is not in this catalog.</exception>
    public ResourceDescriptor this[ResourceType type] =>
        Find(type) ?? throw new KeyNotFoundException($"The resource type {type} is not served.");

    /// <summary>By group and kind in whatever version, as owner references and involved objects are resolved.</summary>
    public ResourceDescriptor? FindGroupKind(string group, string kind)
    {
        foreach (var descriptor in All)
        {
            if (descriptor.Group == group && descriptor.Kind == kind)
            {
                return descriptor;
            }
        }

        return null;
    }

    public IEnumerable<ResourceDescriptor> In(string group, string version) =>
        All.Where(descriptor => descriptor.Group == group && descriptor.Version == version);
}
