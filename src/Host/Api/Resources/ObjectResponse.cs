using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Formats;

namespace ActorOrchestrator.Host.Api.Resources;

/// <summary>Writes one object in the form that the client takes. Stored bytes go out as they are.</summary>
internal sealed class ObjectResponse(IObjectTables tables)
{
    public Task WriteAsync(HttpContext context, ResourceDescriptor descriptor, StoredObject obj, ResponseFormat format, int code = 200)
    {
        var bytes = format.Shape switch
        {
            ResponseShape.Table => tables.Render(descriptor, new TablePage([obj], obj.Revision, "", null), format.MetaVersion, TableObjects(context), headings: true),
            ResponseShape.Metadata => MetadataView.Write(obj, format.MetaVersion),
            _ => obj.Utf8,
        };
        return WriteBytesAsync(context, bytes, format, code);
    }

    public static Task WriteBytesAsync(HttpContext context, ReadOnlyMemory<byte> json, ResponseFormat format, int code = 200)
    {
        var bytes = format.Yaml ? Encoding.UTF8.GetBytes(YamlText.Write(JsonNode.Parse(json.Span))) : json;
        var response = context.Response;
        response.StatusCode = code;
        response.ContentType = format.ContentType;
        response.ContentLength = bytes.Length;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return Task.CompletedTask;
        }

        var write = response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
        return write.IsCompletedSuccessfully ? Task.CompletedTask : write.AsTask();
    }

    /// <summary>How much of the object goes along in a row: <c>includeObject=None|Metadata|Object</c>.</summary>
    public static string TableObjects(HttpContext context) =>
        context.Request.QueryString.HasValue && context.Request.Query["includeObject"].ToString() is { Length: > 0 } include ? include : "Metadata";
}
