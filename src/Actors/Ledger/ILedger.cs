using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>The way to the single writer, wherever its leader runs now.</summary>
public interface ILedger
{
    /// <summary>Commits durably, then answers. The answer's facts are already in the leader's <see cref="IClusterReader"/>.</summary>
    /// <exception cref="LedgerUnavailableException">No leader answered in time; the outcome of the writes is unknown or none.</exception>
    Task<LedgerReplies.Committed> CommitAsync(LedgerCommands.Commit commit, CancellationToken cancellation = default);

    /// <summary>The newest revision that the leader has acknowledged: a replica that has reached it is as new as the leader was when asked.</summary>
    /// <exception cref="LedgerUnavailableException">No leader answered in time.</exception>
    Task<Revision> NewestRevisionAsync(CancellationToken cancellation = default);
}

/// <summary>The ledger cannot take writes now. The message says why; the API answers 503 with Retry-After.</summary>
public sealed class LedgerUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
