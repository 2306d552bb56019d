using System.Buffers;
using System.Text;
using ActorOrchestrator.Host.NodeEndpoint.Sessions;

namespace ActorOrchestrator.Host.Api.Streams.Commands;

/// <summary>A client of <c>remotecommand</c> over a WebSocket.</summary>
internal sealed class ChannelClient(ChannelSocket socket, StreamSpec streams) : ICommandClient
{
    private readonly TerminalSizes _sizes = new();
    private bool _closing;

    /// <summary>An empty message on the first channel there is tells the client that it is connected.</summary>
    public ValueTask GreetAsync(CancellationToken cancellation) =>
        socket.WriteAsync((byte)(streams.Stdout ? SessionChannel.Stdout : streams.Stderr ? SessionChannel.Stderr : SessionChannel.Status), default, cancellation);

    public Task ReadAsync(CommandInput input, CancellationToken cancellation) => socket.ReadAsync((channel, piece) => ReceiveAsync(channel, piece, input, cancellation), cancellation);

    public ValueTask WriteAsync(SessionChannel channel, ReadOnlySequence<byte> output, CancellationToken cancellation) => socket.WriteAsync((byte)channel, output, cancellation);

    public async Task EndAsync(ReadOnlyMemory<byte> status, CancellationToken cancellation)
    {
        if (socket.Protocol.TellsStatus)
        {
            await socket.WriteAsync((byte)SessionChannel.Status, new ReadOnlySequence<byte>(status), cancellation).ConfigureAwait(false);
        }
        else if (SessionStatus.MessageOf(status.Span) is { Length: > 0 } message)
        {
            await socket.WriteAsync((byte)SessionChannel.Status, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(message)), cancellation).ConfigureAwait(false);
        }

        await socket.CloseAsync(cancellation).ConfigureAwait(false);
    }

    private async ValueTask ReceiveAsync(byte channel, ReadOnlyMemory<byte> piece, CommandInput input, CancellationToken cancellation)
    {
        switch (channel)
        {
            case (byte)SessionChannel.Stdin when streams.Stdin && !_closing:
                await input.StdinAsync(piece, cancellation).ConfigureAwait(false);
                break;
            case (byte)SessionChannel.Resize when streams.Tty:
                foreach (var size in _sizes.Push(piece))
                {
                    await input.ResizeAsync(size, cancellation).ConfigureAwait(false);
                }

                break;
            case ChannelProtocol.CloseChannel when socket.Protocol.HasHalfClose && piece.Length == 1 && piece.Span[0] == (byte)SessionChannel.Stdin && streams.Stdin && !_closing:
                _closing = true;
                await input.CloseStdinAsync(cancellation).ConfigureAwait(false);
                break;
        }
    }
}
