using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;

namespace ActorOrchestrator.Host.Api.Streams.Spdy;

/// <summary>
/// Headers of one direction of a connection. All of them are one zlib stream, each block ended by a flush. The runtime's inflater cannot be given a dictionary; but
/// what it has put out before is what it may refer to, so that it is fed the dictionary first, as a block that is stored rather than compressed.
/// </summary>
internal sealed class SpdyHeaderReader : IDisposable
{
    /// <summary>Of one block, inflated.</summary>
    public const int LargestBlock = 64 * 1024;

    private const int ZlibHeader = 2;
    private readonly Feed _feed = new();
    private readonly DeflateStream _inflater;
    private readonly byte[] _block = new byte[LargestBlock + 1];
    private bool _begun;

    public SpdyHeaderReader() => _inflater = new DeflateStream(_feed, CompressionMode.Decompress);

    public void Dispose() => _inflater.Dispose();

    /// <exception cref="SpdyException">Not headers.</exception>
    public ImmutableSortedDictionary<string, string> Read(in ReadOnlySequence<byte> compressed)
    {
        var bytes = compressed.ToArray();
        try
        {
            var from = _begun ? 0 : Begin(bytes);
            _feed.Next = bytes.AsMemory(from);
            var length = 0;
            int read;
            while (length < _block.Length && (read = _inflater.Read(_block, length, _block.Length - length)) > 0)
            {
                length += read;
            }

            return length <= LargestBlock ? Parse(_block.AsSpan(0, length)) : throw new SpdyException("a block of headers is too large");
        }
        catch (InvalidDataException corrupt)
        {
            throw new SpdyException($"headers are not compressed as they must be: {corrupt.Message}");
        }
    }

    /// <summary>How many bytes of the first block are about the compression.</summary>
    private int Begin(ReadOnlySpan<byte> first)
    {
        if (first.Length < ZlibHeader || (first[0] & 0x0f) != 8 || ((first[0] << 8) | first[1]) % 31 != 0)
        {
            throw new SpdyException("headers are not compressed by zlib");
        }

        var usesDictionary = (first[1] & 0x20) != 0;
        if (usesDictionary && (first.Length < ZlibHeader + 4 || BinaryPrimitives.ReadUInt32BigEndian(first[ZlibHeader..]) != SpdyDictionary.Adler))
        {
            throw new SpdyException("headers are compressed with a dictionary that is not SPDY's");
        }

        var dictionary = SpdyDictionary.Bytes;
        var stored = new byte[5 + dictionary.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(stored.AsSpan(1), (ushort)dictionary.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(stored.AsSpan(3), (ushort)~dictionary.Length);
        dictionary.CopyTo(stored, 5);
        _feed.Next = stored;
        for (var skipped = 0; skipped < dictionary.Length;)
        {
            var read = _inflater.Read(_block, 0, dictionary.Length - skipped);
            skipped += read > 0 ? read : throw new InvalidDataException("the dictionary was not taken");
        }

        _begun = true;
        return usesDictionary ? ZlibHeader + 4 : ZlibHeader;
    }

    private static ImmutableSortedDictionary<string, string> Parse(ReadOnlySpan<byte> block)
    {
        var headers = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var count = Number(ref block);
        for (var i = 0u; i < count; i++)
        {
            var name = Text(ref block).ToLowerInvariant();
            if (name.Length == 0 || !headers.TryAdd(name, Text(ref block)))
            {
                throw new SpdyException($"a header has no name, or is there twice: \"{name}\"");
            }
        }

        return headers.ToImmutable();
    }

    private static string Text(ref ReadOnlySpan<byte> block)
    {
        var length = Number(ref block);
        if (length > block.Length)
        {
            throw new SpdyException("a block of headers ends too early");
        }

        var text = Encoding.UTF8.GetString(block[..(int)length]);
        block = block[(int)length..];
        return text;
    }

    private static uint Number(ref ReadOnlySpan<byte> block)
    {
        if (block.Length < 4)
        {
            throw new SpdyException("a block of headers ends too early");
        }

        var number = BinaryPrimitives.ReadUInt32BigEndian(block);
        block = block[4..];
        return number;
    }

    /// <summary>What the inflater reads from: what there is, and for the moment no more.</summary>
    private sealed class Feed : Stream
    {
        public ReadOnlyMemory<byte> Next { get; set; }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var part = Next[..Math.Min(buffer.Length, Next.Length)];
            part.Span.CopyTo(buffer);
            Next = Next[part.Length..];
            return part.Length;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
