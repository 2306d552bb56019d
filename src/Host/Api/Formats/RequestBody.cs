using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema.Protobuf;
using ActorOrchestrator.Host.Api.Errors;
using Microsoft.AspNetCore.Http.Features;
using YamlDotNet.Core;

namespace ActorOrchestrator.Host.Api.Formats;

/// <summary>The body of a request: bounded, and a tree of JSON however it was written.</summary>
internal static class RequestBody
{
    public const string Accepted = "application/json, application/yaml, application/vnd.kubernetes.protobuf";
    private const string Protobuf = "application/vnd.kubernetes.protobuf";

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <exception cref="ApiException">413: larger than the limit.</exception>
    public static async ValueTask<byte[]> ReadAsync(HttpContext context, long limit)
    {
        // Our own limit answers with a Status; the server's would cut the connection.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = null;
        }

        if (context.Request.ContentLength > limit)
        {
            throw new ApiException(RequestStatuses.TooLarge(limit));
        }

        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            if (read.Buffer.Length > limit)
            {
                reader.AdvanceTo(read.Buffer.End);
                throw new ApiException(RequestStatuses.TooLarge(limit));
            }

            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Reads an object by the request's content type.</summary>
    /// <param name="contentType">As sent; JSON when absent.</param>
    /// <param name="body">The bytes.</param>
    /// <param name="duplicates">What is wrong with properties that come more than once.</param>
    /// <exception cref="ApiException">415 or 400.</exception>
    public static JsonObject ReadObject(string? contentType, byte[] body, out List<string>? duplicates)
    {
        if (body.Length == 0)
        {
            throw ApiException.BadRequest("the body of the request is empty; an object is expected");
        }

        if (MediaTypeOf(contentType) == Protobuf)
        {
            duplicates = null;
            return ReadProtobuf(body);
        }

        return Parse(SyntaxOf(contentType), body, out duplicates) as JsonObject
            ?? throw ApiException.BadRequest("couldn't get version/kind; json parse error: the body of the request is not an object");
    }

    public static JsonNode? Parse(Syntax syntax, byte[] body, out List<string>? duplicates)
    {
        try
        {
            return syntax == Syntax.Json ? JsonText.Read(body, out duplicates) : YamlText.Read(Strict.GetString(body), out duplicates);
        }
        catch (JsonException malformed)
        {
            throw ApiException.BadRequest($"couldn't get version/kind; json parse error: {malformed.Message}");
        }
        catch (YamlException malformed)
        {
            throw ApiException.BadRequest($"error converting YAML to JSON: yaml: line {malformed.Start.Line}: {malformed.Message}");
        }
        catch (ArgumentException malformed)
        {
            throw ApiException.BadRequest($"error converting YAML to JSON: yaml: {malformed.Message}");
        }
    }

    public static string MediaTypeOf(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType))
        {
            return "application/json";
        }

        var end = contentType.IndexOf(';');
        return (end < 0 ? contentType : contentType[..end]).Trim().ToLowerInvariant();
    }

    private static JsonObject ReadProtobuf(byte[] body)
    {
        try
        {
            return ProtobufDecoder.Decode(body, ProtobufText.ModelOf);
        }
        catch (InvalidDataException malformed)
        {
            throw ApiException.BadRequest(malformed.Message);
        }
    }

    private static Syntax SyntaxOf(string? contentType) => MediaTypeOf(contentType) switch
    {
        "application/json" => Syntax.Json,
        "application/yaml" or "application/x-yaml" or "text/yaml" => Syntax.Yaml,
        _ => throw new ApiException(RequestStatuses.UnsupportedMediaType(Accepted)),
    };
}

internal enum Syntax
{
    Json,
    Yaml,
}
