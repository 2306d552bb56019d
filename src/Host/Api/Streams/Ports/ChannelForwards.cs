using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using ActorOrchestrator.Host.Api.Streams.Commands;

namespace ActorOrchestrator.Host.Api.Streams.Ports;

/// <summary>
/// Ports forwarded over the channels of a WebSocket: of the n-th port, channel 2n is the data and channel 2n+1 what goes wrong. Each begins with the port's number, two bytes, little
/// end first. There is one connection to each port, from the beginning.
/// </summary>
internal sealed class ChannelForwards(ChannelSocket socket, int[] ports, PortTarget target, IdleTimeout idle)
{
    private const int PieceBytes = 32 * 1024;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);
    private readonly NodeConnection?[] _connections = new NodeConnection?[ports.Length];

    public async Task RunAsync(CancellationTokenSource gone)
    {
        var reading = Task.CompletedTask;
        try
        {
            for (var i = 0; i < ports.Length; i++)
            {
                var port = new byte[2];
                BinaryPrimitives.WriteUInt16LittleEndian(port, (ushort)ports[i]);
                await socket.WriteAsync((byte)(2 * i), new ReadOnlySequence<byte>(port), gone.Token).ConfigureAwait(false);
                await socket.WriteAsync((byte)((2 * i) + 1), new ReadOnlySequence<byte>(port), gone.Token).ConfigureAwait(false);
            }

            for (var i = 0; i < ports.Length; i++)
            {
                var (connection, reason) = await target.ConnectAsync(ports[i], gone.Token).ConfigureAwait(false);
                _connections[i] = connection;
                if (connection is null)
                {
                    await TellAsync(i, reason, gone.Token).ConfigureAwait(false);
                }
            }

            reading = ReadAsync(gone);
            await Task.WhenAll(Enumerable.Range(0, ports.Length).Select(i => TellAsync(i, gone.Token))).ConfigureAwait(false);
            await socket.CloseAsync(gone.Token).ConfigureAwait(false);
            await reading.WaitAsync(Farewell, gone.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            await gone.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
            foreach (var connection in _connections)
            {
                await (connection?.DisposeAsync() ?? ValueTask.CompletedTask).ConfigureAwait(false);
            }
        }
    }

    private async Task ReadAsync(CancellationTokenSource gone)
    {
        try
        {
            await socket.ReadAsync((channel, piece) => SendAsync(channel, piece, gone.Token), gone.Token).ConfigureAwait(false);
        }
        catch (Exception left) when (left is OperationCanceledException or IOException or System.Net.WebSockets.WebSocketException or ObjectDisposedException)
        {
            // However it went, it is gone.
        }

        await gone.CancelAsync().ConfigureAwait(false);
    }

    private async ValueTask SendAsync(byte channel, ReadOnlyMemory<byte> piece, CancellationToken gone)
    {
        if (channel % 2 != 0 || channel / 2 >= ports.Length || _connections[channel / 2] is not { } connection || piece.IsEmpty)
        {
            return;
        }

        idle.Touch();
        try
        {
            await connection.Input.WriteAsync(piece, gone).ConfigureAwait(false);
            await connection.Input.FlushAsync(gone).ConfigureAwait(false);
        }
        catch (Exception ended) when (ended is IOException or HttpRequestException or ObjectDisposedException)
        {
            // This pod's program takes no more; what it says is told by the other direction.
        }
    }

    private async Task TellAsync(int index, CancellationToken gone)
    {
        if (_connections[index] is not { } connection)
        {
            return;
        }

        var buffer = new byte[PieceBytes];
        try
        {
            int read;
            while ((read = await connection.Output.ReadAsync(buffer, gone).ConfigureAwait(false)) > 0)
            {
                idle.Touch();
                await socket.WriteAsync((byte)(2 * index), new ReadOnlySequence<byte>(buffer, 0, read), gone).ConfigureAwait(false);
            }
        }
        catch (Exception broken) when (broken is HttpIOException or HttpRequestException)
        {
            await TellAsync(index, target.Failure(ports[index], "read: connection reset by peer"), gone).ConfigureAwait(false);
        }
    }

    private ValueTask TellAsync(int index, string message, CancellationToken gone) =>
        socket.WriteAsync((byte)((2 * index) + 1), new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(message)), gone);
}
