using System.Buffers;
using System.Text;
using System.Threading.Channels;
using ActorOrchestrator.Host.Api.Streams.Spdy;
using ActorOrchestrator.Host.NodeEndpoint.Sessions;

namespace ActorOrchestrator.Host.Api.Streams.Commands;

/// <summary>A client of <c>remotecommand</c> over SPDY: it opens a stream for each of the things it has or wants, and says which by a header.</summary>
internal sealed class SpdyClient(StreamSpec streams, int version) : ICommandClient
{
    private const int PieceBytes = 32 * 1024;
    private readonly Channel<SpdyStream> _opened = Channel.CreateBounded<SpdyStream>(SpdySession.LargestStreams);
    private SpdyStream? _error;
    private SpdyStream? _stdin;
    private SpdyStream? _stdout;
    private SpdyStream? _stderr;
    private SpdyStream? _resize;
    private Task _connection = Task.CompletedTask;

    /// <summary>What is served, the newest first.</summary>
    public static string[] Protocols { get; } = ["v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"];

    public static int VersionOf(string protocol) => protocol[0] == 'v' ? protocol[1] - '0' : 1;

    public bool Accept(SpdyStream stream) => _opened.Writer.TryWrite(stream);

    /// <summary>Waits for all streams that belong to what was asked for.</summary>
    /// <param name="connection">Ends when the client has gone.</param>
    /// <param name="patience">Ends the wait.</param>
    public async Task OpenedAsync(Task connection, CancellationToken patience)
    {
        _connection = connection;
        _ = connection.ContinueWith(_ => _opened.Writer.TryComplete(new IOException("the client has gone")), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var missing = 1 + (streams.Stdin ? 1 : 0) + (streams.Stdout ? 1 : 0) + (streams.Stderr ? 1 : 0) + (streams.Tty && version >= 3 ? 1 : 0);
        while (missing > 0)
        {
            var stream = await _opened.Reader.ReadAsync(patience).ConfigureAwait(false);
            switch (stream.Header("streamtype"))
            {
                case "error": _error = stream; break;
                case "stdin": _stdin = stream; break;
                case "stdout": _stdout = stream; break;
                case "stderr": _stderr = stream; break;
                case "resize": _resize = stream; break;
                default: continue;
            }

            missing--;
        }
    }

    public async Task ReadAsync(CommandInput input, CancellationToken cancellation)
    {
        // Whichever stream ends, the client is there for as long as its connection is.
        await Task.WhenAll(StdinAsync(input, cancellation), SizesAsync(input, cancellation)).ConfigureAwait(false);
        await _connection.WaitAsync(cancellation).ConfigureAwait(false);
    }

    public ValueTask WriteAsync(SessionChannel channel, ReadOnlySequence<byte> output, CancellationToken cancellation) =>
        (channel == SessionChannel.Stderr ? _stderr : _stdout)?.WriteAsync(output, cancellation) ?? ValueTask.CompletedTask;

    public async Task EndAsync(ReadOnlyMemory<byte> status, CancellationToken cancellation)
    {
        var told = version >= 4 ? status : Encoding.UTF8.GetBytes(SessionStatus.MessageOf(status.Span));
        await _error!.WriteAsync(new ReadOnlySequence<byte>(told), cancellation).ConfigureAwait(false);
        foreach (var stream in (SpdyStream?[])[_stdout, _stderr, _error, _stdin, _resize])
        {
            if (stream is not null)
            {
                await stream.EndAsync(cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task StdinAsync(CommandInput input, CancellationToken cancellation)
    {
        if (_stdin is null)
        {
            return;
        }

        var buffer = new byte[PieceBytes];
        int read;
        while ((read = await _stdin.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            await input.StdinAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
        }

        await input.CloseStdinAsync(cancellation).ConfigureAwait(false);
    }

    private async Task SizesAsync(CommandInput input, CancellationToken cancellation)
    {
        if (_resize is null)
        {
            return;
        }

        var sizes = new TerminalSizes();
        var buffer = new byte[1024];
        int read;
        while ((read = await _resize.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            foreach (var size in sizes.Push(buffer.AsMemory(0, read)))
            {
                await input.ResizeAsync(size, cancellation).ConfigureAwait(false);
            }
        }
    }
}
