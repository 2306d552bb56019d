using ActorOrchestrator.Host.Api.Discovery;
using ActorOrchestrator.Host.Api.OpenApi;

namespace ActorOrchestrator.Host.Api.Documents;

/// <summary>Discovery, version and OpenAPI as rendered from the catalog, with revalidation by ETag.</summary>
internal sealed class CatalogDocuments(DiscoveryDocuments discovery, OpenApiDocuments openApi) : IApiDocuments
{
    public Task? Serve(HttpContext context, string path)
    {
        var plain = path.TrimEnd('/');
        var accept = context.Request.Headers.Accept.ToString();
        var document = plain.StartsWith("/openapi", StringComparison.Ordinal) ? openApi.Find(plain, accept) : discovery.Find(plain, accept);
        return document is null ? null : WriteAsync(context, document);
    }

    private static Task WriteAsync(HttpContext context, RenderedDocument document)
    {
        var response = context.Response;
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
}
