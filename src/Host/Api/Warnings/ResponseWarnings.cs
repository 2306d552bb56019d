using ActorOrchestrator.Actors.Resources.Admission;

namespace ActorOrchestrator.Host.Api.Warnings;

/// <summary>The <c>Warning</c> headers of an answer (RFC 7234, code 299), as kubectl shows them. The same text is said once; the sum is bounded.</summary>
internal static class ResponseWarnings
{
    private const int MaxLength = 4096;
    private const int MaxCount = 64;

    public static void Add(HttpContext http, string warning)
    {
        var text = new string([.. warning.Take(MaxLength).Select(c => c is >= ' ' and < '\x7f' ? c : '?')]);
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        var header = $"299 - \"{escaped}\"";
        var said = http.Response.Headers.Warning;
        if (said.Count < MaxCount && !said.Contains(header))
        {
            http.Response.Headers.Append("Warning", header);
        }
    }
}

/// <summary>Brings admission's warnings to the client at once, and keeps its annotations with the request for the audit log.</summary>
internal sealed class RequestAdmissionObserver(HttpContext http) : IAdmissionObserver
{
    /// <summary>The key of the annotations among the request's items: a <c>Dictionary&lt;string, (string Value, AnnotationLevel Level)></c>.</summary>
    public static readonly object AnnotationsKey = new();

    private readonly Lock _gate = new();

    public void Warn(string text)
    {
        lock (_gate)
        {
            ResponseWarnings.Add(http, text);
        }
    }

    public void Annotate(string key, string value, AnnotationLevel level)
    {
        lock (_gate)
        {
            if (http.Items[AnnotationsKey] is not Dictionary<string, (string Value, AnnotationLevel Level)> annotations)
            {
                http.Items[AnnotationsKey] = annotations = new Dictionary<string, (string Value, AnnotationLevel Level)>(StringComparer.Ordinal);
            }

            annotations.TryAdd(key, (value, level));
        }
    }
}
