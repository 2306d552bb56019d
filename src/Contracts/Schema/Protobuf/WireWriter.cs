using System.Buffers;
using System.Buffers.Binary;

namespace ActorOrchestrator.Contracts.Schema.Protobuf;

/// <summary>
/// Writes fields in the protobuf wire format into one pooled array. The length of a message stands before it and is not known until it is written:
/// one byte is left free for it, and a message of 128 bytes or more is moved up when it ends.
/// </summary>
internal sealed class WireWriter : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(4096);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public void Tag(int field, WireType type) => Varint(((ulong)field << 3) | (ulong)type);

    public void Varint(ulong value)
    {
        var room = Room(10);
        var length = 0;
        while (value >= 0x80)
        {
            room[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        room[length++] = (byte)value;
        Length += length;
    }

    public void Fixed64(ulong bits)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Room(8), bits);
        Length += 8;
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Varint((ulong)bytes.Length);
        Raw(bytes);
    }

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>At least so many bytes to write into; what was written is taken over by <see cref="Advance"/>.</summary>
    public Span<byte> Room(int bytes)
    {
        if (_bytes.Length - Length < bytes)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, Length + bytes));
            Written.Span.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsSpan(Length);
    }

    public void Advance(int bytes) => Length += bytes;

    /// <summary>Begins something whose length heads it. Give the result to <see cref="End"/>.</summary>
    public int Begin()
    {
        Room(1);
        Length++;
        return Length;
    }

    public void End(int start)
    {
        var length = Length - start;
        var digits = VarintSize((ulong)length);
        if (digits > 1)
        {
            Room(digits - 1);
            _bytes.AsSpan(start, length).CopyTo(_bytes.AsSpan(start + digits - 1));
        }

        Length = start - 1;
        Varint((ulong)length);
        Length = start - 1 + digits + length;
    }

    public void Clear() => Length = 0;

    public static int VarintSize(ulong value)
    {
        var size = 1;
        while (value >= 0x80)
        {
            value >>= 7;
            size++;
        }

        return size;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }
}
