using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.IO.Pipelines;

namespace ActorOrchestrator.Host.Api.Streams.Spdy;

/// <summary>
/// The server's end of a SPDY/3.1 connection: a loop that reads, writers that take turns. A stream whose reader has enough stops the loop, and with it the peer: the clients that
/// there are keep no windows, so that this is what slows them down. One connection keeps at most <see cref="LargestStreams"/> x <see cref="ReceiveWindow"/> bytes, and as a rule nothing.
/// </summary>
internal sealed class SpdySession(Stream transport, TimeProvider time) : IAsyncDisposable
{
    /// <summary>What a stream takes before its reader has taken any.</summary>
    public const int ReceiveWindow = 256 * 1024;

    public const int LargestStreams = 1000;
    private const int DefaultWindow = 64 * 1024;
    private const int SessionWindow = 64 * 1024 * 1024;
    private const int LargestPiece = 32 * 1024;

    /// <summary>A client that is gone without a word is found when it does not take what is written to it.</summary>
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SpdyEncoder _encoder = new();
    private readonly SpdyDecoder _decoder = new();
    private readonly ConcurrentDictionary<uint, SpdyStream> _streams = new();
    private readonly SpdyWindow _window = new(DefaultWindow);
    private long _initialWindow = DefaultWindow;
    private uint _lastStream;
    private long _unacknowledged;
    private bool _keepsWindows;

    /// <summary>Reads until the peer has closed the connection; every stream that it opens is offered.</summary>
    /// <param name="accept">Whether it is taken, when it has been answered.</param>
    /// <param name="cancellation">Ends it; so does a failure of the connection.</param>
    /// <exception cref="SpdyException">The peer does not speak SPDY.</exception>
    public async Task RunAsync(Func<SpdyStream, bool> accept, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var input = PipeReader.Create(transport, new StreamPipeReaderOptions(bufferSize: 64 * 1024, minimumReadSize: 8 * 1024, leaveOpen: true));
        var pinging = PingAsync(over.Token);
        var why = "the connection was closed";
        try
        {
            await SendAsync(new Settings(ReceiveWindow), over.Token).ConfigureAwait(false);
            await SendAsync(new WindowUpdate(0, SessionWindow - DefaultWindow), over.Token).ConfigureAwait(false);
            while (true)
            {
                var read = await input.ReadAsync(over.Token).ConfigureAwait(false);
                var buffer = read.Buffer;
                while (_decoder.Read(ref buffer) is { } frame)
                {
                    await HandleAsync(frame, accept, over.Token).ConfigureAwait(false);
                }

                input.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (SpdyException violation)
        {
            why = violation.Message;
            await SendLastAsync(new GoAway(_lastStream, (uint)SpdyStatus.ProtocolError)).ConfigureAwait(false);
            throw;
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            foreach (var stream in _streams.Values)
            {
                stream.Break(why);
            }

            await input.CompleteAsync().ConfigureAwait(false);
            await pinging.ConfigureAwait(false);
        }
    }

    /// <summary>Takes leave.</summary>
    public Task CloseAsync() => SendLastAsync(new GoAway(_lastStream, 0));

    public ValueTask DisposeAsync()
    {
        _decoder.Dispose();
        _turn.Dispose();
        return ValueTask.CompletedTask;
    }

    internal async ValueTask SendAsync(SpdyFrame frame, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await transport.WriteAsync(_encoder.Encode(frame), cancellation).ConfigureAwait(false);
            await transport.FlushAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    internal async ValueTask WriteAsync(SpdyStream stream, ReadOnlySequence<byte> bytes, CancellationToken cancellation)
    {
        while (bytes.Length > 0)
        {
            var share = await stream.Window.TakeAsync((int)Math.Min(bytes.Length, LargestPiece), cancellation).ConfigureAwait(false);
            while (share > 0)
            {
                var count = await _window.TakeAsync(share, cancellation).ConfigureAwait(false);
                await WritePieceAsync(stream.Id, bytes.Slice(0, count), cancellation).ConfigureAwait(false);
                bytes = bytes.Slice(count);
                share -= count;
            }
        }
    }

    /// <summary>So many bytes of a stream have been read: the peer may send as many again.</summary>
    internal async ValueTask TakenAsync(SpdyStream stream, int count, CancellationToken cancellation)
    {
        if (!stream.IsClosed)
        {
            await SendAsync(new WindowUpdate(stream.Id, count), cancellation).ConfigureAwait(false);
        }
    }

    internal void Forget(SpdyStream stream)
    {
        if (stream.IsClosed)
        {
            _streams.TryRemove(stream.Id, out _);
        }
    }

    private async Task WritePieceAsync(uint stream, ReadOnlySequence<byte> piece, CancellationToken cancellation)
    {
        var length = SpdyDecoder.HeaderBytes + (int)piece.Length;
        var frame = ArrayPool<byte>.Shared.Rent(length);
        SpdyEncoder.WriteDataHeader(frame, stream, (int)piece.Length, fin: false);
        piece.CopyTo(frame.AsSpan(SpdyDecoder.HeaderBytes));
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await transport.WriteAsync(frame.AsMemory(0, length), cancellation).ConfigureAwait(false);
            await transport.FlushAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    private async ValueTask HandleAsync(SpdyFrame frame, Func<SpdyStream, bool> accept, CancellationToken cancellation)
    {
        switch (frame)
        {
            case Data data:
                await ReceiveAsync(data, cancellation).ConfigureAwait(false);
                break;
            case SynStream opened:
                await OpenAsync(opened, accept, cancellation).ConfigureAwait(false);
                break;
            case RstStream reset when _streams.TryGetValue(reset.Stream, out var stream):
                stream.Break("the stream was reset");
                break;
            case MoreHeaders { Fin: true } last when _streams.TryGetValue(last.Stream, out var stream):
                stream.PeerEnded();
                break;
            case Ping { Id: var id } when id % 2 == 1:
                await SendAsync(frame, cancellation).ConfigureAwait(false);
                break;
            case Settings { InitialWindow: { } window }:
                KeepWindows();
                foreach (var stream in _streams.Values)
                {
                    stream.Window.Give(window - _initialWindow);
                }

                _initialWindow = window;
                break;
            case WindowUpdate update:
                KeepWindows();
                (update.Stream == 0 ? _window : _streams.GetValueOrDefault(update.Stream)?.Window)?.Give(update.Delta);
                break;
        }
    }

    private void KeepWindows()
    {
        if (_keepsWindows)
        {
            return;
        }

        _keepsWindows = true;
        _window.Begin();
        foreach (var stream in _streams.Values)
        {
            stream.Window.Begin();
        }
    }

    private async ValueTask ReceiveAsync(Data data, CancellationToken cancellation)
    {
        if (_streams.TryGetValue(data.Stream, out var stream))
        {
            await stream.ReceiveAsync(data.Bytes, cancellation).ConfigureAwait(false);
            if (data.Fin)
            {
                stream.PeerEnded();
            }
        }

        _unacknowledged += data.Bytes.Length;
        if (_unacknowledged >= SessionWindow / 2)
        {
            await SendAsync(new WindowUpdate(0, (int)_unacknowledged), cancellation).ConfigureAwait(false);
            _unacknowledged = 0;
        }
    }

    private async ValueTask OpenAsync(SynStream opened, Func<SpdyStream, bool> accept, CancellationToken cancellation)
    {
        if (opened.Stream % 2 == 0 || opened.Stream <= _lastStream)
        {
            throw new SpdyException($"stream {opened.Stream} is not the client's to open after stream {_lastStream}");
        }

        _lastStream = opened.Stream;
        if (_streams.Count >= LargestStreams)
        {
            await SendAsync(new RstStream(opened.Stream, SpdyStatus.RefusedStream), cancellation).ConfigureAwait(false);
            return;
        }

        var window = new SpdyWindow(_initialWindow);
        if (_keepsWindows)
        {
            window.Begin();
        }

        var stream = new SpdyStream(this, opened.Stream, opened.Headers, window);
        _streams[stream.Id] = stream;

        // The client waits for the answer before it sends, and throws away what comes before it.
        await SendAsync(new SynReply(stream.Id, Fin: false, ImmutableSortedDictionary<string, string>.Empty), cancellation).ConfigureAwait(false);
        if (opened.Fin)
        {
            stream.PeerEnded();
        }

        if (!accept(stream))
        {
            stream.Break("the stream was refused");
            await SendAsync(new RstStream(stream.Id, SpdyStatus.Cancel), cancellation).ConfigureAwait(false);
        }
    }

    private async Task PingAsync(CancellationToken over)
    {
        using var timer = new PeriodicTimer(PingInterval, time);
        uint id = 2;
        try
        {
            while (await timer.WaitForNextTickAsync(over).ConfigureAwait(false))
            {
                await SendAsync(new Ping(id), over).ConfigureAwait(false);
                id += 2;
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or ObjectDisposedException or System.Net.WebSockets.WebSocketException)
        {
            // The connection ends; whoever reads it finds that too.
        }
    }

    private async Task SendLastAsync(SpdyFrame frame)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
        try
        {
            await SendAsync(frame, patience.Token).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or ObjectDisposedException or System.Net.WebSockets.WebSocketException)
        {
            // The peer has left already.
        }
    }
}
