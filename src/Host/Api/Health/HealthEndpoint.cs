using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using ActorOrchestrator.Host.Api.Metrics;

namespace ActorOrchestrator.Host.Api.Health;

/// <summary>
/// <c>/livez</c>, <c>/readyz</c> and the older <c>/healthz</c>, with <c>?verbose</c>, <c>?exclude=</c> and a path per check. They are public, so that a failed
/// check is named and its reason is told only by the path of that check and by the log.
/// </summary>
internal sealed partial class HealthEndpoint(IReadiness readiness, ILogger<HealthEndpoint> logger) : IMetricsSource
{
    private static readonly string[] Endpoints = ["healthz", "livez", "readyz"];
    private readonly ConcurrentDictionary<(string Name, string Endpoint, bool Failed), StrongBox<long>> _counts = new();

    public Task ServeAsync(HttpContext context, string path)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            return WriteAsync(context, 405, "method not allowed\n");
        }

        var slash = path.IndexOf('/', 1);
        var endpoint = (slash < 0 ? path : path[..slash])[1..];
        var single = slash < 0 ? "" : path[(slash + 1)..].TrimEnd('/');

        var checks = Checks(endpoint).Where(check => single.Length == 0 || check.Name == single).ToArray();
        foreach (var check in checks)
        {
            Interlocked.Increment(ref _counts.GetOrAdd((check.Name, endpoint, check.Problem is not null), static _ => new StrongBox<long>()).Value);
        }

        return single.Length == 0 ? ServeAllAsync(context, endpoint, checks) : ServeOneAsync(context, checks);
    }

    public void Write(MetricsWriter writer)
    {
        writer.Family("kubernetes_healthcheck", "gauge", "[STABLE] This metric records the result of a single healthcheck.");
        foreach (var endpoint in Endpoints)
        {
            foreach (var check in Checks(endpoint))
            {
                writer.Sample("kubernetes_healthcheck", $"name=\"{check.Name}\",type=\"{endpoint}\"", check.Problem is null ? 1 : 0);
            }
        }

        writer.Family("kubernetes_healthchecks_total", "counter", "[STABLE] This metric records the results of all healthcheck.");
        foreach (var (of, count) in _counts.OrderBy(pair => pair.Key.Endpoint, StringComparer.Ordinal).ThenBy(pair => pair.Key.Name, StringComparer.Ordinal))
        {
            writer.Sample("kubernetes_healthchecks_total", $"name=\"{of.Name}\",status=\"{(of.Failed ? "error" : "success")}\",type=\"{of.Endpoint}\"", Volatile.Read(ref count.Value));
        }
    }

    /// <summary>A process that answers is alive; only readiness depends on more.</summary>
    private IEnumerable<ReadinessCheck> Checks(string endpoint)
    {
        var ping = new ReadinessCheck("ping", null);
        return endpoint == "livez" ? [ping] : readiness.Check().Prepend(ping).DistinctBy(check => check.Name);
    }

    private static Task ServeOneAsync(HttpContext context, ReadinessCheck[] check) => check switch
    {
        [] => WriteAsync(context, 404, "404 page not found\n"),
        [{ Problem: { } problem }] => WriteAsync(context, 500, $"internal server error: {problem}\n"),
        _ => WriteAsync(context, 200, "ok"),
    };

    private Task ServeAllAsync(HttpContext context, string endpoint, IReadOnlyList<ReadinessCheck> checks)
    {
        var excluded = context.Request.Query["exclude"].OfType<string>().ToHashSet(StringComparer.Ordinal);
        var text = new StringBuilder();
        var failed = false;
        foreach (var check in checks)
        {
            if (excluded.Remove(check.Name))
            {
                text.Append($"[+]{check.Name} excluded: ok\n");
            }
            else if (check.Problem is { } problem)
            {
                failed = true;
                text.Append($"[-]{check.Name} failed: reason withheld\n");
                LogFailed(logger, endpoint, check.Name, problem);
            }
            else
            {
                text.Append($"[+]{check.Name} ok\n");
            }
        }

        if (excluded.Count > 0)
        {
            text.Append("warn: some health checks cannot be excluded: no matches for ").AppendJoin(',', excluded.Order(StringComparer.Ordinal).Select(name => $"\"{name}\"")).Append('\n');
        }

        if (!failed && !context.Request.Query.ContainsKey("verbose"))
        {
            return WriteAsync(context, 200, "ok");
        }

        return WriteAsync(context, failed ? 500 : 200, text.Append(endpoint).Append(failed ? " check failed\n" : " check passed\n").ToString());
    }

    private static Task WriteAsync(HttpContext context, int code, string text)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(text, context.RequestAborted);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Endpoint}: {Check} failed: {Problem}")]
    private static partial void LogFailed(ILogger logger, string endpoint, string check, string problem);
}
