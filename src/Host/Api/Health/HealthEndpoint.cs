using System.Text;

namespace ActorOrchestrator.Host.Api.Health;

/// <summary><c>/livez</c>, <c>/readyz</c> and the older <c>/healthz</c>, with <c>?verbose</c>, <c>?exclude=</c> and a path per check.</summary>
internal sealed class HealthEndpoint(IReadiness readiness)
{
    public Task ServeAsync(HttpContext context, string path)
    {
        var slash = path.IndexOf('/', 1);
        var endpoint = (slash < 0 ? path : path[..slash])[1..];
        var single = slash < 0 ? "" : path[(slash + 1)..];

        // A process that answers is alive; only readiness depends on more.
        IReadOnlyList<ReadinessCheck> checks = endpoint == "livez" ? [new ReadinessCheck("ping", null)] : [new ReadinessCheck("ping", null), .. readiness.Check()];
        if (single.Length > 0)
        {
            checks = [.. checks.Where(check => check.Name == single)];
            if (checks.Count == 0)
            {
                return WriteAsync(context, 404, "404 page not found\n");
            }
        }

        var excluded = context.Request.Query["exclude"];
        checks = [.. checks.Where(check => !excluded.Contains(check.Name))];
        var healthy = checks.All(check => check.Problem is null);
        if (healthy && !context.Request.Query.ContainsKey("verbose"))
        {
            return WriteAsync(context, 200, "ok");
        }

        var text = new StringBuilder();
        foreach (var check in checks)
        {
            text.Append(check.Problem is null ? $"[+]{check.Name} ok\n" : $"[-]{check.Name} failed: {check.Problem}\n");
        }

        text.Append(endpoint).Append(healthy ? " check passed\n" : " check failed\n");
        return WriteAsync(context, healthy ? 200 : 500, text.ToString());
    }

    private static Task WriteAsync(HttpContext context, int code, string text)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
