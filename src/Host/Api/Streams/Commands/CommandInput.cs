using System.Buffers;
using ActorOrchestrator.Host.NodeEndpoint.Sessions;

namespace ActorOrchestrator.Host.Api.Streams.Commands;

/// <summary>What goes to the node of what a client sends. After the node has said its last word, the rest of it is nothing to anybody.</summary>
internal sealed class CommandInput(Stream node, IdleTimeout idle) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _deaf;

    public async ValueTask StdinAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        var frame = ArrayPool<byte>.Shared.Rent(SessionFrames.HeaderBytes + bytes.Length);
        try
        {
            SessionFrames.WriteHeader(frame, SessionChannel.Stdin, bytes.Length);
            bytes.CopyTo(frame.AsMemory(SessionFrames.HeaderBytes));
            await SendAsync(frame.AsMemory(0, SessionFrames.HeaderBytes + bytes.Length), cancellation).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    public ValueTask CloseStdinAsync(CancellationToken cancellation) => SendAsync(SessionFrames.Frame(SessionChannel.CloseStdin, []), cancellation);

    public ValueTask ResizeAsync(TerminalSize size, CancellationToken cancellation) => SendAsync(SessionFrames.Resize(size), cancellation);

    public async ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellation)
    {
        idle.Touch();
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (!_deaf)
            {
                await node.WriteAsync(frame, cancellation).ConfigureAwait(false);
                await node.FlushAsync(cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (gone is IOException or HttpRequestException or ObjectDisposedException)
        {
            _deaf = true;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
