using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Documents;

namespace ActorOrchestrator.Host.Api.Discovery;

/// <summary>Serves <see cref="DiscoveryDocuments"/>.</summary>
public sealed class DiscoverySource(ResourceCatalog catalog) : IApiDocuments
{
    private readonly DiscoveryDocuments _documents = new(catalog);

    public Task? Serve(HttpContext context, string path)
    {
        var trimmed = path.Length > 1 ? path.TrimEnd('/') : path;
        var document = _documents.Find(trimmed, context.Request.Headers.Accept.ToString(), context.Request.Host.Value ?? "");
        return document is null ? null : RenderedResponse.WriteAsync(context, document);
    }
}
