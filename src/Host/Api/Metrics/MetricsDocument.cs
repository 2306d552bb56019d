using ActorOrchestrator.Host.Api.Documents;

namespace ActorOrchestrator.Host.Api.Metrics;

/// <summary><c>/metrics</c>.</summary>
internal sealed class MetricsDocument(IEnumerable<IMetricsSource> sources) : IApiDocuments
{
    public const string Path = "/metrics";

    private readonly IMetricsSource[] _sources = [.. sources];

    public Task? Serve(HttpContext context, string path)
    {
        if (path.TrimEnd('/') != Path)
        {
            return null;
        }

        var writer = new MetricsWriter();
        foreach (var source in _sources)
        {
            source.Write(writer);
        }

        var body = writer.ToUtf8();
        context.Response.ContentType = MetricsWriter.ContentType;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.BodyWriter.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
