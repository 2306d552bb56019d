using System.Buffers;
using System.Net.WebSockets;

namespace ActorOrchestrator.Host.Api.Watch;

/// <summary>
/// One message an event, as upstream: JSON as text, whatever subprotocol was agreed on, and protobuf as binary without the length that a body needs
/// before it. What the client sends is read and thrown away; that it closes ends the watch.
/// </summary>
internal sealed class WebSocketOutput(WebSocket socket, bool binary) : WatchOutput
{
    private const int LengthPrefix = 4;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);
    private readonly ArrayBufferWriter<byte> _pending = new(16 * 1024);
    private readonly List<int> _ends = [];

    public override IBufferWriter<byte> Buffer => _pending;

    public override void EndEvent() => _ends.Add(_pending.WrittenCount);

    public override async ValueTask<bool> FlushAsync(CancellationToken aborted)
    {
        var start = 0;
        foreach (var end in _ends)
        {
            if (socket.State != WebSocketState.Open)
            {
                return false;
            }

            var from = binary ? start + LengthPrefix : start;
            await socket.SendAsync(
                _pending.WrittenMemory[from..end], binary ? WebSocketMessageType.Binary : WebSocketMessageType.Text, endOfMessage: true, aborted).ConfigureAwait(false);
            start = end;
        }

        _ends.Clear();
        _pending.ResetWrittenCount();
        return true;
    }

    /// <summary>Runs a watch until it ends or the client closes, and takes leave.</summary>
    /// <param name="socket">The client.</param>
    /// <param name="watch">Writes until its token is cancelled.</param>
    /// <param name="aborted">The connection is gone.</param>
    public static async Task ServeAsync(WebSocket socket, Func<CancellationToken, Task> watch, CancellationToken aborted)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var reading = IgnoreAsync(socket, gone);
        try
        {
            await watch(gone.Token).ConfigureAwait(false);
        }
        catch (Exception left) when (left is WebSocketException or OperationCanceledException && gone.IsCancellationRequested)
        {
            // The client closed while something was being written to it.
        }

        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                using var patience = new CancellationTokenSource(Farewell);
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", patience.Token).ConfigureAwait(false);
                await reading.WaitAsync(patience.Token).ConfigureAwait(false);
            }
        }
        catch (Exception rude) when (rude is WebSocketException or OperationCanceledException)
        {
            // It went without a word.
        }

        await gone.CancelAsync().ConfigureAwait(false);
        await reading.ConfigureAwait(false);
    }

    private static async Task IgnoreAsync(WebSocket socket, CancellationTokenSource gone)
    {
        var scrap = new byte[1024];
        try
        {
            while (!gone.IsCancellationRequested)
            {
                var received = await socket.ReceiveAsync(scrap.AsMemory(), gone.Token).ConfigureAwait(false);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }
            }
        }
        catch (Exception left) when (left is WebSocketException or OperationCanceledException)
        {
            // However it went, it is gone.
        }

        await gone.CancelAsync().ConfigureAwait(false);
    }
}
