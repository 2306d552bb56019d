using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>Asks the ledger, through its own reference on the leader or through a proxy elsewhere.</summary>
public sealed class LedgerClient(IActorRef ledger, TimeSpan timeout) : ILedger
{
    public async Task<LedgerReplies.Committed> CommitAsync(LedgerCommands.Commit commit, CancellationToken cancellation = default) =>
        await AskAsync(commit, cancellation) switch
        {
            LedgerReplies.Committed committed => committed,
            LedgerReplies.Unavailable unavailable => throw new LedgerUnavailableException(unavailable.Why),
            var other => throw new InvalidOperationException($"The ledger answered a commit with {other.GetType().Name}."),
        };

    public async Task<Revision> NewestRevisionAsync(CancellationToken cancellation = default) =>
        await AskAsync(LedgerQueries.NewestRevision.Instance, cancellation) switch
        {
            LedgerQueries.NewestRevisionIs newest => newest.Revision,
            LedgerReplies.Unavailable unavailable => throw new LedgerUnavailableException(unavailable.Why),
            var other => throw new InvalidOperationException($"The ledger answered a query for its revision with {other.GetType().Name}."),
        };

    private async Task<object> AskAsync(object message, CancellationToken cancellation)
    {
        try
        {
            return await ledger.Ask<object>(message, timeout, cancellation).ConfigureAwait(false);
        }
        catch (AskTimeoutException late)
        {
            throw new LedgerUnavailableException(
                $"The ledger did not answer within {timeout.TotalSeconds:0.#} s. A write may or may not have been made; read before trying again.", late);
        }
    }
}
