using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Schema.Fields;

namespace ActorOrchestrator.Actors.Resources.Apply;

/// <summary>
/// The written form of what a creator owns, by the shape of what is created. A thousand pods of one template and all events of one reason differ in values only, and a
/// set of fields knows few values: those that tell the items of a list apart, and whether one is empty. The shape is finer than that: the names of all fields in their
/// order, every number and flag, whether a text is empty, and below a list every text.
/// </summary>
internal static class CreatedFields
{
    private const int MostShapes = 512;
    private const int MostBytes = 32 * 1024;
    private static readonly ConcurrentDictionary<UInt128, Known> Shapes = new();

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    /// <summary>The object's shape, to look up and to remember by; default when it is too large.</summary>
    public static Shape Of(JsonObject obj, ObjectSchema schema, Func<FieldSet, FieldSet> tracked)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(4096);
        buffer.ResetWrittenCount();
        return Object(obj, buffer, spelled: false) && buffer.WrittenCount <= MostBytes ? new Shape(XxHash128.HashToUInt128(buffer.WrittenSpan), schema, tracked) : default;
    }

    /// <summary>Call it on the thread that made the shape, before it makes another.</summary>
    public static JsonNode? Find(Shape shape) =>
        shape.Schema is not null && Shapes.TryGetValue(shape.Hash, out var known) && known.Is(shape, _buffer!.WrittenSpan) ? StoredElement.ToNode(known.Fields) : null;

    /// <inheritdoc cref="Find"/>
    public static void Remember(Shape shape, JsonNode fields)
    {
        if (shape.Schema is null)
        {
            return;
        }

        if (Shapes.Count >= MostShapes)
        {
            Shapes.Clear();
        }

        Shapes[shape.Hash] = new Known(shape, _buffer!.WrittenSpan.ToArray(), JsonElement.Parse(JsonSerializer.SerializeToUtf8Bytes(fields)));
    }

    private static bool Object(JsonObject obj, ArrayBufferWriter<byte> buffer, bool spelled)
    {
        Put(buffer, (byte)'{');
        for (var i = 0; i < obj.Count; i++)
        {
            var (name, value) = obj.GetAt(i);
            Put(buffer, name);
            if (!Value(value, buffer, spelled))
            {
                return false;
            }
        }

        Put(buffer, (byte)'}');
        return buffer.WrittenCount <= MostBytes;
    }

    private static bool Value(JsonNode? value, ArrayBufferWriter<byte> buffer, bool spelled)
    {
        switch (value)
        {
            case null:
                Put(buffer, (byte)'n');
                return true;
            case JsonObject obj:
                return Object(obj, buffer, spelled);
            case JsonArray list:
                Put(buffer, (byte)'[');
                foreach (var item in list)
                {
                    if (!Value(item, buffer, spelled: true))
                    {
                        return false;
                    }
                }

                Put(buffer, (byte)']');
                return true;
            case JsonValue scalar when !spelled && scalar.GetValueKind() == JsonValueKind.String:
                // A field that its type always has belongs to nobody while it is empty.
                Put(buffer, IsEmpty(scalar) ? (byte)'0' : (byte)'1');
                return true;
            case JsonValue scalar when scalar.TryGetValue<JsonElement>(out var element):
                Put(buffer, (byte)'e');
                Put(buffer, JsonMarshal.GetRawUtf8Value(element));
                return true;
            case JsonValue scalar when scalar.TryGetValue<string>(out var text):
                Put(buffer, (byte)'s');
                Put(buffer, text);
                return true;
            case JsonValue scalar when scalar.TryGetValue<long>(out var number):
                Put(buffer, (byte)'i');
                Put(buffer, MemoryMarshal.AsBytes(new ReadOnlySpan<long>(ref number)));
                return true;
            case JsonValue scalar when scalar.TryGetValue<int>(out var number):
                Put(buffer, (byte)'i');
                Put(buffer, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(ref number)));
                return true;
            case JsonValue scalar when scalar.TryGetValue<bool>(out var flag):
                Put(buffer, flag ? (byte)'t' : (byte)'f');
                return true;
            default:
                Put(buffer, (byte)'j');
                Put(buffer, value.ToJsonString());
                return true;
        }
    }

    private static bool IsEmpty(JsonValue text) =>
        text.TryGetValue<JsonElement>(out var element) ? element.ValueEquals(ReadOnlySpan<byte>.Empty) : text.TryGetValue<string>(out var value) && value.Length == 0;

    private static void Put(ArrayBufferWriter<byte> buffer, byte value)
    {
        buffer.GetSpan(1)[0] = value;
        buffer.Advance(1);
    }

    private static void Put(ArrayBufferWriter<byte> buffer, string text) => Put(buffer, MemoryMarshal.AsBytes(text.AsSpan()));

    /// <summary>With its length before it, so that nothing runs into its neighbour.</summary>
    private static void Put(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> bytes)
    {
        var length = bytes.Length;
        buffer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(ref length)));
        buffer.Write(bytes);
    }

    /// <param name="Hash">Of the spelled shape.</param>
    /// <param name="Schema">Of the object; null when the shape is not known.</param>
    /// <param name="Tracked">What the endpoint can make somebody's.</param>
    internal readonly record struct Shape(UInt128 Hash, ObjectSchema? Schema, Func<FieldSet, FieldSet>? Tracked);

    private sealed record Known(Shape Shape, byte[] Spelled, JsonElement Fields)
    {
        public bool Is(Shape shape, ReadOnlySpan<byte> spelled) =>
            ReferenceEquals(Shape.Schema, shape.Schema) && ReferenceEquals(Shape.Tracked, shape.Tracked) && spelled.SequenceEqual(Spelled);
    }
}
