using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActorOrchestrator.Host.Api.Formats;

/// <summary>JSON with line breaks, for people and their tools: <c>?pretty=true</c>, curl, wget and browsers.</summary>
internal static class PrettyText
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n", SkipValidation = true };

    public static bool IsAsked(HttpRequest request)
    {
        if (request.QueryString.HasValue && request.Query.TryGetValue("pretty", out var asked) && asked.ToString() is { Length: > 0 } text)
        {
            return text is "1" or "t" or "T" or "true" or "TRUE" or "True";
        }

        var agent = request.Headers.UserAgent;
        return agent.Count == 1 && agent[0] is { } name
            && (name.StartsWith("curl", StringComparison.Ordinal) || name.StartsWith("Wget", StringComparison.Ordinal) || name.StartsWith("Mozilla/5.0", StringComparison.Ordinal));
    }

    public static ReadOnlyMemory<byte> Write(ReadOnlySpan<byte> json)
    {
        var buffer = new ArrayBufferWriter<byte>(json.Length * 2);
        using var document = JsonDocument.Parse(json.ToArray());
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            document.RootElement.WriteTo(writer);
        }

        return buffer.WrittenMemory;
    }
}
