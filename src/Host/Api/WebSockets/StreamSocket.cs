using System.Net.WebSockets;
using System.Text;

namespace ActorOrchestrator.Host.Api.WebSockets;

/// <summary>
/// A stream of bytes as messages (upstream's <c>wsstream</c> reader): an empty one first, then what comes as it comes, in binary messages or, for those who cannot take them, as
/// base64 in text messages of the subprotocol <c>base64.binary.k8s.io</c>.
/// </summary>
internal static class StreamSocket
{
    private const string Base64 = "base64.binary.k8s.io";
    private const string Binary = "binary.k8s.io";
    private const int LargestPart = 2048;

    /// <exception cref="Errors.ApiException">400: not a handshake; 403: no subprotocol that is known.</exception>
    public static Task ServeAsync(HttpContext context, Stream stream)
    {
        var aborted = context.RequestAborted;
        return WebSocketUpgrade.ServeAsync(
            context, [Binary, Base64], socket => OneWaySocket.ServeAsync(socket, gone => CopyAsync(stream, socket, socket.SubProtocol == Base64, gone), aborted));
    }

    private static async Task CopyAsync(Stream stream, WebSocket socket, bool base64, CancellationToken gone)
    {
        var buffer = new byte[LargestPart];
        var read = 0;
        do
        {
            var message = base64 ? Encoding.ASCII.GetBytes(Convert.ToBase64String(buffer, 0, read)) : buffer.AsMemory(0, read);
            await socket.SendAsync(message, base64 ? WebSocketMessageType.Text : WebSocketMessageType.Binary, endOfMessage: true, gone).ConfigureAwait(false);
            read = await stream.ReadAsync(buffer, gone).ConfigureAwait(false);
        }
        while (read > 0);
    }
}
