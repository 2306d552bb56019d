using System.Collections.Immutable;
using ActorOrchestrator.Actors.Cluster;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Host.Persistence;
using Akka.Actor;

namespace ActorOrchestrator.Host.Composition;

/// <summary>What runs with the leader: the ledger, and everything that decides.</summary>
internal sealed class ControlPlaneParts(LedgerView view, LedgerSettings ledger, TimeProvider time)
{
    public Props Leader(ActorSystem system) =>
        LeaderActor.Props(LedgerActor.Supervised(view, ledger, time, LedgerStorage.Explain), Parts(system));

    private ImmutableArray<LeaderPart> Parts(ActorSystem system) => [];
}
