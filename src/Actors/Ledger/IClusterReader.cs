using ActorOrchestrator.Actors.Ledger.History;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>
/// The committed state of the cluster on this host, readable from any thread without asking an actor. On the leader it is
/// as new as the last acknowledged write; on a replica it follows in order, without gap or repeat.
/// </summary>
public interface IClusterReader
{
    /// <summary>The newest state here. Immutable: keep it as long as one decision takes, then drop it.</summary>
    ClusterSnapshot Current { get; }

    /// <summary>The oldest revision after which every fact is still at hand for <see cref="Watch"/>.</summary>
    Revision OldestWatchable { get; }

    /// <summary>The state exactly as of a revision, while it is retained in memory; null when it no longer is.</summary>
    ClusterSnapshot? At(Revision revision);

    /// <summary>The state exactly as of a revision, from memory or from the journal; null when the retention has dropped it.</summary>
    /// <exception cref="HistoryBusyException">Too many look back at once.</exception>
    ValueTask<ClusterSnapshot?> AtAsync(Revision revision, CancellationToken cancellation);

    /// <summary>Waits until <see cref="Current"/> is at or past a revision.</summary>
    /// <exception cref="OperationCanceledException">The token ended the wait.</exception>
    ValueTask<ClusterSnapshot> AtLeastAsync(Revision revision, CancellationToken cancellation);

    /// <summary>
    /// Calls back for every batch after the returned snapshot, in order, from the publishing thread: the callback must
    /// only hand the batch on (to an actor's mailbox). Dispose to stop. On a replica that was away for longer than the leader's window
    /// one batch may hold the difference between two states instead: one fact per changed object, revisions not adjacent.
    /// </summary>
    Observation Observe(Action<FactBatch> onFacts);

    /// <summary>
    /// A bounded, ordered feed of every fact of one type after a revision, for a watch. Null when the revision is older than
    /// <see cref="OldestWatchable"/> (410 Gone). A reader that falls behind by more than the bound is ended with
    /// <see cref="SlowWatcherException"/>; it never grows the server.
    /// </summary>
    FactFeed? Watch(ResourceType type, Revision after);

    /// <summary>As <see cref="Watch"/>, and beginning in the journal where the revision is older than the window; null only when the retention has dropped it.</summary>
    /// <exception cref="HistoryBusyException">Too many look back at once.</exception>
    ValueTask<FactFeed?> WatchAsync(ResourceType type, Revision after, CancellationToken cancellation);
}

/// <param name="Start">The state at which the observation begins.</param>
/// <param name="Subscription">Dispose to stop the calls.</param>
public sealed record Observation(ClusterSnapshot Start, IDisposable Subscription) : IDisposable
{
    public void Dispose() => Subscription.Dispose();
}

/// <summary>A feed for one watcher.</summary>
public abstract class FactFeed : IDisposable
{
    /// <summary>The next facts of the type (possibly none) and the revision up to which the feed has seen everything, for bookmarks.
    /// Waits for at most <paramref name="patience"/>, then returns what there is.</summary>
    /// <exception cref="SlowWatcherException">The reader fell too far behind.</exception>
    public abstract ValueTask<FeedBatch> NextAsync(TimeSpan patience, CancellationToken cancellation);

    public abstract void Dispose();
}

public readonly record struct FeedBatch(IReadOnlyList<Fact> Facts, Revision SeenUpTo);

/// <summary>The watcher is too slow for the rate of change; it must list again (410 Gone).</summary>
public sealed class SlowWatcherException(string message) : Exception(message);
