using Microsoft.AspNetCore.Http.Features;

namespace ActorOrchestrator.Host.Api;

/// <summary>The path as the client sent it.</summary>
internal static class SentPath
{
    /// <summary>
    /// A step <c>.</c> or <c>..</c>, encoded or not; null when there is none. The server takes such steps out before anybody sees the path, so that a DELETE of the
    /// object <c>..</c> of a collection would be one of the namespace around it.
    /// </summary>
    public static string? StepOf(HttpContext context)
    {
        var request = context.Request;
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;

        // What is taken out, and what is decoded, makes a path shorter.
        return target is null || target.Length == (request.Path.Value?.Length ?? 0) + (request.QueryString.Value?.Length ?? 0) ? null : StepOf(target);
    }

    /// <param name="target">As it stands in the request line.</param>
    internal static string? StepOf(string target)
    {
        var query = target.IndexOf('?', StringComparison.Ordinal);
        foreach (var step in (query < 0 ? target : target[..query]).Split('/'))
        {
            if (step.Length is > 0 and <= 6 && step.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) is "." or "..")
            {
                return step.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase);
            }
        }

        return null;
    }
}
