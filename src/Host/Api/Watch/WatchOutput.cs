using System.Buffers;
using System.IO.Pipelines;

namespace ActorOrchestrator.Host.Api.Watch;

/// <summary>Where a watch's events go: the body of an answer, or messages of a WebSocket.</summary>
internal abstract class WatchOutput
{
    /// <summary>Where the next event is composed.</summary>
    public abstract IBufferWriter<byte> Buffer { get; }

    /// <summary>An event is complete.</summary>
    public virtual void EndEvent()
    {
    }

    /// <summary>Sends what is complete. False when the client is gone.</summary>
    public abstract ValueTask<bool> FlushAsync(CancellationToken aborted);
}

/// <summary>Events follow each other in the body; they bring their own frames.</summary>
internal sealed class BodyOutput(PipeWriter body) : WatchOutput
{
    public override IBufferWriter<byte> Buffer => body;

    public override async ValueTask<bool> FlushAsync(CancellationToken aborted)
    {
        var flushed = await body.FlushAsync(aborted).ConfigureAwait(false);
        return !flushed.IsCompleted && !flushed.IsCanceled;
    }
}
