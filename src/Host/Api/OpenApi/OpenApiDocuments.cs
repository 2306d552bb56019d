using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Host.Api.Documents;
using ActorOrchestrator.Host.Api.Formats;

namespace ActorOrchestrator.Host.Api.OpenApi;

/// <summary>
/// The OpenAPI documents of a catalog: <c>/openapi/v2</c> as JSON or protobuf, <c>/openapi/v3</c> and what it points to. Nothing is built before it is
/// asked for, and then once.
/// </summary>
public sealed class OpenApiDocuments
{
    /// <summary>What is answered. The media type that older clients ask for has an @, which no Content-Type may have: they refuse its echo.</summary>
    public const string ProtobufV2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private const string AskedByOlderClients = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    private const string V3Prefix = "/openapi/v3/";

    private readonly Lazy<JsonObject> _v2;
    private readonly Lazy<RenderedDocument> _v2Json;
    private readonly Lazy<RenderedDocument> _v2Protobuf;
    private readonly FrozenDictionary<string, Lazy<RenderedDocument>> _v3;
    private readonly Lazy<RenderedDocument> _v3Index;

    public OpenApiDocuments(ResourceCatalog catalog)
    {
        _v2 = new Lazy<JsonObject>(() => OpenApiV2.Build(catalog));
        _v2Json = new Lazy<RenderedDocument>(() => Json(_v2.Value));
        _v2Protobuf = new Lazy<RenderedDocument>(() => RenderedDocument.Of(GnosticV2.Write(_v2.Value), ProtobufV2));
        var descriptions = new Lazy<ModelDescriptions>(ModelDescriptions.Load);
        _v3 = catalog.GroupVersions.ToFrozenDictionary(
            pair => pair.Group.Length == 0 ? $"api/{pair.Version}" : $"apis/{pair.Group}/{pair.Version}",
            pair => new Lazy<RenderedDocument>(() => Json(OpenApiV3.Build(catalog, pair.Group, pair.Version, descriptions.Value))));
        _v3Index = new Lazy<RenderedDocument>(Index);
    }

    /// <summary>The document at a path, in the form that the Accept header prefers.</summary>
    /// <returns>Null when there is none: 404.</returns>
    public RenderedDocument? Find(string path, string? accept)
    {
        if (path == "/openapi/v2")
        {
            return WantsProtobuf(accept) ? _v2Protobuf.Value : _v2Json.Value;
        }

        if (path == "/openapi/v3")
        {
            return _v3Index.Value;
        }

        return path.StartsWith(V3Prefix, StringComparison.Ordinal) && _v3.TryGetValue(path[V3Prefix.Length..], out var document) ? document.Value : null;
    }

    /// <summary>Whether documents at a path may be asked for by their hash.</summary>
    internal static bool IsHashed(string path) => path.StartsWith(V3Prefix, StringComparison.Ordinal);

    /// <summary>The media types that a schema has, when none of them is one that the client takes; null when one is, and for other documents.</summary>
    internal static string? Refuses(string path, string accept)
    {
        if (accept.Length == 0 || !path.StartsWith("/openapi/", StringComparison.Ordinal) || ResponseFormat.Find(accept, protobuf: false) is not null || accept.Contains("application/json", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        const string Text = "application/json, application/yaml";
        return path != "/openapi/v2" ? Text : WantsProtobuf(accept) ? null : $"{Text}, {ProtobufV2}";
    }

    /// <summary>Whether the second version of the document is asked for as protobuf.</summary>
    internal static bool WantsProtobuf(string? accept) => accept is not null
        && (accept.Contains(ProtobufV2, StringComparison.OrdinalIgnoreCase) || accept.Contains(AskedByOlderClients, StringComparison.OrdinalIgnoreCase));

    /// <summary>Where each group's document is. The hash in the URL lets clients cache a document for ever.</summary>
    private RenderedDocument Index() => RenderedDocument.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("paths");
        foreach (var (path, document) in _v3.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            writer.WriteStartObject(path);
            writer.WriteString("serverRelativeURL", $"{V3Prefix}{path}?hash={document.Value.Hash}");
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    private static RenderedDocument Json(JsonObject document) => RenderedDocument.Write(writer => document.WriteTo(writer, JsonSerializerOptions.Default));
}
