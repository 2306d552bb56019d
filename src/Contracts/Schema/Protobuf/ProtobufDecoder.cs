using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace ActorOrchestrator.Contracts.Schema.Protobuf;

/// <summary>
/// Reads <c>application/vnd.kubernetes.protobuf</c>: the magic, an envelope that names the kind, and a message that becomes the tree that the same
/// object has in JSON. The numbers of the fields come from upstream's definitions, everything else from the schema. Go writes its zero
/// values out, so that empty strings and times mean "absent"; zero numbers and booleans are kept where a pointer to zero is a value.
/// </summary>
public static class ProtobufDecoder
{
    /// <summary>Of the JSON that comes out, as readers of JSON bound it.</summary>
    private const int MaxDepth = 64;

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <param name="body">The whole body.</param>
    /// <param name="model">Finds the model class of an apiVersion and kind; null when the kind is not known.</param>
    /// <exception cref="InvalidDataException">Not in this form, or of an unknown kind.</exception>
    public static JsonObject Decode(ReadOnlySpan<byte> body, Func<string, string, Type?> model)
    {
        if (!body.StartsWith(Magic))
        {
            throw new InvalidDataException("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        }

        string apiVersion = "", kind = "";
        ReadOnlySpan<byte> raw = default;
        var envelope = new WireReader(body[Magic.Length..]);
        while (envelope.Next())
        {
            switch (envelope.Field)
            {
                case 1 when envelope.Type == WireType.Bytes:
                    (apiVersion, kind) = TypeMeta(envelope.Bytes);
                    break;
                case 2 when envelope.Type == WireType.Bytes:
                    raw = envelope.Bytes;
                    break;
            }
        }

        var schema = ObjectSchema.Of(model(apiVersion, kind) ?? throw new InvalidDataException($"no kind \"{kind}\" is registered for version \"{apiVersion}\""));
        var obj = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind };
        Fill(obj, schema, MessageOf(schema), raw, 0);
        return obj;
    }

    private static (string ApiVersion, string Kind) TypeMeta(ReadOnlySpan<byte> bytes)
    {
        string apiVersion = "", kind = "";
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: apiVersion = Text(Expect(ref reader)); break;
                case 2: kind = Text(Expect(ref reader)); break;
            }
        }

        return (apiVersion, kind);
    }

    private static string MessageOf(ObjectSchema schema) => MessagePlan.NameOf(schema);

    private static void Fill(JsonObject obj, ObjectSchema schema, string message, ReadOnlySpan<byte> bytes, int depth)
    {
        if (depth >= MaxDepth)
        {
            throw new InvalidDataException("proto: nested too deeply");
        }

        var fields = MessageFields.Of(message);
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            if (!fields.TryGetValue(reader.Field, out var field))
            {
                continue;
            }

            if (WireForms.JsonName(schema, message, field.Name) is { } name)
            {
                if (reader.Type == WireType.Varint && reader.Number == 0 && MessageFields.OmitsZero(message, name))
                {
                    continue;
                }

                Set(obj, name, schema.Properties[name], WireForms.Of(message, field.Name), ref reader, depth);
            }
            else if (field.Embedded is { } embedded && reader.Type == WireType.Bytes)
            {
                Fill(obj, schema, MessageFields.Sibling(message, embedded), reader.Bytes, depth + 1);
            }
        }
    }

    private static void Set(JsonObject obj, string name, SchemaNode node, WireForm form, ref WireReader reader, int depth)
    {
        if (form != WireForm.Plain && node.Type != SchemaType.Map)
        {
            obj[name] = Formed(Expect(ref reader), form, depth);
            return;
        }

        switch (node.Type)
        {
            case SchemaType.Array:
                if (obj[name] is not JsonArray list)
                {
                    obj[name] = list = [];
                }

                list.Add(Value(node.Items!, ref reader, depth + 1));
                break;
            case SchemaType.Map:
                if (obj[name] is not JsonObject map)
                {
                    obj[name] = map = [];
                }

                AddEntry(map, node.Items!, form, Expect(ref reader), depth + 1);
                break;
            default:
                var value = Value(node, ref reader, depth);
                if (value is not null && !(node.Type == SchemaType.String && reader.Bytes.IsEmpty && name != "storageClassName"))
                {
                    obj[name] = value;
                }

                break;
        }
    }

    private static void AddEntry(JsonObject map, SchemaNode items, WireForm form, ReadOnlySpan<byte> entry, int depth)
    {
        var key = "";
        JsonNode? value = items.Type is SchemaType.String or SchemaType.Bytes ? "" : null;
        var reader = new WireReader(entry);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: key = Text(Expect(ref reader)); break;
                case 2 when form != WireForm.Plain: value = Formed(Expect(ref reader), form, depth); break;
                case 2: value = items.Type == SchemaType.Array ? Items(items.Items!, Expect(ref reader), depth) : Value(items, ref reader, depth); break;
            }
        }

        map[key] = value;
    }

    /// <summary>What JSON has as one of two things and the wire as a message with a field for each.</summary>
    private static JsonNode? Formed(ReadOnlySpan<byte> bytes, WireForm form, int depth)
    {
        if (form == WireForm.Empty)
        {
            return new JsonObject();
        }

        var allows = false;
        JsonObject? one = null;
        JsonArray? many = null;
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field, form)
            {
                case (1, WireForm.SchemaOrBool): allows = Varint(ref reader) != 0; break;
                case (2, WireForm.SchemaOrBool) or (1, _): one = JsonSchema(Expect(ref reader), depth); break;
                case (2, WireForm.SchemaOrArray): (many ??= []).Add(JsonSchema(Expect(ref reader), depth + 1)); break;
                case (2, _): (many ??= []).Add(Text(Expect(ref reader))); break;
            }
        }

        return form == WireForm.SchemaOrBool ? one ?? (JsonNode)JsonValue.Create(allows) : many ?? (JsonNode?)one;
    }

    private static JsonObject JsonSchema(ReadOnlySpan<byte> bytes, int depth)
    {
        var schema = ObjectSchema.Of(typeof(k8s.Models.V1JSONSchemaProps));
        var obj = new JsonObject();
        Fill(obj, schema, MessageOf(schema), bytes, depth + 1);
        return obj;
    }

    /// <summary>A list that is the value of a map travels as a message with one repeated field.</summary>
    private static JsonArray Items(SchemaNode item, ReadOnlySpan<byte> bytes, int depth)
    {
        var list = new JsonArray();
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            list.Add(Value(item, ref reader, depth + 1));
        }

        return list;
    }

    private static JsonNode? Value(SchemaNode node, ref WireReader reader, int depth)
    {
        switch (node.Type)
        {
            case SchemaType.Integer:
                return JsonValue.Create(node.Format == "int32" ? (int)Varint(ref reader) : (long)Varint(ref reader));
            case SchemaType.Boolean:
                return JsonValue.Create(Varint(ref reader) != 0);
            case SchemaType.Number:
                return Real(ref reader);
            case SchemaType.String:
                return JsonValue.Create(Text(Expect(ref reader)));
            case SchemaType.Bytes:
                return JsonValue.Create(Convert.ToBase64String(Expect(ref reader)));
            case SchemaType.Time:
                return Time(Expect(ref reader));
            case SchemaType.Quantity:
                return JsonValue.Create(TextIn(Expect(ref reader)));
            case SchemaType.IntOrString:
                return IntOrString(Expect(ref reader));
            case SchemaType.Any:
                return Raw(Expect(ref reader), depth);
            case SchemaType.Object:
                var obj = new JsonObject();
                Fill(obj, node.Object!, MessageOf(node.Object!), Expect(ref reader), depth + 1);
                return obj;
            default:
                throw new InvalidDataException($"proto: a field of type {node.Type} cannot stand here");
        }
    }

    private static ulong Varint(ref WireReader reader) =>
        reader.Type == WireType.Varint ? reader.Number : throw WrongType(reader);

    private static JsonValue Real(ref WireReader reader)
    {
        var real = reader.Type == WireType.Fixed64 ? BitConverter.UInt64BitsToDouble(reader.Number) : throw WrongType(reader);
        return double.IsFinite(real) ? JsonValue.Create(real) : throw new InvalidDataException($"proto: {real} is no number that JSON has");
    }

    private static InvalidDataException WrongType(in WireReader reader) =>
        new($"proto: wrong wireType = {(int)reader.Type} for field {reader.Field}");

    private static ReadOnlySpan<byte> Expect(ref WireReader reader) =>
        reader.Type == WireType.Bytes ? reader.Bytes : throw WrongType(reader);

    private static JsonValue? Time(ReadOnlySpan<byte> bytes)
    {
        long seconds = 0, nanos = 0;
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: seconds = (long)reader.Number; break;
                case 2: nanos = (int)reader.Number; break;
            }
        }

        if (bytes.IsEmpty || seconds < -62135596800 || seconds > 253402300799)
        {
            return null;
        }

        var time = DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime.AddTicks(Math.Clamp(nanos, 0, 999_999_999) / 100);
        var format = nanos == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
        return JsonValue.Create(time.ToString(format, CultureInfo.InvariantCulture));
    }

    private static JsonValue IntOrString(ReadOnlySpan<byte> bytes)
    {
        var isText = false;
        var number = 0;
        var text = "";
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: isText = reader.Number != 0; break;
                case 2: number = (int)reader.Number; break;
                case 3: text = Text(Expect(ref reader)); break;
            }
        }

        return isText ? JsonValue.Create(text) : JsonValue.Create(number);
    }

    private static string TextIn(ReadOnlySpan<byte> bytes)
    {
        var text = "";
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            text = reader.Field == 1 ? Text(Expect(ref reader)) : text;
        }

        return text;
    }

    private static JsonNode? Raw(ReadOnlySpan<byte> bytes, int depth)
    {
        var within = new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = Math.Max(1, MaxDepth - depth - 1) };
        var reader = new WireReader(bytes);
        JsonNode? node = null;
        while (reader.Next())
        {
            if (!Utf8.IsValid(reader.Bytes))
            {
                throw new InvalidDataException("a raw extension is not JSON: it is not valid UTF-8");
            }

            try
            {
                node = reader.Field == 1 && !reader.Bytes.IsEmpty ? JsonNode.Parse(reader.Bytes, null, within) : node;
            }
            catch (JsonException malformed)
            {
                throw new InvalidDataException($"a raw extension is not JSON: {malformed.Message}", malformed);
            }
        }

        return node;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
