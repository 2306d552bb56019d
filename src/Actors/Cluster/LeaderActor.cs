using System.Collections.Immutable;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Nodes;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.Cluster;

/// <summary>One part of the control plane that runs with the leader.</summary>
/// <param name="Name">Its actor name.</param>
/// <param name="Props">How it is made.</param>
/// <param name="HearsNodes">Gets the nodes' heartbeats.</param>
/// <param name="HearsUse">Gets the nodes' reports of what they use, and those who follow them.</param>
public sealed record LeaderPart(string Name, Props Props, bool HearsNodes = false, bool HearsUse = false);

/// <summary>
/// The leader: the cluster singleton under which ledger, scheduler and controllers live together, so that nothing on the hot path
/// crosses the network.
/// <code>
///   Opening ──ledger answered──► Leading ──stopped (hand-over, leaving, downed)──► everything below it stops
/// </code>
/// 1. Messages for the ledger are handed to it from the first moment on; it answers "unavailable" by itself while it cannot write.
/// 2. The other parts start when the ledger has recovered: they never decide on a view that is not whole.
/// 3. A part that crashes is restarted alone; it remembers nothing that is not in the ledger.
/// </summary>
public sealed class LeaderActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(100);
    private readonly Props _ledgerProps;
    private readonly ImmutableArray<LeaderPart> _parts;
    private readonly Action<IActorRef?>? _leads;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private ImmutableArray<IActorRef> _nodeListeners = [];
    private ImmutableArray<IActorRef> _useListeners = [];
    private IActorRef _ledger = ActorRefs.Nobody;

    /// <param name="ledger">The ledger, under its own supervisor.</param>
    /// <param name="parts">What runs beside it.</param>
    /// <param name="leads">Told the ledger when it leads here, and null when it no longer does: whoever is on this host needs no way round.</param>
    public static Props Props(Props ledger, ImmutableArray<LeaderPart> parts, Action<IActorRef?>? leads = null) =>
        Akka.Actor.Props.Create(() => new LeaderActor(ledger, parts, leads));

    public LeaderActor(Props ledger, ImmutableArray<LeaderPart> parts, Action<IActorRef?>? leads)
    {
        _ledgerProps = ledger;
        _parts = parts;
        _leads = leads;
        Opening();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private void Opening()
    {
        Receive<Ask>(_ => _ledger.Tell(LedgerQueries.NewestRevision.Instance));
        Receive<LedgerReplies.Unavailable>(_ => Timers.StartSingleTimer(nameof(Ask), Ask.Instance, AskAgain));
        Receive<LedgerQueries.NewestRevisionIs>(newest => OnOpen(newest));
        Receive<NodeMessages.Heartbeat>(_ => { });
        Receive<UsageReport>(_ => { });
        Receive<FollowUsage>(_ => { });
        ForLedger();
    }

    private void Leading()
    {
        Receive<NodeMessages.Heartbeat>(heartbeat => Pass(heartbeat, _nodeListeners));
        Receive<UsageReport>(report => Pass(report, _useListeners));
        Receive<FollowUsage>(follow => Pass(follow, _useListeners));
        ForLedger();
    }

    private static void Pass(object message, ImmutableArray<IActorRef> listeners)
    {
        foreach (var listener in listeners)
        {
            listener.Forward(message);
        }
    }

    private void ForLedger()
    {
        Receive<LedgerCommands.Commit>(commit => _ledger.Forward(commit));
        Receive<LedgerQueries.NewestRevision>(query => _ledger.Forward(query));
        Receive<ReplicationMessages.Follow>(follow => _ledger.Forward(follow));
    }

    private void OnOpen(LedgerQueries.NewestRevisionIs newest)
    {
        _log.Info("This host leads from revision {Revision} on", newest.Revision);
        _leads?.Invoke(_ledger);
        var started = _parts.Select(part => (Part: part, Actor: Context.ActorOf(part.Props, part.Name))).ToArray();
        _nodeListeners = [.. started.Where(entry => entry.Part.HearsNodes).Select(entry => entry.Actor)];
        _useListeners = [.. started.Where(entry => entry.Part.HearsUse).Select(entry => entry.Actor)];
        Become(Leading);
    }

    protected override void PreStart()
    {
        _ledger = Context.ActorOf(_ledgerProps, "ledger");
        Self.Tell(Ask.Instance);
    }

    protected override void PostStop() => _leads?.Invoke(null);

    private sealed record Ask : INoSerializationVerificationNeeded
    {
        public static readonly Ask Instance = new();
    }
}
