using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;

namespace ActorOrchestrator.Host.Api.Resources;

/// <summary>Writes one object in the form that the client takes. Stored bytes go out as they are.</summary>
internal sealed class ObjectResponse(IObjectTables tables)
{
    /// <param name="context">The request.</param>
    /// <param name="descriptor">The view that the client asked for.</param>
    /// <param name="obj">As it is stored.</param>
    /// <param name="format">The form.</param>
    /// <param name="code">Of success.</param>
    public Task WriteAsync(HttpContext context, ResourceDescriptor descriptor, StoredObject obj, ResponseFormat format, int code = 200) =>
        descriptor.ServedAsStored ? WriteServedAsync(context, descriptor, obj, format, code) : ConvertAndWriteAsync(context, descriptor, obj, format, code);

    private async Task ConvertAndWriteAsync(HttpContext context, ResourceDescriptor descriptor, StoredObject obj, ResponseFormat format, int code)
    {
        var served = await ServedView.OfAsync(descriptor, obj, context.RequestAborted).ConfigureAwait(false);
        await WriteServedAsync(context, descriptor, served, format, code).ConfigureAwait(false);
    }

    private Task WriteServedAsync(HttpContext context, ResourceDescriptor descriptor, StoredObject obj, ResponseFormat format, int code)
    {
        var bytes = format.Shape switch
        {
            ResponseShape.Table => tables.Render(descriptor, new TablePage([obj], obj.Revision, "", null), format.MetaVersion, TableObjects(context), headings: true),
            ResponseShape.Metadata => MetadataView.Write(obj, format.MetaVersion),
            _ => obj.Utf8,
        };
        return WriteBytesAsync(context, bytes, format, code);
    }

    /// <summary>Any object, given as JSON.</summary>
    public static Task WriteBytesAsync(HttpContext context, ReadOnlyMemory<byte> json, ResponseFormat format, int code = 200)
    {
        if (format is { Syntax: ResponseSyntax.Json, Pretty: false })
        {
            return WriteEncodedAsync(context, json, format.ContentType, code);
        }

        var (bytes, contentType) = Encode(json, format);
        return WriteEncodedAsync(context, bytes, contentType, code);
    }

    /// <summary>Bytes that are in the client's form already.</summary>
    public static Task WriteEncodedAsync(HttpContext context, ReadOnlyMemory<byte> bytes, string contentType, int code = 200)
    {
        var response = context.Response;
        response.StatusCode = code;
        response.ContentType = contentType;
        response.ContentLength = bytes.Length;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return Task.CompletedTask;
        }

        var write = response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
        return write.IsCompletedSuccessfully ? Task.CompletedTask : write.AsTask();
    }

    /// <summary>A large answer, compressed for those who take it.</summary>
    public static async Task WriteLargeAsync(HttpContext context, ReadOnlyMemory<byte> bytes, string contentType, int compressFrom)
    {
        if (bytes.Length < compressFrom || !TakesGzip(context.Request) || HttpMethods.IsHead(context.Request.Method))
        {
            await WriteEncodedAsync(context, bytes, contentType).ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = contentType;
        BeginGzip(context.Response);
        await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await gzip.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    public static bool TakesGzip(HttpRequest request)
    {
        foreach (var encodings in request.Headers.AcceptEncoding)
        {
            foreach (var range in encodings.AsSpan().Split(','))
            {
                var name = encodings.AsSpan()[range];
                var end = name.IndexOf(';');
                if ((end < 0 ? name : name[..end]).Trim().SequenceEqual("gzip"))
                {
                    return true;
                }
            }
        }

        return false;
    }

    public static void BeginGzip(HttpResponse response)
    {
        response.Headers.ContentEncoding = "gzip";
        response.Headers.Vary = "Accept-Encoding";
    }

    /// <summary>How much of the object goes along in a row: <c>includeObject=None|Metadata|Object</c>.</summary>
    /// <exception cref="ApiException">400: another word.</exception>
    public static string TableObjects(HttpContext context) => (context.Request.QueryString.HasValue ? context.Request.Query["includeObject"].ToString() : "") switch
    {
        "" => "Metadata",
        ("None" or "Metadata" or "Object") and var known => known,
        var other => throw ApiException.BadRequest(
            $"Unable to convert to Table as requested: includeObject: Invalid value: \"{other}\": must be 'Metadata', 'Object', 'None', or empty"),
    };

    /// <summary>A kind without a form in protobuf goes out as JSON, which is what its clients then read.</summary>
    private static (ReadOnlyMemory<byte> Bytes, string ContentType) Encode(ReadOnlyMemory<byte> json, ResponseFormat format) => format.Syntax switch
    {
        ResponseSyntax.Yaml => (Encoding.UTF8.GetBytes(YamlText.Write(JsonNode.Parse(json.Span))), format.ContentType),
        ResponseSyntax.Protobuf => ProtobufText.Write(json.Span) is { } bytes ? (bytes, format.ContentType) : (json, ResponseFormat.Json.ContentType),
        _ => (PrettyText.Write(json.Span), format.ContentType),
    };
}
