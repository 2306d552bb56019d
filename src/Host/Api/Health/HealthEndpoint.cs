using System.Text;

namespace ActorOrchestrator.Host.Api.Health;

/// <summary>
/// <c>/livez</c>, <c>/readyz</c> and the older <c>/healthz</c>, with <c>?verbose</c>, <c>?exclude=</c> and a path per check. They are public, so that a failed
/// check is named and its reason is told only by the path of that check and by the log.
/// </summary>
internal sealed partial class HealthEndpoint(IReadiness readiness, ILogger<HealthEndpoint> logger)
{
    public Task ServeAsync(HttpContext context, string path)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            return WriteAsync(context, 405, "method not allowed\n");
        }

        var slash = path.IndexOf('/', 1);
        var endpoint = (slash < 0 ? path : path[..slash])[1..];
        var single = slash < 0 ? "" : path[(slash + 1)..].TrimEnd('/');

        // A process that answers is alive; only readiness depends on more.
        IReadOnlyList<ReadinessCheck> checks = endpoint == "livez" ? [new ReadinessCheck("ping", null)] : [.. readiness.Check().Prepend(new ReadinessCheck("ping", null)).DistinctBy(check => check.Name)];
        return single.Length == 0 ? ServeAllAsync(context, endpoint, checks) : ServeOneAsync(context, checks.Where(check => check.Name == single).ToArray());
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
