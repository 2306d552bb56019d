using System.Buffers;
using System.Buffers.Binary;

namespace ActorOrchestrator.Host.Api.Streams.Spdy;

/// <summary>
/// From bytes to frames, however they are cut. A control frame is waited for as a whole and has a largest size; of a data frame every piece is handed on as it comes, so that its
/// size (up to 16 MiB) is nothing that anybody keeps.
/// </summary>
internal sealed class SpdyDecoder : IDisposable
{
    public const int HeaderBytes = 8;
    public const int LargestControlFrame = 64 * 1024;
    private const int Version = 3;
    private const uint InitialWindowSetting = 7;
    private const uint StreamMask = 0x7fffffff;
    private readonly SpdyHeaderReader _headers = new();
    private uint _dataStream;
    private int _dataLeft;
    private bool _dataFin;

    public void Dispose() => _headers.Dispose();

    /// <summary>Takes the next frame off the front; null when more bytes are needed for one.</summary>
    /// <exception cref="SpdyException">These are no frames.</exception>
    public SpdyFrame? Read(ref ReadOnlySequence<byte> bytes)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        while (true)
        {
            if (_dataLeft > 0)
            {
                return bytes.IsEmpty ? null : Piece(ref bytes);
            }

            if (bytes.Length < HeaderBytes)
            {
                return null;
            }

            bytes.Slice(0, HeaderBytes).CopyTo(header);
            var first = BinaryPrimitives.ReadUInt32BigEndian(header);
            var flags = header[4];
            var length = (int)(BinaryPrimitives.ReadUInt32BigEndian(header[4..]) & 0xffffff);
            if ((first & ~StreamMask) == 0)
            {
                bytes = bytes.Slice(HeaderBytes);
                (_dataStream, _dataLeft, _dataFin) = (NotZero(first), length, (flags & 1) != 0);
                if (length == 0)
                {
                    return new Data(_dataStream, default, _dataFin);
                }

                continue;
            }

            if (((first >> 16) & 0x7fff) != Version)
            {
                throw new SpdyException($"version {(first >> 16) & 0x7fff} of SPDY is not spoken here");
            }

            if (length > LargestControlFrame)
            {
                throw new SpdyException($"a control frame of {length} bytes is too large");
            }

            if (bytes.Length < HeaderBytes + length)
            {
                return null;
            }

            var body = bytes.Slice(HeaderBytes, length);
            bytes = bytes.Slice(HeaderBytes + length);
            if (Control((ushort)first, flags, body) is { } frame)
            {
                return frame;
            }
        }
    }

    private Data Piece(ref ReadOnlySequence<byte> bytes)
    {
        var piece = bytes.Slice(0, Math.Min(bytes.Length, _dataLeft));
        bytes = bytes.Slice(piece.End);
        _dataLeft -= (int)piece.Length;
        return new Data(_dataStream, piece, _dataLeft == 0 && _dataFin);
    }

    /// <summary>Null for types that nobody has to know.</summary>
    private SpdyFrame? Control(ushort type, byte flags, in ReadOnlySequence<byte> body)
    {
        var fin = (flags & 1) != 0;
        switch (type)
        {
            case 1:
                AtLeast(body, 10);
                return new SynStream(
                    NotZero(Number(body, 0) & StreamMask), Number(body, 4) & StreamMask, (byte)(body.Slice(8).FirstSpan[0] >> 5), fin, (flags & 2) != 0, _headers.Read(body.Slice(10)));
            case 2:
                AtLeast(body, 4);
                return new SynReply(NotZero(Number(body, 0) & StreamMask), fin, _headers.Read(body.Slice(4)));
            case 3:
                Exactly(body, 8);
                return new RstStream(NotZero(Number(body, 0) & StreamMask), (SpdyStatus)Number(body, 4));
            case 4:
                return ReadSettings(body);
            case 6:
                Exactly(body, 4);
                return new Ping(Number(body, 0));
            case 7:
                Exactly(body, 8);
                return new GoAway(Number(body, 0) & StreamMask, Number(body, 4));
            case 8:
                AtLeast(body, 4);
                return new MoreHeaders(NotZero(Number(body, 0) & StreamMask), fin, _headers.Read(body.Slice(4)));
            case 9:
                Exactly(body, 8);
                return new WindowUpdate(Number(body, 0) & StreamMask, (int)(Number(body, 4) & StreamMask));
            default:
                return null;
        }
    }

    private static Settings ReadSettings(in ReadOnlySequence<byte> body)
    {
        AtLeast(body, 4);
        var count = Number(body, 0);
        Exactly(body, 4 + 8L * count);
        int? window = null;
        for (var i = 0L; i < count; i++)
        {
            if ((Number(body, 4 + 8 * i) & 0xffffff) == InitialWindowSetting)
            {
                window = (int)(Number(body, 8 + 8 * i) & StreamMask);
            }
        }

        return new Settings(window);
    }

    private static uint Number(in ReadOnlySequence<byte> body, long at)
    {
        Span<byte> bytes = stackalloc byte[4];
        body.Slice(at, 4).CopyTo(bytes);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    private static uint NotZero(uint stream) => stream != 0 ? stream : throw new SpdyException("stream 0 is none");

    private static void AtLeast(in ReadOnlySequence<byte> body, int length)
    {
        if (body.Length < length)
        {
            throw new SpdyException("a control frame is too short");
        }
    }

    private static void Exactly(in ReadOnlySequence<byte> body, long length)
    {
        if (body.Length != length)
        {
            throw new SpdyException("a control frame is not as long as it must be");
        }
    }
}
