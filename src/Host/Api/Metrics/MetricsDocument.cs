using ActorOrchestrator.Host.Api.Documents;
using ActorOrchestrator.Host.Api.Health;

namespace ActorOrchestrator.Host.Api.Metrics;

/// <summary><c>/metrics</c>.</summary>
internal sealed class MetricsDocument(IEnumerable<IMetricsSource> sources, IReadiness readiness) : IApiDocuments
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

        writer.Family("kubernetes_healthcheck", "gauge", "[STABLE] This metric records the result of all healthchecks.");
        foreach (var check in readiness.Check())
        {
            writer.Sample("kubernetes_healthcheck", $"name=\"{check.Name}\",type=\"readyz\"", check.Problem is null ? 1 : 0);
        }

        var body = writer.ToUtf8();
        context.Response.ContentType = MetricsWriter.ContentType;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.BodyWriter.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
