using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Resources;

/// <summary>
/// An object that is ready to be committed: its UTF-8 JSON with an empty <c>metadata.resourceVersion</c>, and the place
/// of that empty value. The ledger alone knows the revision, so it only copies digits in; it never parses an object.
/// </summary>
/// <param name="Utf8">The whole object, with <c>"resourceVersion":""</c> in its metadata.</param>
/// <param name="RevisionOffset">The index of the closing quote of that empty string.</param>
public readonly record struct ObjectBody(ReadOnlyMemory<byte> Utf8, int RevisionOffset)
{
    /// <summary>What a tree is written into before its length is known; one that has grown further is not kept.</summary>
    private const int KeptBuffer = 1024 * 1024;

    // A tree is well-formed by itself.
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static Scratch? _scratch;

    /// <summary>Serialises an object once. The object is changed: its resourceVersion is replaced.</summary>
    /// <exception cref="ArgumentException">The object has no <c>metadata</c>.</exception>
    public static ObjectBody From(JsonObject obj)
    {
        if (obj["metadata"] is not JsonObject metadata)
        {
            throw new ArgumentException("An object to be stored has no metadata.", nameof(obj));
        }

        metadata["resourceVersion"] = "";
        var scratch = Scratch.With(obj);
        var utf8 = scratch.Written.ToArray();
        scratch.Return();
        return new ObjectBody(utf8, RevisionOffsetIn(utf8));
    }

    /// <summary>Whether a tree is written as these bytes.</summary>
    internal static bool Writes(JsonNode node, ReadOnlySpan<byte> utf8)
    {
        var scratch = Scratch.With(node);
        var same = scratch.Written.SequenceEqual(utf8);
        scratch.Return();
        return same;
    }

    /// <summary>The body of an object that is stored already, with its revision taken out.</summary>
    public static ObjectBody Of(StoredObject stored)
    {
        var utf8 = stored.Utf8.Span;
        var start = RevisionOffsetIn(utf8);
        var length = utf8[start..].IndexOf((byte)'"');
        var body = new byte[utf8.Length - length];
        utf8[..start].CopyTo(body);
        utf8[(start + length)..].CopyTo(body.AsSpan(start));
        return new ObjectBody(body, start);
    }

    /// <summary>The stored bytes at a revision.</summary>
    public byte[] At(Revision revision)
    {
        Span<byte> digits = stackalloc byte[20];
        revision.Value.TryFormat(digits, out var length);
        var sealedBytes = new byte[Utf8.Length + length];
        Utf8.Span[..RevisionOffset].CopyTo(sealedBytes);
        digits[..length].CopyTo(sealedBytes.AsSpan(RevisionOffset));
        Utf8.Span[RevisionOffset..].CopyTo(sealedBytes.AsSpan(RevisionOffset + length));
        return sealedBytes;
    }

    private static int RevisionOffsetIn(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        while (reader.Read())
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && !reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                reader.Skip();
            }
            else if (reader.CurrentDepth == 2 && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isRevision = reader.ValueTextEquals("resourceVersion"u8);
                reader.Read();
                if (isRevision)
                {
                    return (int)reader.TokenStartIndex + 1;
                }

                reader.Skip();
            }
        }

        throw new InvalidOperationException("An object to be stored has no metadata.resourceVersion.");
    }

    /// <summary>A thread's buffer and writer, taken while they are in use.</summary>
    private sealed class Scratch
    {
        private readonly ArrayBufferWriter<byte> _buffer = new(4096);
        private readonly Utf8JsonWriter _writer;

        private Scratch() => _writer = new Utf8JsonWriter(_buffer, Compact);

        public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

        public static Scratch With(JsonNode node)
        {
            var scratch = _scratch ?? new Scratch();
            _scratch = null;
            node.WriteTo(scratch._writer);
            scratch._writer.Flush();
            return scratch;
        }

        public void Return()
        {
            if (_buffer.Capacity > KeptBuffer)
            {
                return;
            }

            _buffer.ResetWrittenCount();
            _writer.Reset();
            _scratch = this;
        }
    }
}
