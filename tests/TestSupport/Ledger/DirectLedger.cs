using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.TestSupport.Ledger;

/// <summary>A ledger without actor and journal: the same decisions, applied to the view before the call returns. For tests of what stands on the ledger.</summary>
public sealed class DirectLedger : ILedger
{
    private readonly Lock _writing = new();

    public DirectLedger(TimeProvider? time = null) => View = new LedgerView(TestLedger.DefaultSettings, time ?? TimeProvider.System);

    public LedgerView View { get; }

    /// <summary>Throws instead of committing while it is true.</summary>
    public bool IsDown { get; set; }

    public Task<LedgerReplies.Committed> CommitAsync(LedgerCommands.Commit commit, CancellationToken cancellation = default)
    {
        if (IsDown)
        {
            throw new LedgerUnavailableException("the ledger of this test is down");
        }

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
