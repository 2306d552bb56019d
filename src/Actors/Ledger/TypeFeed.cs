using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>One watcher's place in the stream of a type. It owns nothing but that place, so an idle one costs nothing.</summary>
internal sealed class TypeFeed(ResourceType type, FactWindow window, TypeStream stream, long position, Revision after, TimeProvider time) : FactFeed
{
    private long _position = position;

    public override async ValueTask<FeedBatch> NextAsync(TimeSpan patience, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (Take(out var batch))
        {
            return batch;
        }

        var signal = stream.NextSignal();
        if (Take(out batch))
        {
            return batch;
        }

        await signal.WaitAsync(patience, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        Take(out batch);
        return batch;
    }

    public override void Dispose()
    {
    }

    /// <summary>True when there is at least one fact; else the batch tells only how far the feed has seen.</summary>
    private bool Take(out FeedBatch batch)
    {
        // The order matters: whatever is revealed up to this revision is found in the stream below.
        var revealed = window.Revealed;
        var facts = stream.From(_position);
        if (stream.Closed || facts is null)
        {
            throw new SlowWatcherException(stream.Closed
                ? $"The watch of {type} ended: this host was away for longer than the retained window and took over a newer state. List again."
                : $"The watch of {type} fell behind the retained window, which begins after revision {window.Base.Revision}. List again.");
        }

        var found = facts.Value;
        _position += found.Count;
        while (found.Count > 0 && found[0].Revision <= after)
        {
            found = found[1..];
        }

        var atHead = _position >= stream.Head;
        var seen = found.Count > 0 ? found[^1].Revision : after;
        if (atHead && revealed > seen)
        {
            seen = revealed;
        }

        after = seen > after ? seen : after;
        batch = new FeedBatch(found, after);
        return found.Count > 0;
    }
}
