using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ActorOrchestrator.Contracts.Schema.Protobuf;

/// <summary>
/// Writes <c>application/vnd.kubernetes.protobuf</c> out of an object's JSON bytes in one pass, without a tree: the magic, an envelope that
/// names the kind, and the message. Fields that have no number are left out, as Go's own conversion leaves them out.
/// </summary>
/// <remarks>Of messages that are embedded in their parent's JSON each property makes a part of its own; readers merge such parts.</remarks>
public sealed class ProtobufEncoder : IDisposable
{
    private const int ListMetadata = 1, ListItems = 2, ObjectMetadata = 1;
    private static readonly SchemaNode Text = new(SchemaType.String);
    private readonly WireWriter _output = new();

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    public ReadOnlyMemory<byte> Written => _output.Written;

    /// <summary>Whether a model's fields have numbers; custom resources and what is not part of upstream's API have none.</summary>
    public static bool Supports(Type? model) => model is not null && MessageFields.Of(MessagePlan.NameOf(ObjectSchema.Of(model))).Count > 0;

    public void Clear() => _output.Clear();

    /// <summary>A whole object with its envelope.</summary>
    public void Object(string apiVersion, string kind, Type model, ReadOnlySpan<byte> json)
    {
        var raw = BeginEnvelope(apiVersion, kind);
        Message(json, MessagePlan.Of(ObjectSchema.Of(model)));
        _output.End(raw);
    }

    /// <summary>An object of which only the metadata goes out.</summary>
    public void Metadata(string apiVersion, ReadOnlySpan<byte> metadataJson)
    {
        var raw = BeginEnvelope(apiVersion, "PartialObjectMetadata");
        MetadataMessage(metadataJson);
        _output.End(raw);
    }

    /// <summary>The beginning of a list; give the result to <see cref="EndList"/>.</summary>
    public int BeginList(string apiVersion, string listKind, string revision, string @continue, long? remaining)
    {
        var raw = BeginEnvelope(apiVersion, listKind);
        _output.Tag(ListMetadata, WireType.Bytes);
        var metadata = _output.Begin();
        String(2, revision);
        if (@continue.Length > 0)
        {
            String(3, @continue);
        }

        if (remaining is { } count)
        {
            _output.Tag(4, WireType.Varint);
            _output.Varint((ulong)count);
        }

        _output.End(metadata);
        return raw;
    }

    public void ListItem(Type model, ReadOnlySpan<byte> json)
    {
        _output.Tag(ListItems, WireType.Bytes);
        var item = _output.Begin();
        Message(json, MessagePlan.Of(ObjectSchema.Of(model)));
        _output.End(item);
    }

    public void ListMetadataItem(ReadOnlySpan<byte> metadataJson)
    {
        _output.Tag(ListItems, WireType.Bytes);
        var item = _output.Begin();
        MetadataMessage(metadataJson);
        _output.End(item);
    }

    public void EndList(int list) => _output.End(list);

    /// <summary>One event of a watch, with the length that frames it: four bytes, the highest first.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="type">ADDED, MODIFIED, …</param>
    /// <param name="obj">An object as <see cref="Object"/> writes it.</param>
    public static void WriteWatchFrame(IBufferWriter<byte> output, ReadOnlySpan<byte> type, ReadOnlySpan<byte> obj)
    {
        const int RawTag = (1 << 3) | 2, TypeTag = (1 << 3) | 2, ObjectTag = (2 << 3) | 2;
        var inner = 1 + WireWriter.VarintSize((ulong)obj.Length) + obj.Length;
        var length = 2 + type.Length + 1 + WireWriter.VarintSize((ulong)inner) + inner;
        var span = output.GetSpan(4 + length);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(span, length);
        var at = 4;
        span[at++] = TypeTag;
        span[at++] = (byte)type.Length;
        type.CopyTo(span[at..]);
        at += type.Length;
        span[at++] = ObjectTag;
        at += WriteVarint(span[at..], inner);
        span[at++] = RawTag;
        at += WriteVarint(span[at..], obj.Length);
        obj.CopyTo(span[at..]);
        output.Advance(at + obj.Length);
    }

    public void Dispose() => _output.Dispose();

    private static int WriteVarint(Span<byte> span, int number)
    {
        var value = (uint)number;
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        return length;
    }

    private int BeginEnvelope(string apiVersion, string kind)
    {
        _output.Raw(Magic);
        _output.Tag(1, WireType.Bytes);
        var typeMeta = _output.Begin();
        String(1, apiVersion);
        String(2, kind);
        _output.End(typeMeta);
        _output.Tag(2, WireType.Bytes);
        return _output.Begin();
    }

    private void String(int field, string text)
    {
        _output.Tag(field, WireType.Bytes);
        var start = _output.Begin();
        _output.Advance(Encoding.UTF8.GetBytes(text, _output.Room(text.Length * 3)));
        _output.End(start);
    }

    private void MetadataMessage(ReadOnlySpan<byte> json)
    {
        _output.Tag(ObjectMetadata, WireType.Bytes);
        var metadata = _output.Begin();
        Message(json, MessagePlan.Of(ObjectSchema.Of(typeof(k8s.Models.V1ObjectMeta))));
        _output.End(metadata);
    }

    private void Message(ReadOnlySpan<byte> json, MessagePlan plan)
    {
        var reader = new Utf8JsonReader(json);
        if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            Fields(ref reader, plan);
        }
    }

    private void Fields(ref Utf8JsonReader reader, MessagePlan plan)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.ValueIsEscaped ? null : plan.Find(reader.ValueSpan);
            reader.Read();
            if (field is null || reader.TokenType == JsonTokenType.Null)
            {
                reader.Skip();
            }
            else if (field.Around.Length == 0)
            {
                Field(ref reader, field);
            }
            else
            {
                Embedded(ref reader, field, 0);
            }
        }
    }

    private void Embedded(ref Utf8JsonReader reader, PlanField field, int depth)
    {
        if (depth == field.Around.Length)
        {
            Field(ref reader, field);
            return;
        }

        _output.Tag(field.Around[depth], WireType.Bytes);
        var start = _output.Begin();
        Embedded(ref reader, field, depth + 1);
        _output.End(start);
    }

    private void Field(ref Utf8JsonReader reader, PlanField field)
    {
        switch (field.Node.Type)
        {
            case SchemaType.Array when reader.TokenType == JsonTokenType.StartArray:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    Value(ref reader, field.Number, field.Node.Items!);
                }

                break;
            case SchemaType.Map when reader.TokenType == JsonTokenType.StartObject:
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    _output.Tag(field.Number, WireType.Bytes);
                    var entry = _output.Begin();
                    Value(ref reader, 1, Text);
                    reader.Read();
                    if (field.Form == WireForm.Plain)
                    {
                        MapValue(ref reader, field.Node.Items!);
                    }
                    else
                    {
                        Formed(ref reader, 2, field.Form);
                    }

                    _output.End(entry);
                }

                break;
            case var _ when field.Form != WireForm.Plain:
                Formed(ref reader, field.Number, field.Form);
                break;
            default:
                Value(ref reader, field.Number, field.Node);
                break;
        }
    }

    /// <summary>A value that JSON has as one of two things and the wire as a message with a field for each.</summary>
    private void Formed(ref Utf8JsonReader reader, int number, WireForm form)
    {
        _output.Tag(number, WireType.Bytes);
        var union = _output.Begin();
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject when form != WireForm.Empty:
                if (form == WireForm.SchemaOrBool)
                {
                    Allows(true);
                }

                Schema(ref reader, form == WireForm.SchemaOrBool ? 2 : 1);
                break;
            case JsonTokenType.StartArray when form is WireForm.SchemaOrArray or WireForm.SchemaOrNames:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (form == WireForm.SchemaOrNames)
                    {
                        Value(ref reader, 2, Text);
                    }
                    else
                    {
                        Schema(ref reader, 2);
                    }
                }

                break;
            case JsonTokenType.True or JsonTokenType.False when form == WireForm.SchemaOrBool:
                Allows(reader.TokenType == JsonTokenType.True);
                break;
            default:
                reader.Skip();
                break;
        }

        _output.End(union);
    }

    private void Allows(bool allows)
    {
        _output.Tag(1, WireType.Varint);
        _output.Varint(allows ? 1u : 0u);
    }

    private void Schema(ref Utf8JsonReader reader, int number)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        _output.Tag(number, WireType.Bytes);
        var schema = _output.Begin();
        Fields(ref reader, MessagePlan.Of(ObjectSchema.Of(typeof(k8s.Models.V1JSONSchemaProps))));
        _output.End(schema);
    }

    /// <summary>A list that is the value of a map travels as a message with one repeated field.</summary>
    private void MapValue(ref Utf8JsonReader reader, SchemaNode node)
    {
        if (node.Type != SchemaType.Array || reader.TokenType != JsonTokenType.StartArray)
        {
            Value(ref reader, 2, node);
            return;
        }

        _output.Tag(2, WireType.Bytes);
        var list = _output.Begin();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Value(ref reader, 1, node.Items!);
        }

        _output.End(list);
    }

    /// <summary>One value with its tag. What does not fit its type has no form on the wire and is left out.</summary>
    private void Value(ref Utf8JsonReader reader, int number, SchemaNode node)
    {
        switch (node.Type, reader.TokenType)
        {
            case (SchemaType.Integer, JsonTokenType.Number):
                _output.Tag(number, WireType.Varint);
                _output.Varint((ulong)Whole(ref reader));
                break;
            case (SchemaType.Boolean, JsonTokenType.True or JsonTokenType.False):
                _output.Tag(number, WireType.Varint);
                _output.Varint(reader.TokenType == JsonTokenType.True ? 1u : 0u);
                break;
            case (SchemaType.Number, JsonTokenType.Number):
                _output.Tag(number, WireType.Fixed64);
                _output.Fixed64(BitConverter.DoubleToUInt64Bits(reader.GetDouble()));
                break;
            case (SchemaType.String, JsonTokenType.String or JsonTokenType.PropertyName):
                _output.Tag(number, WireType.Bytes);
                StringToken(ref reader);
                break;
            case (SchemaType.Bytes, JsonTokenType.String):
                _output.Tag(number, WireType.Bytes);
                Base64Token(ref reader);
                break;
            case (SchemaType.Object, JsonTokenType.StartObject):
                _output.Tag(number, WireType.Bytes);
                var start = _output.Begin();
                Fields(ref reader, MessagePlan.Of(node.Object!));
                _output.End(start);
                break;
            case (SchemaType.Time or SchemaType.Quantity or SchemaType.IntOrString or SchemaType.Any, _):
                _output.Tag(number, WireType.Bytes);
                var special = _output.Begin();
                Special(ref reader, node);
                _output.End(special);
                break;
            default:
                reader.Skip();
                break;
        }
    }

    /// <summary>The inside of the small messages that JSON has as one value.</summary>
    private void Special(ref Utf8JsonReader reader, SchemaNode node)
    {
        switch (node.Type)
        {
            case SchemaType.Time when reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var time):
                _output.Tag(1, WireType.Varint);
                _output.Varint((ulong)time.ToUnixTimeSeconds());
                _output.Tag(2, WireType.Varint);
                _output.Varint((ulong)(time.Ticks % TimeSpan.TicksPerSecond * 100));
                break;
            case SchemaType.Quantity when reader.TokenType is JsonTokenType.String or JsonTokenType.Number:
                _output.Tag(1, WireType.Bytes);
                StringToken(ref reader);
                break;
            case SchemaType.IntOrString when reader.TokenType == JsonTokenType.Number:
                _output.Tag(1, WireType.Varint);
                _output.Varint(0);
                _output.Tag(2, WireType.Varint);
                _output.Varint((ulong)Whole(ref reader));
                break;
            case SchemaType.IntOrString when reader.TokenType == JsonTokenType.String:
                _output.Tag(1, WireType.Varint);
                _output.Varint(1);
                _output.Tag(3, WireType.Bytes);
                StringToken(ref reader);
                break;
            case SchemaType.Any:
                RawToken(ref reader);
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private static long Whole(ref Utf8JsonReader reader) =>
        reader.TryGetInt64(out var whole) ? whole : (long)Math.Clamp(reader.GetDouble(), long.MinValue, long.MaxValue);

    private void StringToken(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            _output.Bytes(reader.ValueSpan);
            return;
        }

        var start = _output.Begin();
        _output.Advance(reader.CopyString(_output.Room(reader.ValueSpan.Length)));
        _output.End(start);
    }

    private void Base64Token(ref Utf8JsonReader reader)
    {
        var start = _output.Begin();
        if (reader.ValueIsEscaped)
        {
            _output.Raw(reader.TryGetBytesFromBase64(out var bytes) ? bytes : []);
        }
        else if (System.Buffers.Text.Base64.DecodeFromUtf8(reader.ValueSpan, _output.Room(reader.ValueSpan.Length), out _, out var written) == OperationStatus.Done)
        {
            _output.Advance(written);
        }

        _output.End(start);
    }

    private void RawToken(ref Utf8JsonReader reader)
    {
        using var raw = new RawJson(ref reader);
        _output.Tag(1, WireType.Bytes);
        _output.Bytes(raw.Utf8);
    }

    /// <summary>The reader does not give its source away, so that a raw value is written out again.</summary>
    private readonly ref struct RawJson : IDisposable
    {
        private readonly JsonDocument _document;
        private readonly ArrayBufferWriter<byte> _buffer;

        public RawJson(ref Utf8JsonReader reader)
        {
            _document = JsonDocument.ParseValue(ref reader);
            _buffer = new ArrayBufferWriter<byte>(256);
            using var writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            _document.RootElement.WriteTo(writer);
        }

        public ReadOnlySpan<byte> Utf8 => _buffer.WrittenSpan;

        public void Dispose() => _document.Dispose();
    }
}
