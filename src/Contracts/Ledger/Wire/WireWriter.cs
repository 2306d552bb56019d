using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Ledger.Wire;

/// <summary>
/// Writes the ledger's own binary form: unsigned LEB128 numbers, length-prefixed UTF-8, and symbols (strings that recur in
/// one message: written once, then named by their number).
/// </summary>
internal sealed class WireWriter(int capacity) : IDisposable
{
    private const int LargestPooled = 4 << 20;

    private readonly Dictionary<string, int> _symbols = new(StringComparer.Ordinal);
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, 64));

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>Gives the buffer back: rows are large, and the large-object heap is collected dearly.</summary>
    public void Dispose()
    {
        GiveBack();
        _buffer = [];
    }

    private void GiveBack()
    {
        // A rare giant, such as a snapshot, must not stay in the pool.
        if (_buffer.Length <= LargestPooled)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }

    public byte[] ToArray() => Written.ToArray();

    /// <summary>Everything so far, followed by its checksum.</summary>
    public byte[] ToSealedArray()
    {
        var hash = XxHash3.HashToUInt64(Written);
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(sizeof(ulong)), hash);
        return ToArray();
    }

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void Number(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        var rest = (ulong)value;
        while (rest >= 0x80)
        {
            Byte((byte)(rest | 0x80));
            rest >>= 7;
        }

        Byte((byte)rest);
    }

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Number(length);
        Encoding.UTF8.GetBytes(value, Reserve(length));
    }

    /// <summary>0 and the text for a new one, else its number from 1.</summary>
    public void Symbol(string value)
    {
        if (_symbols.TryGetValue(value, out var known))
        {
            Number(known);
            return;
        }

        _symbols.Add(value, _symbols.Count + 1);
        Number(0);
        Text(value);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        value.CopyTo(Reserve(value.Length));
    }

    public void Texts(ImmutableArray<string> values)
    {
        var texts = values.IsDefault ? [] : values;
        Number(texts.Length);
        foreach (var text in texts)
        {
            Text(text);
        }
    }

    public void Key(ObjectKey key)
    {
        Symbol(key.Type.Group);
        Symbol(key.Type.Plural);
        Symbol(key.Namespace);
        Text(key.Name);
    }

    public void Object(StoredObject value)
    {
        Key(value.Key);
        Text(value.Uid);
        Number(value.Revision.Value);
        Texts(value.Claims);
        Bytes(value.Utf8.Span);
    }

    public void Body(ObjectBody body)
    {
        Number(body.RevisionOffset);
        Bytes(body.Utf8.Span);
    }

    public void Time(DateTimeOffset time) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(sizeof(long)), time.UtcTicks);

    public void Provenance(Provenance provenance)
    {
        Symbol(provenance.Principal);
        Time(provenance.Time);
        Symbol(provenance.Act);
        Number(provenance.Cause.Value);
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - Length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max((long)_buffer.Length * 2, (long)Length + count)));
            Written.CopyTo(larger);
            GiveBack();
            _buffer = larger;
        }

        Length += count;
        return _buffer.AsSpan(Length - count, count);
    }
}
