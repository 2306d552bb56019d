using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Documents;

namespace ActorOrchestrator.Host.Api.OpenApi;

/// <summary>Serves <see cref="OpenApiDocuments"/>. A URL with the right hash may be kept for ever; one with a stale hash is sent to the right one.</summary>
public sealed class OpenApiSource(ResourceCatalog catalog) : IApiDocuments
{
    private readonly OpenApiDocuments _documents = new(catalog);

    public Task? Serve(HttpContext context, string path)
    {
        if (!path.StartsWith("/openapi", StringComparison.Ordinal) || _documents.Find(path.TrimEnd('/'), context.Request.Headers.Accept.ToString()) is not { } document)
        {
            return null;
        }

        var hash = context.Request.Query["hash"].ToString();
        if (hash.Length > 0 && hash != document.Hash)
        {
            context.Response.Redirect($"{path}?hash={document.Hash}");
            return Task.CompletedTask;
        }

        return RenderedResponse.WriteAsync(context, document, forEver: hash.Length > 0);
    }
}
