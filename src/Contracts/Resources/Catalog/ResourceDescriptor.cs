using System.Collections.Immutable;
using ActorOrchestrator.Contracts.CustomResources;

namespace ActorOrchestrator.Contracts.Resources.Catalog;

/// <summary>
/// Everything that the generic paths (REST, discovery, OpenAPI, tables, selectors, writing) need to know of one kind.
/// A new kind is one of these in <c>BuiltInResources</c>, and no code.
/// </summary>
public sealed record ResourceDescriptor
{
    /// <summary>What the object is in storage. Two descriptors may share it: two API versions of one stored object.</summary>
    public required ResourceType Type { get; init; }

    /// <summary>The API group of this view; the stored type's own but for the few kinds that two groups show.</summary>
    public string Group { get => field ?? Type.Group; init; }

    /// <summary>The API version of this view: <c>v1</c>.</summary>
    public required string Version { get; init; }

    public required string Kind { get; init; }
    public string Singular { get => field ?? Kind.ToLowerInvariant(); init; }
    public ImmutableArray<string> ShortNames { get; init; } = [];
    public ImmutableArray<string> Categories { get; init; } = [];
    public bool Namespaced { get; init; } = true;

    /// <summary>Nothing of it is ever stored: its verbs are answered by a computation (reviews, bindings, component statuses).</summary>
    public bool Virtual { get; init; }

    /// <summary>Between the stored form and this view; null when the stored bytes are served as they are.</summary>
    public VersionConverter? Converter { get; init; }

    /// <summary>What this program does about the objects, for docs/compatibility.md.</summary>
    public Behaviour Behaviour { get; init; } = Behaviour.Works();

    /// <summary>In alphabetical order, as discovery shows them.</summary>
    public ImmutableArray<string> Verbs { get; init; } = AllVerbs;

    public ImmutableArray<Subresource> Subresources { get; init; } = [];

    /// <summary>The class of <c>k8s.Models</c> that the schema is generated from; null for a custom kind.</summary>
    public Type? Model { get; init; }

    /// <summary>The version of a definition that the kind comes from; null for the kinds that this program brings.</summary>
    public CustomVersion? Custom { get; init; }

    /// <summary>What everybody who asks for it is told; null for kinds that are not on their way out.</summary>
    public string? DeprecationWarning { get => field ?? Custom?.DeprecationWarning; init; }

    /// <summary>Beside <c>metadata.name</c> and <c>metadata.namespace</c>, which every kind has.</summary>
    public ImmutableArray<SelectableField> SelectableFields { get; init; } = [];

    /// <summary>The API lets no unknown field label pass; these kinds word the refusal as <c>field label not supported</c>.</summary>
    public bool OwnFieldLabels => Custom is not null || !SelectableFields.IsEmpty;

    /// <summary>The top-level fields, or those of the metadata (<c>metadata.labels</c>), whose change raises <c>metadata.generation</c>; empty for kinds without a generation.</summary>
    public ImmutableArray<string> GenerationFields { get; init; } = [];

    /// <summary>PUT of an object that does not exist makes it; of all other kinds it is 404.</summary>
    public bool CreatesOnUpdate { get; init; }

    /// <summary>PUT may leave <c>metadata.resourceVersion</c> out and then replaces whatever is there; of all other kinds it is 422.</summary>
    public bool UpdatesUnconditionally { get => field && Custom is null; init; } = true;

    public NameRule Names { get; init; } = NameRule.DnsSubdomain;

    /// <summary>The columns of its Table, the name first.</summary>
    public ImmutableArray<PrinterColumn> Columns { get; init; } = GenericColumns;

    public static ImmutableArray<string> AllVerbs { get; } =
        ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    public static ImmutableArray<PrinterColumn> GenericColumns { get; } =
    [
        new("Name", "string", "name", "", 0, ".metadata.name", new DocumentedField(typeof(k8s.Models.V1ObjectMeta), "name")),
        new("Created At", "date", "", "", 0, ".metadata.creationTimestamp", new DocumentedField(typeof(k8s.Models.V1ObjectMeta), "creationTimestamp")),
    ];

    public string Plural => Type.Plural;
    public string ListKind { get => field ?? Kind + "List"; init; }
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>What is stored is what a reader sees, byte for byte.</summary>
    public bool ServedAsStored => Converter is null && Custom?.Completed is null;

    public bool HasStatus => Subresource("status") is not null;
    public bool HasGeneration => Custom is not null || !GenerationFields.IsEmpty;

    /// <summary>Where its objects are served: <c>/api/v1</c>, <c>/apis/apps/v1</c>.</summary>
    public string Root => Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";

    /// <summary>Whether an object that says this of itself is of this group and version.</summary>
    public bool IsOf(ReadOnlySpan<char> apiVersion) => Group.Length == 0
        ? apiVersion.SequenceEqual(Version)
        : apiVersion.StartsWith(Group) && apiVersion[Group.Length..] is ['/', .. var version] && version.SequenceEqual(Version);

    /// <summary>Whether requests with the verb are served. Of a custom kind that is going discovery shows fewer: what there is may be changed, and who creates is told why not.</summary>
    public bool Allows(string verb) => Verbs.Contains(verb) || (Custom is { Definition.IsTerminating: true } && AllVerbs.Contains(verb));

    public Subresource? Subresource(string name)
    {
        foreach (var subresource in Subresources)
        {
            if (subresource.Name == name)
            {
                return subresource;
            }
        }

        return null;
    }

    /// <summary>The URL of one object: <c>/apis/apps/v1/namespaces/shop/deployments/web</c>.</summary>
    public string PathOf(string @namespace, string name) => Namespaced
        ? $"{Root}/namespaces/{@namespace}/{Plural}/{name}"
        : $"{Root}/{Plural}/{name}";

    public override string ToString() => $"{ApiVersion} {Kind}";
}
