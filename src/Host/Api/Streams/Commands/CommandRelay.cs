using System.IO.Pipelines;
using ActorOrchestrator.Host.NodeEndpoint.Sessions;

namespace ActorOrchestrator.Host.Api.Streams.Commands;

/// <summary>
/// Between a client and a node, for one command or attachment. A piece at a time is on its way in each direction, so that whoever does not read stops the other; that the client
/// goes, or that nothing is said for hours, ends it on the node too.
/// </summary>
internal static class CommandRelay
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(ICommandClient client, NodeConnection node, SessionStart start, IdleTimeout idle, CancellationToken aborted)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(aborted, idle.Token);
        using var input = new CommandInput(node.Input, idle);
        await input.SendAsync(start.ToFrame(), gone.Token).ConfigureAwait(false);
        var reading = ReadAsync(client, input, gone);
        try
        {
            var status = await TellAsync(client, node, idle, gone.Token).ConfigureAwait(false);
            await EndAsync(client, reading, status, gone.Token).ConfigureAwait(false);
        }
        catch (Exception left) when (IsDeparture(left))
        {
            // The client left before the end, or was silent for too long.
        }
        finally
        {
            await gone.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
    }

    /// <summary>Says how it ended to a client for which nothing could be begun.</summary>
    public static async Task RefuseAsync(ICommandClient client, string message, IdleTimeout idle, CancellationToken aborted)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        using var input = new CommandInput(Stream.Null, idle);
        var reading = ReadAsync(client, input, gone);
        try
        {
            await EndAsync(client, reading, SessionStatus.InternalError(message), gone.Token).ConfigureAwait(false);
        }
        catch (Exception left) when (IsDeparture(left))
        {
            // It did not wait to hear it.
        }
        finally
        {
            await gone.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
    }

    private static async Task ReadAsync(ICommandClient client, CommandInput input, CancellationTokenSource gone)
    {
        try
        {
            await client.ReadAsync(input, gone.Token).ConfigureAwait(false);
        }
        catch (Exception left) when (IsDeparture(left) || left is InvalidDataException)
        {
            // However it went, it is gone.
        }

        await gone.CancelAsync().ConfigureAwait(false);
    }

    private static async Task<ReadOnlyMemory<byte>> TellAsync(ICommandClient client, NodeConnection node, IdleTimeout idle, CancellationToken gone)
    {
        var output = PipeReader.Create(node.Output, new StreamPipeReaderOptions(bufferSize: 64 * 1024, minimumReadSize: 16 * 1024, leaveOpen: true));
        try
        {
            while (true)
            {
                ReadResult read;
                try
                {
                    read = await output.ReadAsync(gone).ConfigureAwait(false);
                }
                catch (Exception lost) when (lost is IOException or HttpRequestException && !gone.IsCancellationRequested)
                {
                    return SessionStatus.InternalError($"the connection to the node was lost: {lost.Message}");
                }

                var buffer = read.Buffer;
                while (SessionFrames.TryRead(ref buffer, out var channel, out var content))
                {
                    idle.Touch();
                    if (channel == SessionChannel.Status)
                    {
                        return System.Buffers.BuffersExtensions.ToArray(content);
                    }

                    await client.WriteAsync(channel, content, gone).ConfigureAwait(false);
                }

                output.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                {
                    return SessionStatus.InternalError("the node ended the connection before the command ended");
                }
            }
        }
        finally
        {
            await output.CompleteAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The client is given a moment to close by itself: whoever closes first may lose what the other has not read yet.</summary>
    private static async Task EndAsync(ICommandClient client, Task reading, ReadOnlyMemory<byte> status, CancellationToken gone)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(gone);
        await client.EndAsync(status, gone).ConfigureAwait(false);
        patience.CancelAfter(Farewell);
        await reading.WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static bool IsDeparture(Exception failure) => failure is OperationCanceledException or IOException or System.Net.WebSockets.WebSocketException or ObjectDisposedException;
}
