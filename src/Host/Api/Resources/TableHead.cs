using System.Text.Json;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Host.Api.Formats;

namespace ActorOrchestrator.Host.Api.Resources;

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
            writer.WriteString("description", ColumnDescriptions.Of(column));
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
