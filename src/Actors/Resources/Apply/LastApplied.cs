using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema.Fields;

namespace ActorOrchestrator.Actors.Resources.Apply;

/// <summary>
/// The annotation in which <c>kubectl apply</c> on the client's side keeps what it applied. It lets kubectl take over on the server's side without
/// conflicts, and is kept in step then, so that it can go back.
/// </summary>
internal static class LastApplied
{
    public const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>The only applier that this is for.</summary>
    private const string Kubectl = "kubectl";

    private const int MaxAnnotationBytes = 256 * 1024;

    /// <summary>The fields whose live values are what was last applied; null when this is not for the applier, or nothing usable was kept.</summary>
    public static FieldSet? Allowed(string manager, VersionedObject live)
    {
        if (manager != Kubectl || Of(live.Tree) is not { Length: > 0 } text)
        {
            return null;
        }

        JsonObject? applied;
        try
        {
            applied = JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }

        if (applied is null || applied.Text("apiVersion") != live.ApiVersion || AppliedConfiguration.Check(applied, live.Schema).Count > 0)
        {
            return null;
        }

        var difference = FieldComparison.Compare(applied, live.Tree, live.Schema);
        return FieldExtraction.FieldsOf(applied, live.Schema)
            .Difference(difference.Modified).Difference(difference.Added).Difference(difference.Removed);
    }

    /// <summary>Brings the annotation of a merged object up to what is applied now.</summary>
    public static void Follow(string manager, JsonObject merged, JsonObject config)
    {
        if (manager != Kubectl || Of(merged) is not { Length: > 0 })
        {
            return;
        }

        var copy = (JsonObject)config.DeepClone();
        copy.Object("metadata").Object("annotations")?.Remove(Annotation);
        var annotations = merged.Object("metadata").Object("annotations")!;
        annotations[Annotation] = Sorted(copy);
        var size = annotations.Sum(pair => Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(annotations.Text(pair.Key)));
        if (size > MaxAnnotationBytes)
        {
            annotations.Remove(Annotation);
        }
    }

    private static string Of(JsonObject obj) => obj.Object("metadata").Object("annotations").Text(Annotation);

    /// <summary>With sorted fields and a line feed at the end, as kubectl writes it.</summary>
    private static string Sorted(JsonObject config)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Write(writer, config);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                writer.WriteStartObject();
                foreach (var (name, value) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    Write(writer, value);
                }

                writer.WriteEndObject();
                break;
            case JsonArray list:
                writer.WriteStartArray();
                foreach (var item in list)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}
