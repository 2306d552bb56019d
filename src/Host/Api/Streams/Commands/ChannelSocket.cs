using System.Buffers;
using System.Buffers.Text;
using System.Net.WebSockets;

namespace ActorOrchestrator.Host.Api.Streams.Commands;

/// <summary>Channels over a WebSocket. One reads; writers take turns.</summary>
internal sealed class ChannelSocket(WebSocket socket, ChannelProtocol protocol) : IDisposable
{
    private const int PieceBytes = 32 * 1024;
    private readonly SemaphoreSlim _turn = new(1, 1);

    public ChannelProtocol Protocol => protocol;

    public void Dispose() => _turn.Dispose();

    public async ValueTask WriteAsync(byte channel, ReadOnlySequence<byte> content, CancellationToken cancellation)
    {
        do
        {
            var piece = content.Slice(0, Math.Min(content.Length, PieceBytes));
            content = content.Slice(piece.End);
            var message = ArrayPool<byte>.Shared.Rent(1 + Base64.GetMaxEncodedToUtf8Length((int)piece.Length));
            await _turn.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                var length = Encode(channel, piece, message);
                await socket.SendAsync(
                    message.AsMemory(0, length), protocol.IsBase64 ? WebSocketMessageType.Text : WebSocketMessageType.Binary, endOfMessage: true, cancellation).ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
                ArrayPool<byte>.Shared.Return(message);
            }
        }
        while (content.Length > 0);
    }

    /// <summary>Hands on every piece of every message until the client closes.</summary>
    /// <param name="receive">A piece of a message of a channel.</param>
    /// <param name="cancellation">Breaks the socket.</param>
    public async Task ReadAsync(Func<byte, ReadOnlyMemory<byte>, ValueTask> receive, CancellationToken cancellation)
    {
        var buffer = new byte[PieceBytes];
        var kept = 0;
        byte? channel = null;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(kept), cancellation).ConfigureAwait(false);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            var piece = buffer.AsMemory(0, kept + received.Count);
            kept = 0;
            if (channel is null && piece.Length > 0)
            {
                channel = protocol.IsBase64 ? (byte)(piece.Span[0] - '0') : piece.Span[0];
                piece = piece[1..];
            }

            if (channel is { } known)
            {
                if (protocol.IsBase64)
                {
                    // What is left over of four digits waits for the next piece; what is no base64 is dropped, as upstream does.
                    _ = Base64.DecodeFromUtf8InPlace(piece.Span[..(piece.Length / 4 * 4)], out var written) is var decoded;
                    var whole = piece.Length / 4 * 4;
                    var rest = piece[whole..];
                    if (decoded == OperationStatus.Done)
                    {
                        await receive(known, piece[..written]).ConfigureAwait(false);
                    }

                    if (!received.EndOfMessage)
                    {
                        rest.CopyTo(buffer);
                        kept = rest.Length;
                    }
                }
                else
                {
                    await receive(known, piece).ConfigureAwait(false);
                }
            }

            if (received.EndOfMessage)
            {
                channel = null;
            }
        }
    }

    public async Task CloseAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private int Encode(byte channel, in ReadOnlySequence<byte> content, Span<byte> message)
    {
        if (!protocol.IsBase64)
        {
            message[0] = channel;
            content.CopyTo(message[1..]);
            return 1 + (int)content.Length;
        }

        message[0] = (byte)('0' + channel);
        content.CopyTo(message[1..]);
        Base64.EncodeToUtf8InPlace(message[1..], (int)content.Length, out var written);
        return 1 + written;
    }
}
