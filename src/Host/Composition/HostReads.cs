using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Host.Api.Resources;

namespace ActorOrchestrator.Host.Composition;

/// <summary>The newest state: where the ledger leads, this host's own view has every acknowledged write already; elsewhere the leader is asked first.</summary>
internal sealed class HostReads(ILedger ledger, LedgerView view) : IReadConsistency
{
    private readonly LeaderReads _leader = new(ledger, view);

    public ValueTask<ClusterSnapshot> NewestAsync(CancellationToken cancellation) =>
        view.IsLed ? new ValueTask<ClusterSnapshot>(view.Current) : _leader.NewestAsync(cancellation);
}
