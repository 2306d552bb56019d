using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace ActorOrchestrator.Host.Api.Streams.Spdy;

/// <summary>
/// From frames to bytes, in the order in which they go out: headers are one compressed stream over all frames. It is a stream of stored blocks, which every
/// inflater reads and which costs nothing: there are few headers, and short ones.
/// </summary>
internal sealed class SpdyEncoder
{
    private const ushort LargestStored = ushort.MaxValue;
    private bool _begun;

    public static void WriteDataHeader(Span<byte> target, uint stream, int length, bool fin)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, stream);
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], (uint)length | (fin ? 1u << 24 : 0));
    }

    public byte[] Encode(SpdyFrame frame) => frame switch
    {
        SynStream syn => Control(1, (byte)((syn.Fin ? 1 : 0) | (syn.Unidirectional ? 2 : 0)), [.. Number(syn.Stream), .. Number(syn.Associated), (byte)(syn.Priority << 5), 0, .. Block(syn.Headers)]),
        SynReply reply => Control(2, reply.Fin ? (byte)1 : (byte)0, [.. Number(reply.Stream), .. Block(reply.Headers)]),
        RstStream reset => Control(3, 0, [.. Number(reset.Stream), .. Number((uint)reset.Status)]),
        Settings { InitialWindow: { } window } => Control(4, 0, [.. Number(1), .. Number(7), .. Number((uint)window)]),
        Settings => Control(4, 0, Number(0)),
        Ping ping => Control(6, 0, Number(ping.Id)),
        GoAway away => Control(7, 0, [.. Number(away.LastStream), .. Number(away.Status)]),
        MoreHeaders more => Control(8, more.Fin ? (byte)1 : (byte)0, [.. Number(more.Stream), .. Block(more.Headers)]),
        WindowUpdate update => Control(9, 0, [.. Number(update.Stream), .. Number((uint)update.Delta)]),
        Data data => DataFrame(data),
        _ => throw new ArgumentOutOfRangeException(nameof(frame)),
    };

    private static byte[] DataFrame(Data data)
    {
        var frame = new byte[SpdyDecoder.HeaderBytes + data.Bytes.Length];
        WriteDataHeader(frame, data.Stream, (int)data.Bytes.Length, data.Fin);
        System.Buffers.BuffersExtensions.CopyTo(data.Bytes, frame.AsSpan(SpdyDecoder.HeaderBytes));
        return frame;
    }

    private static byte[] Control(ushort type, byte flags, byte[] body)
    {
        var frame = new byte[SpdyDecoder.HeaderBytes + body.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, 0x80030000u | type);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), ((uint)flags << 24) | (uint)body.Length);
        body.CopyTo(frame, SpdyDecoder.HeaderBytes);
        return frame;
    }

    private byte[] Block(ImmutableSortedDictionary<string, string> headers)
    {
        using var plain = new MemoryStream();
        plain.Write(Number((uint)headers.Count));
        foreach (var (name, value) in headers)
        {
            plain.Write(Text(name));
            plain.Write(Text(value));
        }

        using var stored = new MemoryStream();
        if (!_begun)
        {
            // zlib, no dictionary, no compression.
            stored.Write([0x78, 0x01]);
            _begun = true;
        }

        foreach (var part in plain.ToArray().Chunk(LargestStored))
        {
            Store(stored, part);
        }

        // An empty block ends each block of headers: it is the flush at which Go's inflater hands out what it has, and without which it reads on.
        Store(stored, []);
        return stored.ToArray();
    }

    /// <summary>A block that is not compressed and not the last.</summary>
    private static void Store(MemoryStream stored, byte[] part)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(head[1..], (ushort)part.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(head[3..], (ushort)~part.Length);
        stored.Write(head);
        stored.Write(part);
    }

    private static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [.. Number((uint)bytes.Length), .. bytes];
    }

    private static byte[] Number(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }
}
