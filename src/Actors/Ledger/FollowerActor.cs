using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>
/// The leader's end of one replica's stream, a child of the ledger.
/// <code>
///   Streaming ──window has what follows──► Facts …      (at most ChunksInFlight parts without an acknowledgement)
///       └──────window does not reach back──► State … State(last) ──► Facts …
///   silence, the replica's end, or the ledger's ──► Ended, stopped
/// </code>
/// 1. Parts are numbered without a gap and each follows the one before: the replica can tell whether it missed something.
/// 2. The stream holds nothing of its own: it reads the view's window by revision, so a slow replica never grows the leader.
/// </summary>
internal sealed class FollowerActor : ReceiveActor, IWithTimers
{
    private sealed record News : INoSerializationVerificationNeeded
    {
        public static readonly News Instance = new();
    }

    private sealed record Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }

    private readonly LedgerView _view;
    private readonly ReplicationSettings _settings;
    private readonly TimeProvider _time;
    private readonly IActorRef _replica;
    private readonly long _attempt;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private Revision _sent;
    private long _number;
    private long _acknowledged;
    private long _heard;
    private int _newsUnderWay;
    private StateTransfer? _transfer;
    private IDisposable? _observation;

    public static Props Props(LedgerView view, ReplicationSettings settings, TimeProvider time, IActorRef replica, ReplicationMessages.Follow follow) =>
        Akka.Actor.Props.Create(() => new FollowerActor(view, settings, time, replica, follow));

    public FollowerActor(LedgerView view, ReplicationSettings settings, TimeProvider time, IActorRef replica, ReplicationMessages.Follow follow)
    {
        _view = view;
        _settings = settings;
        _time = time;
        _replica = replica;
        _attempt = follow.Attempt;
        _sent = follow.Have;

        Receive<News>(_ => OnNews());
        Receive<ReplicationMessages.Received>(received => received.Attempt == _attempt, OnReceived);
        Receive<ReplicationMessages.Received>(_ => { });
        Receive<Tick>(_ => OnTick());
        Receive<Terminated>(_ => Context.Stop(Self));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private bool MaySend => _number - _acknowledged < _settings.ChunksInFlight;

    private void OnNews()
    {
        Volatile.Write(ref _newsUnderWay, 0);
        SendMore();
    }

    private void OnReceived(ReplicationMessages.Received received)
    {
        _heard = _time.GetTimestamp();
        _acknowledged = Math.Max(_acknowledged, received.Number);
        SendMore();
    }

    private void OnTick()
    {
        if (_number > _acknowledged && _time.GetElapsedTime(_heard) > _settings.Silence)
        {
            _log.Info("Replica {Replica} has not answered for {Silence}; it may follow anew", _replica, _settings.Silence);
            Context.Stop(Self);
            return;
        }

        SendMore();
        if (_number == _acknowledged)
        {
            Send(new ReplicationMessages.Facts(_attempt, _number + 1, []));
        }
    }

    private void SendMore()
    {
        while (MaySend && NextPart() is { } part)
        {
            Send(part);
        }
    }

    private void Send(ReplicationMessages.Part part)
    {
        if (_number == _acknowledged)
        {
            // The silence of a replica counts from when it has something to answer.
            _heard = _time.GetTimestamp();
        }

        _number = part.Number;
        _replica.Tell(part);
    }

    private ReplicationMessages.Part? NextPart()
    {
        if (_transfer is null)
        {
            if (_view.FactsAfter(_sent, _settings.ChunkBytes) is { } facts)
            {
                if (facts.IsEmpty)
                {
                    return null;
                }

                _sent = facts[^1].Revision;
                return new ReplicationMessages.Facts(_attempt, _number + 1, facts);
            }

            _transfer = new StateTransfer(_view.State);
            _log.Info("Replica {Replica} has revision {Have}, before the window; it is sent the whole state at {Revision}", _replica, _sent, _transfer.Revision);
        }

        var objects = _transfer.Next(_settings.ChunkBytes, out var last);
        var part = new ReplicationMessages.State(_attempt, _number + 1, _transfer.Revision, objects, last);
        if (last)
        {
            _sent = _transfer.Revision;
            _transfer = null;
        }

        return part;
    }

    protected override void PreStart()
    {
        if (_sent > _view.State.Revision)
        {
            _log.Warning("Replica {Replica} has revision {Have}, newer than this leader's {Revision}; this host may no longer lead", _replica, _sent, _view.State.Revision);
            Context.Stop(Self);
            return;
        }

        Context.Watch(_replica);
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, _settings.KeepAlive);
        var self = Self;
        _observation = _view.Observe(_ =>
        {
            // One message wakes this actor for any number of batches.
            if (Interlocked.Exchange(ref _newsUnderWay, 1) == 0)
            {
                self.Tell(News.Instance);
            }
        });
        Send(new ReplicationMessages.Facts(_attempt, _number + 1, []));
        SendMore();
    }

    protected override void PostStop()
    {
        _observation?.Dispose();
        _replica.Tell(new ReplicationMessages.Ended(_attempt));
    }

    /// <summary>A whole state on its way, a part at a time.</summary>
    private sealed class StateTransfer
    {
        private readonly IEnumerator<StoredObject> _objects;
        private bool _more;

        public StateTransfer(ClusterState state)
        {
            Revision = state.Revision;
            _objects = state.Objects().GetEnumerator();
            _more = _objects.MoveNext();
        }

        public Revision Revision { get; }

        public ImmutableArray<StoredObject> Next(int maxBytes, out bool last)
        {
            var objects = ImmutableArray.CreateBuilder<StoredObject>();
            for (var bytes = 0L; _more && (objects.Count == 0 || bytes + _objects.Current.Utf8.Length <= maxBytes); _more = _objects.MoveNext())
            {
                bytes += _objects.Current.Utf8.Length;
                objects.Add(_objects.Current);
            }

            last = !_more;
            return objects.DrainToImmutable();
        }
    }
}
