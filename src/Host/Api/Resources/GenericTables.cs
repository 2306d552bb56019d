using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Formats;

namespace ActorOrchestrator.Host.Api.Resources;

/// <summary>The table of kinds that have no columns of their own: name and creation time, as upstream's default convertor has it.</summary>
public sealed class GenericTables : IObjectTables
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public ReadOnlyMemory<byte> Render(ResourceDescriptor descriptor, TablePage page, string version, string includeObject, bool headings)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(buffer, Options);
        writer.WriteStartObject();
        writer.WriteString("kind", "Table");
        writer.WriteString("apiVersion", "meta.k8s.io/" + version);
        TableHead.Write(writer, page, headings ? ResourceDescriptor.GenericColumns : []);
        writer.WriteStartArray("rows");
        foreach (var obj in page.Objects)
        {
            writer.WriteStartObject();
            writer.WriteStartArray("cells");
            writer.WriteStringValue(obj.Key.Name);
            writer.WriteStringValue(JsonNodes.Time(obj.Metadata.CreationTimestamp ?? DateTimeOffset.UnixEpoch));
            writer.WriteEndArray();
            TableHead.WriteObject(writer, obj, includeObject, version);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}

/// <summary>The parts of a Table that are the same for every kind.</summary>
internal static class TableHead
{
    public static void Write(Utf8JsonWriter writer, TablePage page, IReadOnlyCollection<PrinterColumn> columns)
    {
        writer.WriteStartObject("metadata");
        writer.WriteString("resourceVersion", page.Revision.ToString());
        if (page.Continue.Length > 0)
        {
            writer.WriteString("continue", page.Continue);
        }

        if (page.Remaining is { } remaining)
        {
            writer.WriteNumber("remainingItemCount", remaining);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("columnDefinitions");
        foreach (var column in columns)
        {
            writer.WriteStartObject();
            writer.WriteString("name", column.Name);
            writer.WriteString("type", column.Type);
            writer.WriteString("format", column.Format);
            writer.WriteString("description", column.Description);
            writer.WriteNumber("priority", column.Priority);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>The object of a row: nothing, its metadata, or all of it.</summary>
    public static void WriteObject(Utf8JsonWriter writer, StoredObject obj, string includeObject, string version)
    {
        switch (includeObject)
        {
            case "None":
                break;
            case "Object":
                writer.WritePropertyName("object");
                writer.WriteRawValue(obj.Utf8.Span, skipInputValidation: true);
                break;
            default:
                writer.WritePropertyName("object");
                writer.WriteRawValue(MetadataView.Write(obj, version), skipInputValidation: true);
                break;
        }
    }
}
