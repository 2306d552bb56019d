using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Ledger.History;

/// <summary>What the journal still tells of the time before the window in memory.</summary>
public interface ILedgerArchive
{
    /// <summary>The state exactly as of a revision; null when the retention has dropped it.</summary>
    /// <exception cref="HistoryBusyException">Too many look back at once.</exception>
    ValueTask<ClusterState?> AtAsync(Revision revision, CancellationToken cancellation);

    /// <summary>Every fact of a type after a revision, from the journal first and live from then on; null when the retention has dropped it.</summary>
    /// <exception cref="HistoryBusyException">Too many look back at once.</exception>
    ValueTask<FactFeed?> WatchAsync(ResourceType type, Revision after, CancellationToken cancellation);
}

/// <summary>As many readers of the past as are allowed at once are at work; try again later.</summary>
public sealed class HistoryBusyException(string message) : Exception(message);
