using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using ActorOrchestrator.Host.Api.Streams.Spdy;

namespace ActorOrchestrator.Host.Api.Streams.Ports;

/// <summary>
/// The connections that one client forwards over one SPDY connection. It opens two streams for each, which belong together by their <c>requestid</c>: one for the data and one for what
/// goes wrong.
/// </summary>
internal sealed class SpdyForwards(PortTarget target, IdleTimeout idle, TimeSpan patience, TimeProvider time, CancellationToken gone) : IDisposable
{
    private const int PieceBytes = 32 * 1024;
    private readonly ConcurrentDictionary<string, Pair> _pairs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Pair, Task> _running = new();

    public void Dispose() => _pairs.Clear();

    /// <summary>Called by the loop that reads, one stream after the other. False for what upstream refuses.</summary>
    public bool Accept(SpdyStream stream)
    {
        var type = stream.Header("streamtype");
        if (type is not ("error" or "data") || !ushort.TryParse(stream.Header("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
        {
            return false;
        }

        // Who does not say which belong together opens the error stream first and the other right after it.
        var id = stream.Header("requestid") is { Length: > 0 } said ? said : (type == "error" ? stream.Id : stream.Id - 2).ToString(CultureInfo.InvariantCulture);
        var pair = _pairs.GetOrAdd(id, key => Watched(new Pair(key)));
        if (!pair.Add(type == "error", stream))
        {
            return false;
        }

        if (pair is { Data: { } data, Error: { } error })
        {
            _pairs.TryRemove(id, out _);
            pair.Expiry?.Dispose();
            _running[pair] = ServeAsync(pair, port, data, error);
        }

        return true;
    }

    public Task EndedAsync() => Task.WhenAll(_running.Values);

    /// <summary>A stream that stays alone is told so after a while.</summary>
    private Pair Watched(Pair pair)
    {
        pair.Expiry = time.CreateTimer(
            _ =>
            {
                if (_pairs.TryRemove(pair.Id, out var alone))
                {
                    _running[alone] = ExpireAsync(alone);
                }
            },
            null, patience, Timeout.InfiniteTimeSpan);
        return pair;
    }

    private async Task ExpireAsync(Pair pair)
    {
        await Task.Yield();
        try
        {
            if (pair.Error is { } error)
            {
                await error.WriteAsync(Bytes($"(request={pair.Id}) timed out waiting for streams"), gone).ConfigureAwait(false);
                await error.EndAsync(gone).ConfigureAwait(false);
            }

            await (pair.Data?.EndAsync(gone) ?? ValueTask.CompletedTask).ConfigureAwait(false);
        }
        catch (Exception left) when (IsDeparture(left))
        {
            // Nobody waits for it any more.
        }

        _running.TryRemove(pair, out _);
    }

    private async Task ServeAsync(Pair pair, int port, SpdyStream data, SpdyStream error)
    {
        await Task.Yield();
        try
        {
            var (connection, reason) = await target.ConnectAsync(port, gone).ConfigureAwait(false);
            if (connection is null)
            {
                await TellAsync(error, reason).ConfigureAwait(false);
                await data.EndAsync(gone).ConfigureAwait(false);
            }
            else
            {
                await using (connection)
                {
                    await CopyAsync(connection, port, data, error).ConfigureAwait(false);
                }
            }
        }
        catch (Exception left) when (IsDeparture(left))
        {
            // The client has left, or does not want this connection any more.
        }
        finally
        {
            await EndAsync(data).ConfigureAwait(false);
            await EndAsync(error).ConfigureAwait(false);
            _running.TryRemove(pair, out _);
        }
    }

    /// <summary>Whatever ended a connection, the client waits for the end of its streams, the one for errors above all.</summary>
    private async Task EndAsync(SpdyStream stream)
    {
        stream.StopReading();
        try
        {
            await stream.EndAsync(gone).ConfigureAwait(false);
        }
        catch (Exception left) when (IsDeparture(left))
        {
            // The client has left.
        }
    }

    private async Task CopyAsync(NodeConnection connection, int port, SpdyStream data, SpdyStream error)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(gone);
        var sending = SendAsync(connection, data, over);
        try
        {
            try
            {
                var buffer = new byte[PieceBytes];
                int read;
                while ((read = await connection.Output.ReadAsync(buffer, over.Token).ConfigureAwait(false)) > 0)
                {
                    idle.Touch();
                    await data.WriteAsync(new ReadOnlySequence<byte>(buffer, 0, read), over.Token).ConfigureAwait(false);
                }
            }
            catch (Exception broken) when (broken is HttpIOException or HttpRequestException)
            {
                await TellAsync(error, target.Failure(port, "read: connection reset by peer")).ConfigureAwait(false);
            }

            // The client goes by the error stream's end; until its own direction ends, the pod may still be told something.
            await data.EndAsync(gone).ConfigureAwait(false);
            await error.EndAsync(gone).ConfigureAwait(false);
            await sending.ConfigureAwait(false);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(false);
        }
    }

    private async Task SendAsync(NodeConnection connection, SpdyStream data, CancellationTokenSource over)
    {
        try
        {
            var buffer = new byte[PieceBytes];
            int read;
            while ((read = await data.ReadAsync(buffer, over.Token).ConfigureAwait(false)) > 0)
            {
                idle.Touch();
                await connection.Input.WriteAsync(buffer.AsMemory(0, read), over.Token).ConfigureAwait(false);
                await connection.Input.FlushAsync(over.Token).ConfigureAwait(false);
            }

            connection.EndInput();
        }
        catch (Exception ended) when (IsDeparture(ended) || ended is HttpRequestException)
        {
            // The client reset the stream, or the pod takes no more: there is nothing to hear on either side.
            await over.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task TellAsync(SpdyStream error, string message)
    {
        await error.WriteAsync(Bytes(message), gone).ConfigureAwait(false);
        await error.EndAsync(gone).ConfigureAwait(false);
    }

    private static ReadOnlySequence<byte> Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private static bool IsDeparture(Exception failure) => failure is OperationCanceledException or IOException or ObjectDisposedException or System.Net.WebSockets.WebSocketException;

    private sealed class Pair(string id)
    {
        public string Id => id;

        public SpdyStream? Data { get; private set; }

        public SpdyStream? Error { get; private set; }

        public ITimer? Expiry { get; set; }

        public bool Add(bool isError, SpdyStream stream)
        {
            if ((isError ? Error : Data) is not null)
            {
                return false;
            }

            (Data, Error) = isError ? (Data, stream) : (stream, Error);
            return true;
        }
    }
}
