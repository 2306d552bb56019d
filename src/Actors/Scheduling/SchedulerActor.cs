using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Scheduling;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.Scheduling;

/// <summary>
/// Gives every pod its node. One actor on the leader; the decisions are <see cref="SchedulerState"/>'s, the effects are here.
/// <code>
///   facts ──► queue ──► cycle ──┬─ fits ────► assumed ──► bind ──┬─ Bound ─────► (the fact confirms)
///                ▲              │                      ▲         ├─ Unknown ───► bind again, same node
///                │              └─ fits nowhere        └─────────┘
///                │                     │                         └─ Refused ──► taken back ─┐
///                └── a fact that helps ┴─────────────────── after back-off ◄────────────────┘
/// </code>
/// 1. A pod is bound at most once: the binding is a compare-and-set, and an unknown outcome is only asked about again.
/// 2. A node is never over-allocated: what is assumed counts from the decision on, until a definite refusal.
/// 3. Whoever leaves to make room is told once; the room is the preemptor's until it has come, or somebody more important wants it.
/// 4. Facts are applied in the ledger's order, and every fact that has arrived is applied before the next turn.
/// </summary>
public sealed class SchedulerActor : ReceiveActor, IWithTimers
{
    private const string BindingVolumes = "running PreBind plugin \"VolumeBinding\": binding volumes: ";

    private readonly IClusterReader _reader;
    private readonly PodBinder _binder;
    private readonly IEventRecorder _events;
    private readonly TimeProvider _time;
    private readonly SchedulerSettings _settings;
    private readonly SchedulerState _state;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private Observation? _observation;

    // By uid: the answer that is being written to a pod. Two writes at once could end in the wrong order and leave the older answer standing.
    private readonly Dictionary<string, Mark> _marks = new(StringComparer.Ordinal);

    // Pods that are assumed and wait there for their volumes.
    private readonly Dictionary<ObjectKey, VolumeWait> _waitForVolumes = [];
    private int _bindsInFlight;
    private bool _turnPending;
    private DateTimeOffset? _alarm;

    public SchedulerActor(IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time, SchedulerSettings settings)
    {
        _reader = reader;
        _binder = new PodBinder(client, time);
        _events = events;
        _time = time;
        _settings = settings;
        _state = new SchedulerState([.. settings.Profiles.Select(SchedulingProfile.From)], settings);
        Receive<FactsArrived>(OnFacts);
        Receive<Turn>(_ => OnTurn());
        Receive<BindAnswered>(OnBindAnswered);
        Receive<BindAgain>(again => Bind(again.Pod, again.NodeName, again.Attempt));
        Receive<MarkAnswered>(OnMarkAnswered);
        Receive<EvictAnswered>(OnEvictAnswered);
        Receive<VolumesAnswered>(OnVolumesAnswered);
        Receive<VolumesLate>(OnVolumesLate);
        Receive<BackoffOver>(_ => OnBackoffOver());
        Receive<RetryDue>(_ => OnRetryDue());
        Receive<SchedulerQueries.Explain>(query => Sender.Tell(_state.Explain(query.Pod)));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time, SchedulerSettings settings) =>
        Akka.Actor.Props.Create(() => new SchedulerActor(reader, client, events, time, settings));

    protected override void PreStart()
    {
        var self = Self;
        _observation = _reader.Observe(batch => self.Tell(new FactsArrived(batch)));
        _state.Load(_observation.Start, _time.GetUtcNow());
        Timers.StartPeriodicTimer(nameof(RetryDue), RetryDue.Instance, _settings.UnschedulableRetry);
        TakeTurn();
    }

    protected override void PostStop()
    {
        _observation?.Dispose();
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private void OnFacts(FactsArrived arrived)
    {
        var now = _time.GetUtcNow();
        foreach (var fact in arrived.Batch.Facts)
        {
            _state.Apply(fact, now);
        }

        BindThoseWithVolumes();
        TakeTurn();
    }

    /// <summary>One turn at most waits in the mailbox, behind the facts that came before it.</summary>
    private void TakeTurn()
    {
        if (!_turnPending)
        {
            _turnPending = true;
            Self.Tell(Turn.Instance);
        }
    }

    private void OnTurn()
    {
        _turnPending = false;
        var now = _time.GetUtcNow();
        for (var pods = 0; pods < _settings.PodsPerTurn; pods++)
        {
            if (_bindsInFlight >= _settings.BindsInFlight)
            {
                return;
            }

            if (_state.TryNext(now) is not { } attempt)
            {
                SetAlarm();
                return;
            }

            if (attempt.NodeName is { } nodeName)
            {
                Commit(attempt, nodeName);
            }
            else
            {
                Refuse(attempt);
            }
        }

        TakeTurn();
    }

    /// <summary>Claims first: a pod is bound when all of them are.</summary>
    private void Commit(Attempt attempt, string nodeName)
    {
        var pod = attempt.Pod;
        if (attempt.Volumes.IsEmpty)
        {
            _bindsInFlight++;
            Bind(pod, nodeName, 1);
            return;
        }

        _waitForVolumes[pod.Key] = new VolumeWait(pod, nodeName);
        Timers.StartSingleTimer(("volumes", pod.Key), new VolumesLate(pod, nodeName), _settings.VolumeBindTimeout);
        _binder.BindVolumesAsync(pod, attempt.Volumes, _stopped.Token).PipeTo(
            Self,
            success: why => new VolumesAnswered(pod, nodeName, why),
            failure: error => new VolumesAnswered(pod, nodeName, error.Message));
    }

    private void BindThoseWithVolumes()
    {
        foreach (var wait in _waitForVolumes.Count == 0 ? [] : _waitForVolumes.Values.ToArray())
        {
            BindIfItHasItsVolumes(wait);
        }
    }

    private void BindIfItHasItsVolumes(VolumeWait wait)
    {
        var (pod, nodeName) = (wait.Pod, wait.NodeName);
        if (!_state.IsAssumed(pod, nodeName))
        {
            Forget(pod.Key);
            return;
        }

        var (done, failure) = _state.VolumesOf(pod, nodeName);
        if (done)
        {
            Forget(pod.Key);
            _bindsInFlight++;
            Bind(pod, nodeName, 1);
        }
        else if (failure is not null && wait.IsWritten)
        {
            GiveUpVolumes(pod, nodeName, $"{BindingVolumes}{failure}");
        }
    }

    private void OnVolumesAnswered(VolumesAnswered answered)
    {
        if (!_waitForVolumes.TryGetValue(answered.Pod.Key, out var wait) || wait.Pod.Uid != answered.Pod.Uid || wait.NodeName != answered.NodeName)
        {
            return;
        }

        if (answered.Why is { } why)
        {
            _log.Info("The volumes of pod {Pod} could not be bound on node {Node}: {Why}", NameOf(answered.Pod), answered.NodeName, why);
            GiveUpVolumes(answered.Pod, answered.NodeName, $"{BindingVolumes}{why}");
        }
        else
        {
            // The facts of what was written have come before this answer.
            wait.IsWritten = true;
            BindIfItHasItsVolumes(wait);
        }
    }

    private void OnVolumesLate(VolumesLate late) =>
        GiveUpVolumes(late.Pod, late.NodeName, $"{BindingVolumes}context deadline exceeded");

    private void GiveUpVolumes(PodInfo pod, string nodeName, string message)
    {
        if (_waitForVolumes.ContainsKey(pod.Key) && _state.IsAssumed(pod, nodeName))
        {
            Forget(pod.Key);
            RecorderOf(pod).Record(pod.Source, warning: true, "FailedScheduling", message);
            _state.TakeBack(pod, nodeName, _reader.Current, _time.GetUtcNow());
            TakeTurn();
        }
    }

    private void Forget(ObjectKey pod)
    {
        _waitForVolumes.Remove(pod);
        Timers.Cancel(("volumes", pod));
    }

    private void Evict(Attempt attempt, string nodeName)
    {
        var preemptor = attempt.Pod;
        foreach (var victim in attempt.Victims)
        {
            _binder.EvictAsync(victim, preemptor, _stopped.Token).PipeTo(
                Self,
                success: why => new EvictAnswered(preemptor, victim, nodeName, why),
                failure: error => new EvictAnswered(preemptor, victim, nodeName, error.Message));
        }
    }

    private void OnEvictAnswered(EvictAnswered answered)
    {
        var (preemptor, victim, nodeName, why) = answered;
        if (why is null)
        {
            RecorderOf(preemptor).Record(victim.Source, warning: false, "Preempted", $"Preempted by pod {preemptor.Uid} on node {nodeName}");
            return;
        }

        _log.Warning("Pod {Victim} could not be made to leave node {Node} for {Pod}: {Why}", NameOf(victim), nodeName, NameOf(preemptor), why);
        _state.WithdrawNomination(preemptor, _time.GetUtcNow());
        TakeTurn();
    }

    private void Bind(PodInfo pod, string nodeName, int attempt)
    {
        if (!_state.IsAssumed(pod, nodeName))
        {
            // The pod's end, or the very binding that was in doubt, arrived as a fact in the meantime.
            _bindsInFlight--;
            TakeTurn();
            return;
        }

        // What is written is put together elsewhere: this thread is for deciding. The dispatcher's threads are those of a simulation, too.
        var (self, stopped) = (Self, _stopped.Token);
        Context.Dispatcher.Schedule(() => _binder.BindAsync(pod, nodeName, stopped).PipeTo(
            self,
            success: result => new BindAnswered(pod, nodeName, attempt, result),
            failure: error => new BindAnswered(pod, nodeName, attempt, new BindResult(BindOutcome.Unknown, error.Message))));
    }

    private void OnBindAnswered(BindAnswered answered)
    {
        var (pod, nodeName, attempt, result) = answered;
        if (result.Outcome == BindOutcome.Unknown)
        {
            _log.Warning("Binding pod {Pod} to node {Node} is in doubt after attempt {Attempt}: {Why}", NameOf(pod), nodeName, attempt, result.Why);
            Timers.StartSingleTimer(("bind", pod.Key), new BindAgain(pod, nodeName, attempt + 1), _state.Queue.BackoffOf(attempt));
            return;
        }

        _bindsInFlight--;
        if (result.Outcome == BindOutcome.Bound)
        {
            RecorderOf(pod).Record(pod.Source, warning: false, "Scheduled", $"Successfully assigned {NameOf(pod)} to {nodeName}");
        }
        else if (_state.IsAssumed(pod, nodeName))
        {
            _log.Info("Node {Node} was not given pod {Pod}: {Why}", nodeName, NameOf(pod), result.Why);
            _state.TakeBack(pod, nodeName, _reader.Current, _time.GetUtcNow());
        }

        TakeTurn();
    }

    /// <summary>Tells the user once for each different answer.</summary>
    private void Refuse(Attempt attempt)
    {
        var (pod, message, nomination) = (attempt.Pod, attempt.Message, attempt.Nomination);
        if (nomination is { Length: > 0 })
        {
            Evict(attempt, nomination);
        }

        foreach (var displaced in attempt.Displaced)
        {
            Withdraw(displaced);
        }

        if (_marks.TryGetValue(pod.Uid, out var mark))
        {
            if (mark.Newest != message)
            {
                Tell(attempt);
            }

            mark.Newest = message;
            mark.Nomination = nomination ?? mark.Nomination;
            return;
        }

        var isNews = pod.Unscheduled != ("Unschedulable", message);
        if (isNews)
        {
            Tell(attempt);
        }

        if (isNews || (nomination is not null && nomination != pod.NominatedNodeName))
        {
            Write(pod, message, nomination);
        }
    }

    /// <summary>Somebody more important takes the room that was being made for it.</summary>
    private void Withdraw(PodInfo pod)
    {
        if (_marks.TryGetValue(pod.Uid, out var mark))
        {
            mark.Nomination = "";
        }
        else if (pod.NominatedNodeName.Length > 0)
        {
            Write(pod, pod.Unscheduled.Message, "");
        }
    }

    /// <summary>Upstream's sentence, and after it what would make the pod fit.</summary>
    private void Tell(Attempt attempt)
    {
        var remedy = _state.RemedyFor(attempt);
        RecorderOf(attempt.Pod).Record(
            attempt.Pod.Source, warning: true, "FailedScheduling", remedy.Length == 0 ? attempt.Message : $"{attempt.Message} {remedy}");
    }

    private void Write(PodInfo pod, string message, string? nomination)
    {
        _marks[pod.Uid] = new Mark { Newest = message, Nomination = nomination };
        _binder.MarkUnschedulableAsync(pod, message, nomination, _stopped.Token).PipeTo(
            Self,
            success: result => new MarkAnswered(pod, message, nomination, result.Failure),
            failure: error => new MarkAnswered(pod, message, nomination, ApiStatus.Unavailable(error.Message)));
    }

    private void OnMarkAnswered(MarkAnswered answered)
    {
        if (answered.Failure is { Code: not (404 or 409) } failure)
        {
            _log.Warning("The condition PodScheduled of pod {Pod} could not be written: {Why}", NameOf(answered.Pod), failure.Message);
        }

        if (_marks.Remove(answered.Pod.Uid, out var mark) && (mark.Newest != answered.Message || mark.Nomination != answered.Nomination))
        {
            Write(answered.Pod, mark.Newest, mark.Nomination);
        }
    }

    private void OnBackoffOver()
    {
        _alarm = null;
        TakeTurn();
    }

    private void OnRetryDue()
    {
        _state.RetryUnschedulable(_time.GetUtcNow());
        TakeTurn();
    }

    private void SetAlarm()
    {
        if (_state.Queue.NextReady is { } ready && ready != _alarm)
        {
            _alarm = ready;
            var wait = ready - _time.GetUtcNow();
            Timers.StartSingleTimer(nameof(BackoffOver), BackoffOver.Instance, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
        }
    }

    /// <summary>Events come from the scheduler that the pod asked for.</summary>
    private IEventRecorder RecorderOf(PodInfo pod) => _events.From(pod.SchedulerName);

    private static string NameOf(PodInfo pod) => $"{pod.Key.Namespace}/{pod.Key.Name}";

    private sealed record FactsArrived(FactBatch Batch) : INoSerializationVerificationNeeded;

    private sealed record BindAnswered(PodInfo Pod, string NodeName, int Attempt, BindResult Result) : INoSerializationVerificationNeeded;

    private sealed record BindAgain(PodInfo Pod, string NodeName, int Attempt) : INoSerializationVerificationNeeded;

    private sealed class VolumeWait(PodInfo pod, string nodeName)
    {
        public PodInfo Pod { get; } = pod;

        public string NodeName { get; } = nodeName;

        /// <summary>The claims and volumes have been told.</summary>
        public bool IsWritten { get; set; }
    }

    private sealed class Mark
    {
        public required string Newest { get; set; }

        public required string? Nomination { get; set; }
    }

    private sealed record EvictAnswered(PodInfo Preemptor, PodInfo Victim, string NodeName, string? Why) : INoSerializationVerificationNeeded;

    private sealed record VolumesAnswered(PodInfo Pod, string NodeName, string? Why) : INoSerializationVerificationNeeded;

    private sealed record VolumesLate(PodInfo Pod, string NodeName) : INoSerializationVerificationNeeded;

    private sealed record MarkAnswered(PodInfo Pod, string Message, string? Nomination, ApiStatus? Failure) : INoSerializationVerificationNeeded;

    private sealed record Turn : INoSerializationVerificationNeeded
    {
        public static readonly Turn Instance = new();
    }

    private sealed record BackoffOver : INoSerializationVerificationNeeded
    {
        public static readonly BackoffOver Instance = new();
    }

    private sealed record RetryDue : INoSerializationVerificationNeeded
    {
        public static readonly RetryDue Instance = new();
    }
}
