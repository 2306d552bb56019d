using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using k8s.Models;

namespace ActorOrchestrator.Host.Api.OpenApi;

/// <summary>One method at one path, as both dialects describe it.</summary>
/// <param name="Path">With its parameters in braces.</param>
/// <param name="Method">Lower case, as a key of a path item.</param>
/// <param name="Action">Upstream's word for it (<c>x-kubernetes-action</c>).</param>
/// <param name="Id">Unique in the document.</param>
/// <param name="Kind">Group, version and kind of what travels.</param>
/// <param name="Body">What is sent; null for nothing.</param>
/// <param name="Response">What comes back; null for plain text.</param>
/// <param name="Queries">The query parameters that it understands, by name and OpenAPI type.</param>
internal sealed record ApiOperation(
    string Path,
    string Method,
    string Action,
    string Id,
    (string Group, string Version, string Kind) Kind,
    ObjectSchema? Body,
    ObjectSchema? Response,
    ImmutableArray<(string Name, string Type, string Description)> Queries)
{
    private static readonly ImmutableArray<(string, string, string)> WriteQueries =
    [
        ("dryRun", "string", "When present, nothing is persisted. The only valid value is All."),
        ("fieldManager", "string", "The name of the actor that makes the change."),
        ("fieldValidation", "string", "What becomes of unknown or duplicate fields: Ignore, Warn or Strict."),
    ];

    private static readonly ImmutableArray<(string, string, string)> ListQueries =
    [
        ("allowWatchBookmarks", "boolean", "Asks a watch for events of type BOOKMARK."),
        ("continue", "string", "The token of the page before."),
        ("fieldSelector", "string", "Restricts the list by fields."),
        ("labelSelector", "string", "Restricts the list by labels."),
        ("limit", "integer", "The most objects that one answer has."),
        ("resourceVersion", "string", "How new the answer must be."),
        ("resourceVersionMatch", "string", "How resourceVersion is meant: NotOlderThan or Exact."),
        ("sendInitialEvents", "boolean", "Begins a watch with the objects that exist."),
        ("timeoutSeconds", "integer", "Ends a list or watch after so long."),
        ("watch", "boolean", "Follows changes instead of listing."),
    ];

    private static readonly ImmutableArray<(string, string, string)> DeleteQueries =
    [
        ("dryRun", "string", "When present, nothing is persisted. The only valid value is All."),
        ("gracePeriodSeconds", "integer", "How long the object has to end; 0 is at once."),
        ("propagationPolicy", "string", "What becomes of dependents: Orphan, Background or Foreground."),
    ];

    public bool IsPatch => Method == "patch";

    /// <summary>Of a kind that somebody defined.</summary>
    public bool IsCustom { get; private init; }

    /// <summary>The operations of a kind, its subresources' after its own.</summary>
    public static IEnumerable<ApiOperation> Of(ResourceDescriptor descriptor) =>
        descriptor.Custom is null ? Listed(descriptor) : Listed(descriptor).Select(operation => operation with { IsCustom = true });

    private static IEnumerable<ApiOperation> Listed(ResourceDescriptor descriptor)
    {
        var scope = descriptor.Namespaced ? "/namespaces/{namespace}" : "";
        var collection = $"{descriptor.Root}{scope}/{descriptor.Plural}";
        var item = collection + "/{name}";
        var own = ObjectSchema.Of(descriptor);
        var list = OpenApiDefinitions.ListOf(descriptor);
        var kind = (descriptor.Group, descriptor.Version, descriptor.Kind);
        var noun = NounOf(descriptor, descriptor.Namespaced) + descriptor.Kind;
        var status = ObjectSchema.Of(typeof(V1Status));
        var delete = ObjectSchema.Of(typeof(V1DeleteOptions));
        if (descriptor.Allows("list"))
        {
            yield return new(collection, "get", "list", "list" + noun, kind, null, list, ListQueries);
            if (descriptor.Namespaced)
            {
                var everywhere = $"{descriptor.Root}/{descriptor.Plural}";
                yield return new(everywhere, "get", "list", $"list{NounOf(descriptor, false)}{descriptor.Kind}ForAllNamespaces", kind, null, list, ListQueries);
            }
        }

        foreach (var verb in descriptor.Verbs)
        {
            switch (verb)
            {
                case "create": yield return new(collection, "post", "post", "create" + noun, kind, own, own, WriteQueries); break;
                case "deletecollection": yield return new(collection, "delete", "deletecollection", NounForCollection(noun), kind, delete, status, [.. DeleteQueries, .. ListQueries.Where(query => query.Item1.EndsWith("Selector", StringComparison.Ordinal))]); break;
                case "get": yield return new(item, "get", "get", "read" + noun, kind, null, own, []); break;
                case "update": yield return new(item, "put", "put", "replace" + noun, kind, own, own, WriteQueries); break;
                case "patch": yield return new(item, "patch", "patch", "patch" + noun, kind, null, own, [.. WriteQueries, ("force", "boolean", "Takes fields over from other managers in an apply.")]); break;
                case "delete": yield return new(item, "delete", "delete", "delete" + noun, kind, delete, status, DeleteQueries); break;
            }
        }

        foreach (var operation in descriptor.Subresources.SelectMany(subresource => Below(descriptor, subresource, item, noun)))
        {
            yield return operation;
        }
    }

    private static IEnumerable<ApiOperation> Below(ResourceDescriptor descriptor, Subresource subresource, string item, string noun)
    {
        var path = $"{item}/{subresource.Name}";
        var kind = (subresource.Group ?? descriptor.Group, subresource.Version ?? descriptor.Version, subresource.Kind);
        var travels = Travelling(descriptor, subresource);
        var name = noun + char.ToUpperInvariant(subresource.Name[0]) + subresource.Name[1..];
        foreach (var verb in subresource.Verbs)
        {
            (string Method, string Prefix)? method = verb switch
            {
                "get" => ("get", travels is null ? "connectGet" : "read"),
                "create" => ("post", travels is null ? "connectPost" : "create"),
                "update" => ("put", travels is null ? "connectPut" : "replace"),
                "patch" => ("patch", travels is null ? "connectPatch" : "patch"),
                "delete" => ("delete", travels is null ? "connectDelete" : "delete"),
                _ => null,
            };
            if (method is { } found)
            {
                var body = found.Method is "post" or "put" ? travels : null;
                yield return new(path, found.Method, travels is null ? "connect" : found.Method, found.Prefix + name, kind, body, travels, found.Method == "get" || travels is null ? [] : WriteQueries);
            }
        }
    }

    /// <summary>The type that is sent to and comes from a subresource; null for logs and streams.</summary>
    private static ObjectSchema? Travelling(ResourceDescriptor descriptor, Subresource subresource) => subresource.Kind switch
    {
        "Scale" => ObjectSchema.Of(typeof(V1Scale)),
        "Binding" => ObjectSchema.Of(typeof(V1Binding)),
        "Eviction" => ObjectSchema.Of(typeof(V1Eviction)),
        "TokenRequest" => ObjectSchema.Of(typeof(Authenticationv1TokenRequest)),
        var kind when kind == descriptor.Kind && subresource.Name != "log" => ObjectSchema.Of(descriptor),
        _ => null,
    };

    private static string NounForCollection(string noun)
    {
        var version = noun.IndexOf("V1", StringComparison.Ordinal) + 2;
        return $"delete{noun[..version]}Collection{noun[version..]}";
    }

    /// <summary>As upstream forms it: <c>CoreV1Namespaced</c>, <c>DiscoveryV1Namespaced</c>.</summary>
    private static string NounOf(ResourceDescriptor descriptor, bool namespaced)
    {
        var group = descriptor.Group.Length == 0 ? "core" : descriptor.Group.Split('.')[0];
        return $"{Capital(group)}{Capital(descriptor.Version)}{(namespaced ? "Namespaced" : "")}";

        static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
    }
}
