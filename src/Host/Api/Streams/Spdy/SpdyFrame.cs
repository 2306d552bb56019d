using System.Buffers;
using System.Collections.Immutable;

namespace ActorOrchestrator.Host.Api.Streams.Spdy;

/// <summary>What travels over a SPDY/3.1 connection (draft-mbelshe-httpbis-spdy-00 with the window of the session of 3.1).</summary>
internal abstract record SpdyFrame;

/// <summary>The peer opens a stream.</summary>
internal sealed record SynStream(uint Stream, uint Associated, byte Priority, bool Fin, bool Unidirectional, ImmutableSortedDictionary<string, string> Headers) : SpdyFrame;

internal sealed record SynReply(uint Stream, bool Fin, ImmutableSortedDictionary<string, string> Headers) : SpdyFrame;

internal sealed record RstStream(uint Stream, SpdyStatus Status) : SpdyFrame;

/// <summary>Only what means something here is kept: the window that new streams begin with.</summary>
internal sealed record Settings(int? InitialWindow) : SpdyFrame;

internal sealed record Ping(uint Id) : SpdyFrame;

internal sealed record GoAway(uint LastStream, uint Status) : SpdyFrame;

internal sealed record MoreHeaders(uint Stream, bool Fin, ImmutableSortedDictionary<string, string> Headers) : SpdyFrame;

/// <summary>The peer takes so many bytes more; of stream 0: of all together.</summary>
internal sealed record WindowUpdate(uint Stream, int Delta) : SpdyFrame;

/// <summary>A piece of a data frame: as much of it as has arrived. Valid until the next frame is read.</summary>
internal sealed record Data(uint Stream, ReadOnlySequence<byte> Bytes, bool Fin) : SpdyFrame;

internal enum SpdyStatus : uint
{
    ProtocolError = 1,
    InvalidStream = 2,
    RefusedStream = 3,
    UnsupportedVersion = 4,
    Cancel = 5,
    InternalError = 6,
    FlowControlError = 7,
    StreamInUse = 8,
    StreamAlreadyClosed = 9,
    FrameTooLarge = 11,
}

/// <summary>The peer does not keep to the protocol; the connection is of no use any more.</summary>
internal sealed class SpdyException(string message) : IOException(message);
