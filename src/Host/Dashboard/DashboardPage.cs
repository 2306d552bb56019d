namespace ActorOrchestrator.Host.Dashboard;

/// <summary>Where the dashboard will be. It says so, and what serves meanwhile.</summary>
public static class DashboardPage
{
    public const string Path = "/dashboard";

    private const string Html = """
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <title>ActorOrchestrator</title>
          <style>
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; color: #1b1f24; }
            code { background: #f0f2f4; padding: .1em .3em; border-radius: 3px; }
          </style>
        </head>
        <body>
          <h1>ActorOrchestrator</h1>
          <p>The orchestrator is up. The live dashboard will be on this page; it is not built yet.</p>
          <p>Until then: <code>kubectl get all --all-namespaces</code>, or <code>./pbm actor hierarchy</code> on the host.</p>
        </body>
        </html>
        """;

    public static Task ServeAsync(HttpContext context)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(Html, context.RequestAborted);
    }
}
