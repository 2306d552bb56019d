using System.Buffers;
using System.IO.Hashing;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActorOrchestrator.Host.Api.Documents;

/// <summary>A document that does not change while the process lives: rendered once, served many times, revalidated by its tag.</summary>
/// <param name="Body">UTF-8 JSON or protobuf.</param>
/// <param name="ContentType">With the parameters that clients look for.</param>
/// <param name="Hash">Of the body, as hexadecimal digits; part of OpenAPI's URLs.</param>
public sealed record RenderedDocument(byte[] Body, string ContentType, string Hash)
{
    public const string Json = "application/json";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The strong validator, in quotes as the header wants it.</summary>
    public string ETag { get; } = $"\"{Hash}\"";

    /// <summary>Whether an <c>If-None-Match</c> header names this document.</summary>
    public bool Matches(string? ifNoneMatch) => !string.IsNullOrEmpty(ifNoneMatch)
        && ifNoneMatch.Split(',', StringSplitOptions.TrimEntries).Any(tag => tag == "*" || tag == ETag || tag == "W/" + ETag);

    public static RenderedDocument Of(byte[] body, string contentType) =>
        new(body, contentType, Convert.ToHexString(XxHash128.Hash(body)));

    public static RenderedDocument Write(Action<Utf8JsonWriter> content, string contentType = Json)
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            content(writer);
        }

        return Of(buffer.WrittenSpan.ToArray(), contentType);
    }
}
