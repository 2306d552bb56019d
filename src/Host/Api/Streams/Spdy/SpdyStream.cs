using System.Buffers;
using System.Collections.Immutable;
using System.IO.Pipelines;

namespace ActorOrchestrator.Host.Api.Streams.Spdy;

/// <summary>
/// One stream of a connection: two directions, each of which ends by itself. One reads, one writes.
/// <code>
///   open ──peer's FIN──► half closed (remote) ──our FIN──► closed
///     └───our FIN──► half closed (local) ──peer's FIN──► closed            RST, of either or of the whole connection: closed at once
/// </code>
/// </summary>
internal sealed class SpdyStream(SpdySession session, uint id, ImmutableSortedDictionary<string, string> headers, SpdyWindow window)
{
    private readonly Pipe _incoming = new(new PipeOptions(pauseWriterThreshold: SpdySession.ReceiveWindow, resumeWriterThreshold: SpdySession.ReceiveWindow / 2, useSynchronizationContext: false));
    private int _ended;
    private bool _peerEnded;
    private int _unacknowledged;

    public uint Id => id;

    public SpdyWindow Window => window;

    /// <summary>What the peer said of it when it was opened; names are in lower case.</summary>
    public string Header(string name) => headers.GetValueOrDefault(name, "");

    public bool IsClosed => _peerEnded && Volatile.Read(ref _ended) != 0;

    /// <summary>0 at the end.</summary>
    /// <exception cref="IOException">It was reset, or the connection is lost.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var read = await _incoming.Reader.ReadAsync(cancellation).ConfigureAwait(false);
        var part = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, buffer.Length));
        part.CopyTo(buffer.Span);
        var count = (int)part.Length;
        _incoming.Reader.AdvanceTo(part.End);
        _unacknowledged += count;
        if (_unacknowledged >= SpdySession.ReceiveWindow / 2)
        {
            await session.TakenAsync(this, _unacknowledged, cancellation).ConfigureAwait(false);
            _unacknowledged = 0;
        }

        return count;
    }

    /// <exception cref="IOException">It was ended, or the connection is lost.</exception>
    public ValueTask WriteAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellation) =>
        Volatile.Read(ref _ended) == 0 ? session.WriteAsync(this, bytes, cancellation) : throw new IOException("the stream is closed");

    /// <summary>Nothing more is said on it.</summary>
    public async ValueTask EndAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            await session.SendAsync(new Data(id, default, Fin: true), cancellation).ConfigureAwait(false);
            session.Forget(this);
        }
    }

    /// <summary>Nobody reads it any more: what comes is thrown away.</summary>
    public void StopReading() => _incoming.Reader.Complete();

    /// <summary>From the connection; waits while the reader has enough.</summary>
    internal async ValueTask ReceiveAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellation)
    {
        foreach (var part in bytes)
        {
            if ((await _incoming.Writer.WriteAsync(part, cancellation).ConfigureAwait(false)).IsCompleted)
            {
                return;
            }
        }
    }

    internal void PeerEnded()
    {
        _peerEnded = true;
        _incoming.Writer.Complete();
        session.Forget(this);
    }

    internal void Break(string why)
    {
        _peerEnded = true;
        Interlocked.Exchange(ref _ended, 1);
        _incoming.Writer.Complete(new IOException(why));
        session.Forget(this);
    }
}
