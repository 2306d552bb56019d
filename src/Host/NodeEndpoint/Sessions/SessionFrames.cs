using System.Buffers;
using System.Buffers.Binary;

namespace ActorOrchestrator.Host.NodeEndpoint.Sessions;

/// <summary>What a frame is about. The first three are the process' own streams.</summary>
public enum SessionChannel : byte
{
    Stdin = 0,
    Stdout = 1,
    Stderr = 2,

    /// <summary>How it ended, a Kubernetes Status. The last that comes from a node.</summary>
    Status = 3,

    /// <summary>Columns and rows, two bytes each.</summary>
    Resize = 4,

    /// <summary>What is to be done; the first that goes to a node. Nothing is begun before it.</summary>
    Start = 5,

    /// <summary>Stdin ends; nothing else does.</summary>
    CloseStdin = 6,
}

/// <summary>
/// What a control host and a node say to each other about one command or attachment, whatever its client speaks: frames of one byte of channel, four bytes of length
/// (big endian) and that many bytes, over the two directions of one HTTP/2 stream, which brings flow control and cancellation.
/// </summary>
public static class SessionFrames
{
    public const int HeaderBytes = 5;

    /// <summary>The longest command that Linux would take is 2 MiB; output comes in smaller pieces.</summary>
    public const int LargestFrame = 2 * 1024 * 1024 + 64 * 1024;

    public static void WriteHeader(Span<byte> target, SessionChannel channel, int length)
    {
        target[0] = (byte)channel;
        BinaryPrimitives.WriteInt32BigEndian(target[1..], length);
    }

    public static byte[] Frame(SessionChannel channel, ReadOnlySpan<byte> content)
    {
        var frame = new byte[HeaderBytes + content.Length];
        WriteHeader(frame, channel, content.Length);
        content.CopyTo(frame.AsSpan(HeaderBytes));
        return frame;
    }

    public static byte[] Resize(TerminalSize size)
    {
        Span<byte> content = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(content, size.Width);
        BinaryPrimitives.WriteUInt16BigEndian(content[2..], size.Height);
        return Frame(SessionChannel.Resize, content);
    }

    /// <exception cref="InvalidDataException">Not four bytes.</exception>
    public static TerminalSize ReadSize(in ReadOnlySequence<byte> content)
    {
        if (content.Length != 4)
        {
            throw new InvalidDataException($"a terminal's size has 4 bytes, not {content.Length}");
        }

        Span<byte> bytes = stackalloc byte[4];
        content.CopyTo(bytes);
        return new TerminalSize(BinaryPrimitives.ReadUInt16BigEndian(bytes), BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]));
    }

    /// <summary>Takes the next frame off the front when all of it is there.</summary>
    /// <exception cref="InvalidDataException">Not a frame.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, out SessionChannel channel, out ReadOnlySequence<byte> content)
    {
        channel = default;
        content = default;
        if (buffer.Length < HeaderBytes)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[HeaderBytes];
        buffer.Slice(0, HeaderBytes).CopyTo(header);
        var length = BinaryPrimitives.ReadInt32BigEndian(header[1..]);
        if (header[0] > (byte)SessionChannel.CloseStdin || length is < 0 or > LargestFrame)
        {
            throw new InvalidDataException($"not a frame of a session: channel {header[0]}, {length} bytes");
        }

        if (buffer.Length < HeaderBytes + length)
        {
            return false;
        }

        channel = (SessionChannel)header[0];
        content = buffer.Slice(HeaderBytes, length);
        buffer = buffer.Slice(HeaderBytes + length);
        return true;
    }
}
