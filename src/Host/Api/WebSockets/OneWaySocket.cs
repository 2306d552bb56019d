using System.Net.WebSockets;

namespace ActorOrchestrator.Host.Api.WebSockets;

/// <summary>A WebSocket on which only the server has something to say: what the client sends is read and thrown away, and that it closes ends the telling.</summary>
internal static class OneWaySocket
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    /// <summary>Tells until it is all said or the client closes, and takes leave.</summary>
    /// <param name="socket">The client.</param>
    /// <param name="tell">Writes until its token is cancelled.</param>
    /// <param name="aborted">The connection is gone.</param>
    public static async Task ServeAsync(WebSocket socket, Func<CancellationToken, Task> tell, CancellationToken aborted)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var reading = IgnoreAsync(socket, gone);
        try
        {
            await tell(gone.Token).ConfigureAwait(false);
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
