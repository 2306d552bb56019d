using System.Net;
using System.Net.Sockets;
using ActorOrchestrator.Actors.ServiceNetworking.Dns;

namespace ActorOrchestrator.Host.Dns;

/// <summary>One address, UDP and TCP. Whatever a packet holds, it costs at most that packet.</summary>
internal sealed class DnsListener(DnsSettings settings, DnsResponder responder, IPEndPoint address) : IDisposable
{
    private const int ReceiveBuffer = 4 << 20;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);
    private readonly Socket _udp = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
    private readonly TcpListener _tcp = new(address);
    private readonly CancellationTokenSource _stopped = new();
    private readonly SemaphoreSlim _connections = new(settings.ConnectionLimit);

    /// <exception cref="SocketException">The address is not here, or taken.</exception>
    public void Start()
    {
        try
        {
            _udp.ReceiveBufferSize = ReceiveBuffer;
            _udp.Bind(address);
            _tcp.Start();
        }
        catch (SocketException)
        {
            Dispose();
            throw;
        }

        _ = Task.Run(() => ServeUdpAsync(_stopped.Token));
        _ = Task.Run(() => ServeTcpAsync(_stopped.Token));
    }

    public void Dispose()
    {
        _stopped.Cancel();
        _udp.Dispose();
        _tcp.Dispose();
    }

    private async Task ServeUdpAsync(CancellationToken stopped)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
        var anybody = new SocketAddress(address.AddressFamily);
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                var length = await _udp.ReceiveFromAsync(buffer, SocketFlags.None, anybody, stopped);
                var answer = responder.AnswerAsync(buffer.AsSpan(0, length), tcp: false);
                if (answer.IsCompletedSuccessfully)
                {
                    await SendAsync(answer.Result, anybody, stopped);
                }
                else
                {
                    var asker = new SocketAddress(address.AddressFamily, anybody.Size);
                    anybody.Buffer.CopyTo(asker.Buffer);
                    _ = SendLaterAsync(answer.AsTask(), asker, stopped);
                }
            }
            catch (SocketException)
            {
                // An asker that is unreachable by now, or the bridge that is being made anew. The pause keeps a lasting error from spinning.
                await Task.Delay(TimeSpan.FromMilliseconds(10), CancellationToken.None);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task SendLaterAsync(Task<byte[]?> answer, SocketAddress asker, CancellationToken stopped)
    {
        try
        {
            await SendAsync(await answer, asker, stopped);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The asker is gone or we are stopping; it asks again.
        }
    }

    private async ValueTask SendAsync(byte[]? answer, SocketAddress asker, CancellationToken stopped)
    {
        if (answer is not null)
        {
            await _udp.SendToAsync(answer, SocketFlags.None, asker, stopped);
        }
    }

    private async Task ServeTcpAsync(CancellationToken stopped)
    {
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                await _connections.WaitAsync(stopped);
                var client = await AcceptAsync(stopped);
                _ = ServeAsync(client, stopped);
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task<TcpClient> AcceptAsync(CancellationToken stopped)
    {
        try
        {
            return await _tcp.AcceptTcpClientAsync(stopped);
        }
        catch
        {
            _connections.Release();
            throw;
        }
    }

    private async Task ServeAsync(TcpClient client, CancellationToken stopped)
    {
        using var owned = client;
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(stopped);
        try
        {
            client.NoDelay = true;
            var stream = client.GetStream();
            idle.CancelAfter(Idle);
            while (await DnsStream.ReadAsync(stream, idle.Token) is { } packet)
            {
                if (await responder.AnswerAsync(packet, tcp: true) is not { } answer)
                {
                    return;
                }

                await DnsStream.WriteAsync(stream, answer, idle.Token);
                idle.CancelAfter(Idle);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The asker went away or said nothing for too long.
        }
        finally
        {
            _connections.Release();
        }
    }
}
