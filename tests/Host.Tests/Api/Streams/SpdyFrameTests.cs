using System.Buffers;
using System.Collections.Immutable;
using ActorOrchestrator.Host.Api.Streams.Spdy;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Host.Tests.Api.Streams;

public sealed class SpdyFrameTests
{
    /// <summary>As zlib itself compresses two blocks of a forwarded port's headers with the dictionary.</summary>
    private const string First = "78f9e3c6a7c202253a703a2b294a4dcc851625aca9a0808614cb45e01c6061606100a4398b20d198094ade8c0600000000ffff";

    private const string Second = "c2aa19540e2512d60b000000ffff";

    [Fact]
    public void Headers_that_zlib_compressed_with_the_dictionary_are_read_block_after_block()
    {
        using var reader = new SpdyHeaderReader();

        Assert.Equal("port=8080,requestid=0,streamtype=error", Text(reader.Read(new ReadOnlySequence<byte>(Convert.FromHexString(First)))));
        Assert.Equal("port=8080,requestid=0,streamtype=data", Text(reader.Read(new ReadOnlySequence<byte>(Convert.FromHexString(Second)))));
    }

    [Fact]
    public void Headers_go_out_with_the_flush_that_Go_waits_for()
    {
        var encoder = new SpdyEncoder();
        var reply = new SynReply(1, false, ImmutableSortedDictionary<string, string>.Empty);

        Assert.Equal("8003000200000014" + "00000001" + "7801" + "000400fbff" + "00000000" + "000000ffff", Convert.ToHexString(encoder.Encode(reply)), ignoreCase: true);
        Assert.Equal("8003000200000012" + "00000001" + "000400fbff" + "00000000" + "000000ffff", Convert.ToHexString(encoder.Encode(reply)), ignoreCase: true);
    }

    [Fact]
    public void The_dictionary_is_the_one_of_the_draft()
    {
        uint a = 1, b = 0;
        foreach (var value in SpdyDictionary.Bytes)
        {
            a = (a + value) % 65521;
            b = (b + a) % 65521;
        }

        Assert.Equal((1423, SpdyDictionary.Adler), (SpdyDictionary.Bytes.Length, (b << 16) | a));
    }

    [Fact]
    public void What_is_encoded_is_decoded_wherever_the_bytes_are_cut() => Prop.ForAll(
        Gen.Zip(Frames.ListOf(), Gen.Choose(1, 40).NonEmptyListOf()).ToArbitrary(),
        SpdyFramesAndCuts).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("8002000100000000", "version 2")]
    [InlineData("80030001ffffffff", "too large")]
    [InlineData("0000000000000001", "stream 0")]
    [InlineData("8003000300000004" + "00000001", "not as long")]
    [InlineData("8003000100000004" + "00000001", "too short")]
    [InlineData("8003000100000010" + "00000001" + "00000000" + "0000" + "ffffffffffff", "not compressed by zlib")]
    [InlineData("8003000100000010" + "00000001" + "00000000" + "0000" + "78f900000000", "not SPDY's")]
    [InlineData("8003000100000015" + "00000001" + "00000000" + "0000" + "7801" + "000400fbff" + "00000001", "too early")]
    [InlineData("8003000100000012" + "00000001" + "00000000" + "0000" + "7801" + "07070707" + "0707", "not compressed as they must be")]
    [InlineData("800300040000000c" + "7fffffff" + "0000000000000000", "not as long")]
    public void What_is_no_frame_is_refused_in_words(string bytes, string why)
    {
        using var decoder = new SpdyDecoder();
        var refused = Assert.Throws<SpdyException>(() =>
        {
            var sequence = new ReadOnlySequence<byte>(Convert.FromHexString(bytes));
            decoder.Read(ref sequence);
        });
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_that_swell_are_refused_before_they_fill_the_memory()
    {
        using var compressed = new MemoryStream();
        compressed.Write([0x78, 0x01]);
        using (var deflate = new System.IO.Compression.DeflateStream(compressed, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(new byte[20_000_000]);
        }

        using var reader = new SpdyHeaderReader();
        Assert.Contains("too large", Assert.Throws<SpdyException>(() => reader.Read(new ReadOnlySequence<byte>(compressed.ToArray()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_are_frames_or_refused_and_nothing_else() => Prop.ForAll(
        Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf().ToArbitrary(),
        bytes =>
        {
            using var decoder = new SpdyDecoder();
            var sequence = new ReadOnlySequence<byte>([0x80, 3, 0, (byte)(bytes.Length % 11), 0, 0, 0, (byte)bytes.Length, .. bytes]);
            try
            {
                while (decoder.Read(ref sequence) is not null)
                {
                }
            }
            catch (SpdyException)
            {
            }
        }).QuickCheckThrowOnFailure();

    private static Gen<uint> Streams => Gen.Choose(1, int.MaxValue).Select(id => (uint)id);

    private static Gen<bool> Flags => Gen.Elements(true, false);

    private static Gen<ImmutableSortedDictionary<string, string>> Headers =>
        Gen.Zip(Gen.Elements("streamtype", "port", "requestid", "x-ü", "a"), Gen.Elements("", "error", "8080", "Straße", new string('x', 3000))).ListOf()
            .Select(pairs => pairs.DistinctBy(pair => pair.Item1).ToImmutableSortedDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal));

    private static Gen<SpdyFrame> Frames => Gen.OneOf(
        from id in Streams from fin in Flags from one in Flags from headers in Headers from priority in Gen.Choose(0, 7) select (SpdyFrame)new SynStream(id, 0, (byte)priority, fin, one, headers),
        from id in Streams from fin in Flags from headers in Headers select (SpdyFrame)new SynReply(id, fin, headers),
        from id in Streams from fin in Flags from headers in Headers select (SpdyFrame)new MoreHeaders(id, fin, headers),
        from id in Streams from status in Gen.Elements(Enum.GetValues<SpdyStatus>()) select (SpdyFrame)new RstStream(id, status),
        from window in Gen.Choose(0, int.MaxValue) select (SpdyFrame)new Settings(window),
        from id in Streams select (SpdyFrame)new Ping(id),
        from id in Streams select (SpdyFrame)new GoAway(id, 0),
        from id in Streams from delta in Gen.Choose(0, int.MaxValue) select (SpdyFrame)new WindowUpdate(id, delta),
        from id in Streams from fin in Flags from bytes in Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf() select (SpdyFrame)new Data(id, new ReadOnlySequence<byte>(bytes), fin));

    private static void SpdyFramesAndCuts((List<SpdyFrame> Frames, List<int> Cuts) run)
    {
        var encoder = new SpdyEncoder();
        var bytes = run.Frames.SelectMany(encoder.Encode).ToArray();
        using var decoder = new SpdyDecoder();
        var decoded = new List<string>();
        byte[] kept = [];
        for (int at = 0, cut = 0; at < bytes.Length; cut++)
        {
            var count = Math.Min(run.Cuts[cut % run.Cuts.Count], bytes.Length - at);
            var buffer = new ReadOnlySequence<byte>([.. kept, .. bytes[at..(at + count)]]);
            at += count;
            while (decoder.Read(ref buffer) is { } frame)
            {
                decoded.Add(Text(frame));
            }

            kept = buffer.ToArray();
        }

        Assert.Empty(kept);
        Assert.Equal(Joined(run.Frames.Select(Text)), Joined(decoded));
    }

    /// <summary>Pieces of one data frame are one.</summary>
    private static string Joined(IEnumerable<string> frames)
    {
        var text = "";
        var open = "";
        foreach (var frame in frames)
        {
            var isPiece = frame.StartsWith("data ", StringComparison.Ordinal);
            var stream = isPiece ? frame.Split(' ')[1] : "";
            text += isPiece && open == stream ? frame[(frame.IndexOf(':', StringComparison.Ordinal) + 1)..] : "\n" + frame;
            open = isPiece && !frame.EndsWith("fin", StringComparison.Ordinal) ? stream : "";
        }

        return text;
    }

    private static string Text(SpdyFrame frame) => frame switch
    {
        SynStream syn => $"syn {syn.Stream} {syn.Associated} {syn.Priority} {syn.Fin} {syn.Unidirectional} {Text(syn.Headers)}",
        SynReply reply => $"reply {reply.Stream} {reply.Fin} {Text(reply.Headers)}",
        MoreHeaders more => $"headers {more.Stream} {more.Fin} {Text(more.Headers)}",
        Data data => $"data {data.Stream} :{Convert.ToHexString(data.Bytes.ToArray())}{(data.Fin ? "fin" : "")}",
        _ => frame.ToString(),
    };

    private static string Text(ImmutableSortedDictionary<string, string> headers) => string.Join(',', headers.Select(header => $"{header.Key}={header.Value}"));
}
