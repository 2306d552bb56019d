using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Bench.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Bench.Patch;

/// <summary>The ledger's decisions without its actor and its disk: what is measured is the thread that prepares a write.</summary>
internal sealed class MemoryLedger : ILedger
{
    private readonly Lock _writing = new();

    public LedgerView View { get; } = new(LedgerSettings.From(LedgerHost.Hocon("base.conf").GetConfig("orchestrator.ledger")), TimeProvider.System);

    public Task<LedgerReplies.Committed> CommitAsync(LedgerCommands.Commit commit, CancellationToken cancellation = default)
    {
        lock (_writing)
        {
            var decision = LedgerDecider.Decide((ClusterState)View.Current, commit);
            if (!decision.Facts.IsEmpty)
            {
                View.Apply(new FactBatch(decision.Facts));
            }

            return Task.FromResult(new LedgerReplies.Committed(decision.Results));
        }
    }

    public Task<Revision> NewestRevisionAsync(CancellationToken cancellation = default) => Task.FromResult(View.Current.Revision);
}
