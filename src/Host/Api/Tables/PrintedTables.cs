using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Resources;

namespace ActorOrchestrator.Host.Api.Tables;

/// <summary>Tables with each kind's own columns and upstream's cells.</summary>
public sealed class PrintedTables(TimeProvider time) : IObjectTables
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public ReadOnlyMemory<byte> Render(ResourceDescriptor descriptor, TablePage page, string version, string includeObject, bool headings)
    {
        var now = time.GetUtcNow();
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(buffer, Options);
        writer.WriteStartObject();
        writer.WriteString("kind", "Table");
        writer.WriteString("apiVersion", "meta.k8s.io/" + version);
        TableHead.Write(writer, page, headings ? descriptor.Columns : []);
        writer.WriteStartArray("rows");
        foreach (var obj in TableRows.Ordered(descriptor, page.Objects))
        {
            writer.WriteStartObject();
            TableRows.Write(writer, TableRows.Of(descriptor, obj, now));
            TableHead.WriteObject(writer, obj, includeObject, version);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
