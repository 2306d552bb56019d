using System.Buffers;
using System.Net.WebSockets;
using ActorOrchestrator.Host.Api.WebSockets;

namespace ActorOrchestrator.Host.Api.Watch;

/// <summary>
/// One message an event, as upstream: JSON as text, whatever subprotocol was agreed on, and protobuf as binary without the length that a body needs
/// before it. See <see cref="OneWaySocket"/>.
/// </summary>
internal sealed class WebSocketOutput(WebSocket socket, bool binary) : WatchOutput
{
    private const int LengthPrefix = 4;
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
}
