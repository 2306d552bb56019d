using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Ledger.Wire;

/// <summary>Reads what <see cref="WireWriter"/> wrote. Objects get bytes of their own, so that one does not hold its whole message in memory.</summary>
/// <exception cref="InvalidDataException">The bytes are cut off or damaged.</exception>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly List<string> _symbols = [];
    private int _at;

    public readonly bool AtEnd => _at == _bytes.Length;

    /// <summary>A reader of what stands before the checksum, after it was found right.</summary>
    public static WireReader OpenSealed(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(ulong))
        {
            throw new InvalidDataException($"{bytes.Length} bytes are too few for a checksum.");
        }

        var content = bytes[..^sizeof(ulong)];
        if (XxHash3.HashToUInt64(content) != BinaryPrimitives.ReadUInt64LittleEndian(bytes[^sizeof(ulong)..]))
        {
            throw new InvalidDataException($"The checksum of {bytes.Length} bytes is wrong: the stored data is damaged.");
        }

        return new WireReader(content);
    }

    public byte Byte() => Take(1)[0];

    public long Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Byte();
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value <= long.MaxValue ? (long)value : throw new InvalidDataException("A number is too large.");
            }
        }

        throw new InvalidDataException("A number does not end.");
    }

    /// <summary>A count of things of which each takes at least one byte.</summary>
    public int Count()
    {
        var count = Number();
        return count <= _bytes.Length - _at ? (int)count : throw new InvalidDataException($"{count} things do not fit into the {_bytes.Length - _at} bytes that are left.");
    }

    public string Text() => Encoding.UTF8.GetString(Take(Count()));

    public string Symbol()
    {
        var number = Number();
        if (number > _symbols.Count)
        {
            throw new InvalidDataException($"Symbol {number} is not known; there are {_symbols.Count}.");
        }

        if (number > 0)
        {
            return _symbols[(int)number - 1];
        }

        var text = Text();
        _symbols.Add(text);
        return text;
    }

    public ReadOnlySpan<byte> Bytes() => Take(Count());

    public ImmutableArray<string> Texts()
    {
        var texts = new string[Count()];
        for (var index = 0; index < texts.Length; index++)
        {
            texts[index] = Text();
        }

        return [.. texts];
    }

    public ObjectKey Key() => new(new ResourceType(Symbol(), Symbol()), Symbol(), Text());

    public StoredObject Object()
    {
        var key = Key();
        var uid = Text();
        var revision = Revision();
        var claims = Texts();
        return new StoredObject(key, uid, revision, Bytes().ToArray(), claims);
    }

    public ObjectBody Body()
    {
        var offset = Number();
        var utf8 = Bytes();
        return offset < utf8.Length
            ? new ObjectBody(utf8.ToArray(), (int)offset)
            : throw new InvalidDataException($"A body of {utf8.Length} bytes has its revision at {offset}.");
    }

    public Revision Revision() => new(Number());

    public DateTimeOffset Time()
    {
        var ticks = BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));
        return ticks >= DateTimeOffset.MinValue.Ticks && ticks <= DateTimeOffset.MaxValue.Ticks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : throw new InvalidDataException($"{ticks} ticks are no time.");
    }

    public Provenance Provenance() => new(Symbol(), Time(), Symbol(), Revision());

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _at)
        {
            throw new InvalidDataException($"{count} bytes were expected, {_bytes.Length - _at} are left.");
        }

        _at += count;
        return _bytes.Slice(_at - count, count);
    }
}
