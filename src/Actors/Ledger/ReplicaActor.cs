using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>
/// Keeps this host's view in step with the leader's ledger.
/// <code>
///   Asking ──first part──► Following ──gap, silence, Ended──► Asking (a new attempt, from the revision at hand)
///   the ledger leads here ──► idle until it no longer does
/// </code>
/// 1. A part is taken only when it has the next number of the current attempt and follows the view directly: nothing is skipped
///    or repeated, whoever leads.
/// 2. While no leader answers, the view keeps its last state.
/// </summary>
public sealed class ReplicaActor : ReceiveActor, IWithTimers
{
    private sealed record Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }

    private readonly LedgerView _view;
    private readonly IActorRef _leader;
    private readonly ReplicationSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly List<StoredObject> _state = [];
    private IActorRef? _follower;
    private long _attempt;
    private long _received;
    private long _heard;

    /// <param name="view">This host's view. Nobody but a ledger that leads here may write it besides.</param>
    /// <param name="leader">The ledger, or a proxy that finds it wherever it leads.</param>
    public static Props Props(LedgerView view, IActorRef leader, ReplicationSettings settings, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new ReplicaActor(view, leader, settings, time));

    public ReplicaActor(LedgerView view, IActorRef leader, ReplicationSettings settings, TimeProvider time)
    {
        _view = view;
        _leader = leader;
        _settings = settings;
        _time = time;

        Receive<ReplicationMessages.Part>(part => part.Attempt == _attempt, OnPart);
        Receive<ReplicationMessages.Part>(_ => { });
        Receive<ReplicationMessages.Ended>(ended => ended.Attempt == _attempt && _received > 0, _ => Follow());
        Receive<ReplicationMessages.Ended>(_ => { });
        Receive<LedgerReplies.Unavailable>(_ => { });
        Receive<Terminated>(ended => OnFollowerLost(ended.ActorRef));
        Receive<Tick>(_ => OnTick());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private void Follow()
    {
        Forget();
        _attempt = Math.Max(_attempt + 1, _time.GetUtcNow().UtcTicks);
        _received = 0;
        _state.Clear();
        _heard = _time.GetTimestamp();
        if (!_view.IsLed)
        {
            _leader.Tell(new ReplicationMessages.Follow(_view.State.Revision, _attempt));
        }
    }

    private void OnPart(ReplicationMessages.Part part)
    {
        if (_view.IsLed)
        {
            Forget();
            return;
        }

        if (part.Number != _received + 1 || !Take(part))
        {
            _log.Info("The stream of the ledger has a gap at part {Part}; following anew from revision {Revision}", part.Number, _view.State.Revision);
            Follow();
            return;
        }

        if (_received == 0)
        {
            _follower = Sender;
            Context.Watch(Sender);
        }

        _received = part.Number;
        _heard = _time.GetTimestamp();
        Sender.Tell(new ReplicationMessages.Received(_attempt, part.Number));
    }

    private bool Take(ReplicationMessages.Part part)
    {
        switch (part)
        {
            case ReplicationMessages.Facts { Items.IsEmpty: true }:
                return true;
            case ReplicationMessages.Facts facts when facts.Items[0].Revision == _view.State.Revision.Next:
                _view.Apply(new FactBatch(facts.Items));
                return true;
            case ReplicationMessages.State state when state.Revision >= _view.State.Revision:
                TakeState(state);
                return true;
            default:
                return false;
        }
    }

    private void TakeState(ReplicationMessages.State part)
    {
        _state.AddRange(part.Objects);
        if (part.Last)
        {
            var state = ClusterState.Of(part.Revision, _state);
            _state.Clear();
            _log.Info("Took over the whole state at revision {Revision} with {Objects} objects", part.Revision, state.ObjectCount);
            _view.Follow(_view.NewWindow(state));
        }
    }

    private void OnFollowerLost(IActorRef follower)
    {
        if (follower.Equals(_follower))
        {
            Follow();
        }
    }

    private void OnTick()
    {
        // A leader that is there answers at once; one that answered before is given more time.
        var patience = _received == 0 ? _settings.KeepAlive * 2 : _settings.Silence;
        if (_view.IsLed)
        {
            Forget();
        }
        else if (_time.GetElapsedTime(_heard) > patience)
        {
            Follow();
        }
    }

    private void Forget()
    {
        if (_follower is not null)
        {
            Context.Unwatch(_follower);
            _follower = null;
        }
    }

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, _settings.KeepAlive);
        Follow();
    }
}
