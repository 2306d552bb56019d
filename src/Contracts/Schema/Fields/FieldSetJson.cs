using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Schema.Fields;

/// <summary>
/// The <c>FieldsV1</c> form of a set: an object whose property names are path elements, whose empty objects are members, and in which <c>"."</c> says
/// that a field with members below it is a member itself.
/// </summary>
public static class FieldSetJson
{
    private const string Self = ".";
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes the set once; the result is a tree over those bytes.</summary>
    public static JsonObject Write(FieldSet set)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            writer.WriteStartObject();
            Write(writer, set);
            writer.WriteEndObject();
        }

        return JsonNode.Parse(buffer.WrittenSpan)!.AsObject();
    }

    /// <summary>Reads a set. Elements of an unknown form are dropped, as a later version may know them.</summary>
    /// <returns>False when the value is no object, holds a value that is no object, or names a malformed element.</returns>
    public static bool TryRead(JsonNode? fields, out FieldSet set)
    {
        set = FieldSet.Empty;
        if (fields is null)
        {
            return true;
        }

        if (fields is not JsonObject obj || !TryReadLevel(obj, out set, out _))
        {
            set = FieldSet.Empty;
            return false;
        }

        return true;
    }

    private static void Write(Utf8JsonWriter writer, FieldSet set)
    {
        foreach (var node in set.Nodes)
        {
            writer.WriteStartObject(node.Element.Spelled());
            if (node.IsMember && !node.Children.IsEmpty)
            {
                writer.WriteStartObject(Self);
                writer.WriteEndObject();
            }

            Write(writer, node.Children);
            writer.WriteEndObject();
        }
    }

    private static bool TryReadLevel(JsonObject obj, out FieldSet set, out bool isMember)
    {
        isMember = false;
        var level = default(FieldSet.Builder);
        var any = false;
        foreach (var (name, value) in obj)
        {
            if (name == Self)
            {
                isMember = true;
                continue;
            }

            if (value is not JsonObject below)
            {
                set = FieldSet.Empty;
                return false;
            }

            if (!PathElement.TryParse(name, out var element))
            {
                if (PathElement.IsUnknownForm(name))
                {
                    continue;
                }

                set = FieldSet.Empty;
                return false;
            }

            if (!TryReadLevel(below, out var children, out var childIsMember))
            {
                set = FieldSet.Empty;
                return false;
            }

            any = true;
            level.Add(element, childIsMember, children);
        }

        set = level.Build();

        // What holds nothing is a member: an empty object is how a leaf is written.
        isMember |= !any;
        return true;
    }
}
