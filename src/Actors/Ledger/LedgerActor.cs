using System.Collections;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Akka.Persistence;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>
/// The single writer of the cluster's state.
/// <code>
///   Recovering ──RecoveryCompleted──► Leading ──journal failure──► stopped (its owner decides; the journal holds the truth)
///
///   Leading:  Commit ─► Decide on the decided state ─► queue ─► one row per batch ─► view ─► replies ─► feeds, observers, followers
/// </code>
/// 1. A reply leaves only when the facts it tells of, and those it was decided upon, are durable and in the view.
/// 2. At most one row is being written; what arrives meanwhile forms the next.
/// 3. Revisions follow each other without a gap; a row that was not written leaves none behind.
/// 4. A snapshot holds the state at the beginning of the watch window, not the newest, so that recovery replays the whole window:
///    watches and reads of the past go on across a restart.
/// 5. The journal's unique (persistence id, sequence number) fences a stale leader: its next row is refused and it stops.
/// </summary>
public sealed class LedgerActor : ReceivePersistentActor, IWithTimers
{
    /// <summary>The journal's only writer has one name, for ever.</summary>
    public const string JournalId = "ledger";

    private sealed record CheckRetention : INoSerializationVerificationNeeded
    {
        public static readonly CheckRetention Instance = new();
    }

    private readonly LedgerView _view;
    private readonly LedgerSettings _settings;
    private readonly TimeProvider _time;
    private readonly Func<Exception, string> _explain;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CommitQueue _queue;
    private readonly Ring<JournalMark> _rows = new();
    private readonly Dictionary<IActorRef, IActorRef> _followers = [];
    private FactWindow? _recovered;
    private ClusterState _decided = ClusterState.Empty;
    private JournalHistory _history = JournalHistory.Empty;
    private JournalMark? _saving;
    private string _whyStopped = "The ledger is stopping; try again later.";

    /// <param name="explain">Puts a failure of the journal's database into words that tell a user what to do.</param>
    public static Props Props(LedgerView view, LedgerSettings settings, TimeProvider time, Func<Exception, string>? explain = null) =>
        Akka.Actor.Props.Create(() => new LedgerActor(view, settings, time, explain ?? (failure => failure.Message)));

    /// <summary>
    /// The ledger under a supervisor that starts it anew after a failure of its journal, later each time. While it is away
    /// writers are told at once.
    /// </summary>
    public static Props Supervised(LedgerView view, LedgerSettings settings, TimeProvider time, Func<Exception, string>? explain = null) =>
        BackoffSupervisor.Props(
            Backoff.OnStop(Props(view, settings, time, explain), "ledger", settings.RestartMin, settings.RestartMax, randomFactor: 0.2, maxNrOfRetries: -1)
                .WithReplyWhileStopped(new LedgerReplies.Unavailable("The ledger's journal failed and is being opened anew; try again later."))
                .WithAutoReset(settings.RestartMax)
                .WithDefaultStoppingStrategy());

    public LedgerActor(LedgerView view, LedgerSettings settings, TimeProvider time, Func<Exception, string> explain)
    {
        _explain = explain;
        _view = view;
        _settings = settings;
        _time = time;
        _queue = new CommitQueue(settings);

        Recover<SnapshotOffer>(offer => OnSnapshot((LedgerSnapshot)offer.Snapshot));
        Recover<FactBatch>(OnReplayed);
        Recover<RecoveryCompleted>(_ => OnRecovered());

        Command<LedgerCommands.Commit>(OnCommit);
        Command<LedgerQueries.NewestRevision>(_ => Sender.Tell(new LedgerQueries.NewestRevisionIs(_view.State.Revision)));
        Command<ReplicationMessages.Follow>(OnFollow);
        Command<Terminated>(OnFollowerStopped);
        Command<CheckRetention>(_ => OnCheckRetention());
        Command<SaveSnapshotSuccess>(_ => OnSnapshotSaved());
        Command<SaveSnapshotFailure>(OnSnapshotFailed);
        Command<DeleteMessagesSuccess>(done => _log.Debug("Deleted ledger history up to row {Row}", done.ToSequenceNr));
        Command<DeleteMessagesFailure>(failed => _log.Warning(failed.Cause, "Could not delete ledger history up to row {Row}; it is tried again after the next snapshot", failed.ToSequenceNr));
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(failed => _log.Warning(failed.Cause, "Could not delete old ledger snapshots; it is tried again after the next snapshot"));
    }

    public override string PersistenceId => JournalId;

    public ITimerScheduler Timers { get; set; } = null!;

    private void OnSnapshot(LedgerSnapshot snapshot)
    {
        _history = new JournalHistory(snapshot.History, snapshot.History[^1]);
        _recovered = _view.NewWindow(ClusterState.Of(snapshot.Revision, snapshot.Objects));
        _rows.Add(snapshot.History[^1]);
    }

    private void OnReplayed(FactBatch batch)
    {
        _recovered ??= _view.NewWindow(ClusterState.Empty);
        var (after, complete) = _recovered.Newest.Evolve(batch);
        _recovered.Append(complete, after);
        _recovered.Reveal(complete);
        AddRow(LastSequenceNr, complete, _recovered.Base.Revision);
    }

    private void OnRecovered()
    {
        _view.Keeps(_history);
        _view.Lead(_recovered ?? _view.NewWindow(ClusterState.Empty));
        _recovered = null;
        _decided = _view.State;
        Timers.StartPeriodicTimer(CheckRetention.Instance, CheckRetention.Instance, _settings.Retention.CheckInterval);
        _log.Info("Ledger recovered at revision {Revision} with {Objects} objects; watches may resume after revision {Oldest}",
            _decided.Revision, _decided.ObjectCount, _view.OldestWatchable);
    }

    private void OnCommit(LedgerCommands.Commit commit)
    {
        if (_queue.IsFull)
        {
            Sender.Tell(new LedgerReplies.Unavailable("The ledger has more writes waiting than it may hold; try again later."));
            return;
        }

        var decision = LedgerDecider.Decide(_decided, commit);
        var decided = new DecidedCommit(Sender, new LedgerReplies.Committed(decision.Results));
        if (decision.Facts.IsEmpty && _queue.IsEmpty)
        {
            Reply(decided);
            return;
        }

        _decided = decision.After;
        _queue.Add(decided, decision);
        WriteNext();
    }

    private void WriteNext()
    {
        while (_queue.StartNext() is { } pending)
        {
            if (pending.Facts > 0)
            {
                Write(pending);
                return;
            }

            // Refusals alone: what they rest on has just become durable.
            _queue.Finish();
            pending.Commits.ForEach(Reply);
        }
    }

    private void Write(PendingBatch pending) => PersistAsync(pending.ToBatch(), batch => OnWritten(pending, batch));

    private void OnWritten(PendingBatch pending, FactBatch batch)
    {
        var sequenceNumber = LastSequenceNr;
        _view.Advance(batch, pending.After);
        _queue.Finish();
        WriteNext();
        pending.Commits.ForEach(Reply);
        _view.Publish(batch);
        AddRow(sequenceNumber, batch, _view.OldestWatchable);
        SaveSnapshotWhenDue();
    }

    private void Reply(DecidedCommit commit) => commit.Sender.Tell(commit.Reply);

    private void AddRow(long sequenceNumber, FactBatch batch, Revision oldestWatchable)
    {
        _history = _history.Appended(sequenceNumber, batch);
        _view.Keeps(_history);
        _rows.Add(_history.Newest);
        while (_rows.Count > 1 && _rows[0].Revision < oldestWatchable)
        {
            _rows.RemoveOldest();
        }
    }

    /// <summary>A replica has one stream; asking anew ends the one before.</summary>
    private void OnFollow(ReplicationMessages.Follow follow)
    {
        if (_followers.Remove(Sender, out var former))
        {
            Context.Unwatch(former);
            Context.Stop(former);
        }

        var follower = Context.ActorOf(FollowerActor.Props(_view, _settings.Replication, _time, Sender, follow));
        _followers.Add(Sender, Context.Watch(follower));
    }

    private void OnFollowerStopped(Terminated stopped)
    {
        foreach (var (replica, _) in _followers.Where(pair => pair.Value.Equals(stopped.ActorRef)).ToArray())
        {
            _followers.Remove(replica);
        }
    }

    private void OnCheckRetention()
    {
        _view.DropBefore(_time.GetUtcNow() - _settings.Retention.MaxAge);
        SaveSnapshotWhenDue();
        DropHistory();
    }

    private void SaveSnapshotWhenDue()
    {
        if (_saving is not null || _rows.Count == 0)
        {
            return;
        }

        var at = _rows[_rows.FirstWhere(row => row.Revision >= _view.OldestWatchable)];
        if (!_history.IsSnapshotDue(at, _view.State.Bytes, _settings, _time.GetUtcNow()) || _view.StateAt(at.Revision) is not { } state)
        {
            return;
        }

        _saving = at;
        var snapshot = new LedgerSnapshot(at.Revision, new StateObjects(state), _history.Saved(at).Bases);
        var metadata = new SnapshotMetadata(PersistenceId, at.SequenceNumber, _time.GetUtcNow().UtcDateTime);
        SnapshotStore.Tell(new SaveSnapshot(metadata, snapshot));
    }

    private void OnSnapshotSaved()
    {
        if (_saving is not { } saved)
        {
            return;
        }

        _saving = null;
        _history = _history.Saved(saved);
        _view.Keeps(_history);
        DropHistory();
    }

    private void OnSnapshotFailed(SaveSnapshotFailure failure)
    {
        _saving = null;
        _log.Warning(failure.Cause, "Could not save a ledger snapshot; the journal grows until the next one succeeds");
    }

    private void DropHistory()
    {
        if (_saving is null && _history.Disposable(_settings.Retention, _time.GetUtcNow()) is { } upTo)
        {
            _history = _history.Dropped(upTo);
            _view.Keeps(_history);
            DeleteMessages(upTo.SequenceNumber);
            DeleteSnapshots(new SnapshotSelectionCriteria(upTo.SequenceNumber - 1));
        }
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        _whyStopped = "The ledger's journal failed while writing; the outcome of the writes is unknown. Read before trying again.";
        _log.Error(cause, "The journal failed at row {Row}: {Reason}. The ledger stops; nothing of that row was acknowledged", sequenceNr, _explain(cause));
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        _whyStopped = "The ledger's journal refused the write; nothing of it was made.";
        _log.Error(cause, "The journal refused row {Row}: {Reason}. The ledger stops; nothing of that row was acknowledged", sequenceNr, _explain(cause));
        Context.Stop(Self);
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        _log.Error(reason, "The ledger could not recover from its journal: {Reason}", _explain(reason));

    protected override void PostStop()
    {
        _view.StopLeading();
        var unavailable = new LedgerReplies.Unavailable(_whyStopped);
        foreach (var waiting in _queue.Abandon())
        {
            waiting.Tell(unavailable);
        }

        base.PostStop();
    }

    /// <summary>The objects of a state, read when the snapshot is serialised and not before.</summary>
    private sealed class StateObjects(ClusterState state) : IReadOnlyCollection<StoredObject>
    {
        public int Count => state.ObjectCount;
        public IEnumerator<StoredObject> GetEnumerator() => state.Objects().GetEnumerator();
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
