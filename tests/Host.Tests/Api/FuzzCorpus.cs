using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>One request of the corpus.</summary>
internal sealed record FuzzCorpusEntry(string Method, string Target, string Accept, string ContentType, byte[] Body)
{
    public HttpRequestMessage ToRequest(Uri root)
    {
        var request = new HttpRequestMessage(
            new HttpMethod(Method), new Uri(root.GetLeftPart(UriPartial.Authority) + Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (Accept.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("Accept", Accept);
        }

        if (Body.Length > 0)
        {
            request.Content = new ByteArrayContent(Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
        }

        return request;
    }
}

/// <summary>
/// Requests that were interesting once, a JSON object a line: one for each kind of answer that the suite has met, and those that broke something. A body that is no
/// text is kept as base64.
/// </summary>
internal static partial class FuzzCorpus
{
    private const int LargestBody = 900;
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<FuzzCorpusEntry> Entries
    {
        get
        {
            using var reader = new StreamReader(typeof(FuzzCorpus).Assembly.GetManifestResourceStream("fuzz-corpus.jsonl")!);
            while (reader.ReadLine() is { } line)
            {
                var entry = JsonNode.Parse(line)!;
                var body = (string?)entry["base64"] is { } bytes ? Convert.FromBase64String(bytes) : Encoding.UTF8.GetBytes((string?)entry["body"] ?? "");
                yield return new FuzzCorpusEntry((string)entry["method"]!, (string)entry["target"]!, (string?)entry["accept"] ?? "", (string?)entry["type"] ?? "", body);
            }
        }
    }

    /// <summary>Null for one that is too large to be kept.</summary>
    public static string? TryWrite(HttpRequestMessage request, byte[] body)
    {
        var root = request.RequestUri!.GetLeftPart(UriPartial.Authority);
        var entry = new JsonObject { ["method"] = request.Method.Method, ["target"] = request.RequestUri.OriginalString[root.Length..] };
        if (request.Headers.NonValidated.TryGetValues("Accept", out var accept))
        {
            entry["accept"] = accept.ToString();
        }

        if (body.Length > 0)
        {
            entry["type"] = request.Content!.Headers.NonValidated.TryGetValues("Content-Type", out var type) ? type.ToString() : "";
            var text = Encoding.UTF8.GetString(body);
            var (name, kept) = Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(body) ? ("body", text) : ("base64", Convert.ToBase64String(body));
            entry[name] = kept;
        }

        return body.Length > LargestBody || entry["target"]!.ToString().Length > LargestBody ? null : entry.ToJsonString(Relaxed);
    }

    /// <summary>Answers that differ in names and numbers alone are of one kind: the first of the words that are no particulars tell it.</summary>
    public static string KindOf(int code, string message) =>
        $"{code} {string.Join(' ', Words().Matches(Particulars().Replace(message, " ")).Take(7).Select(word => word.Value))}";

    [GeneratedRegex("""(?s)"([^"\\]|\\.)*"?|'[^']*'?|\S*[0-9./=<>%\\_\[\]{}@$^*]\S*""")]
    private static partial Regex Particulars();

    [GeneratedRegex("[a-zA-Z]{2,}")]
    private static partial Regex Words();
}
