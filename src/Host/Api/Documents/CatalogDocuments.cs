using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Discovery;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.OpenApi;

namespace ActorOrchestrator.Host.Api.Documents;

/// <summary>Discovery, version and OpenAPI as rendered from the catalog, with revalidation by ETag.</summary>
internal sealed class CatalogDocuments(ICatalogSource catalog, ApiSettings settings, TimeProvider time) : IApiDocuments
{
    private volatile Rendering? _rendering;

    public Task? Serve(HttpContext context, string path)
    {
        var plain = path.TrimEnd('/');
        var accept = context.Request.Headers.Accept.ToString();
        if (Find(plain, accept) is not { } document)
        {
            return null;
        }

        return OpenApiDocuments.Refuses(plain, accept) is { } accepted ? StatusWriter.WriteAsync(context, RequestStatuses.NotAcceptable(accepted))
            : OpenApiDocuments.IsHashed(plain) && context.Request.Query["hash"].ToString() is { Length: > 0 } hash ? ServeHashedAsync(context, plain, document, hash)
            : WriteAsync(context, document);
    }

    /// <summary>The hash makes the URL that of one document for ever, so that a client never asks for it again; one of an older document leads to the newest.</summary>
    private Task ServeHashedAsync(HttpContext context, string path, RenderedDocument document, string hash)
    {
        if (hash != document.Hash)
        {
            context.Response.Redirect($"{path}?hash={document.Hash}", permanent: true);
            return Task.CompletedTask;
        }

        context.Response.Headers.CacheControl = "public, immutable";
        context.Response.Headers.Expires = time.GetUtcNow().AddYears(1).ToString("R", CultureInfo.InvariantCulture);
        return WriteAsync(context, document);
    }

    /// <summary>A document of the kinds that are served here; null when there is none at the path.</summary>
    internal RenderedDocument? Find(string path, string accept)
    {
        var rendering = Current();
        return path.StartsWith("/openapi", StringComparison.Ordinal) ? rendering.OpenApi.Find(path, accept) : rendering.Discovery.Find(path, accept);
    }

    /// <summary>Rendered anew when kinds have come or gone; documents are made when they are first asked for.</summary>
    private Rendering Current()
    {
        var kinds = catalog.Current;
        var rendering = _rendering;
        if (rendering is null || !ReferenceEquals(rendering.Kinds, kinds))
        {
            rendering = new Rendering(kinds, new DiscoveryDocuments(kinds, settings.ServerAddress), new OpenApiDocuments(kinds));
            _rendering = rendering;
        }

        return rendering;
    }

    internal static Task WriteAsync(HttpContext context, RenderedDocument document)
    {
        var response = context.Response;
        var accept = context.Request.Headers.Accept.ToString();
        if (document.ContentType == RenderedDocument.Json && accept.Contains("yaml", StringComparison.Ordinal) && ResponseFormat.Find(accept, protobuf: false) is { Yaml: true })
        {
            document = RenderedDocument.Of(Encoding.UTF8.GetBytes(YamlText.Write(JsonNode.Parse(document.Body))), "application/yaml");
        }

        response.Headers.ETag = document.ETag;
        response.Headers.Vary = "Accept";
        if (document.Matches(context.Request.Headers.IfNoneMatch))
        {
            response.StatusCode = 304;
            return Task.CompletedTask;
        }

        response.ContentType = document.ContentType;
        response.ContentLength = document.Body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.BodyWriter.WriteAsync(document.Body, context.RequestAborted).AsTask();
    }

    private sealed record Rendering(ResourceCatalog Kinds, DiscoveryDocuments Discovery, OpenApiDocuments OpenApi);
}
