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
/// 3. Facts are applied in the ledger's order, and every fact that has arrived is applied before the next turn.
/// </summary>
public sealed class SchedulerActor : ReceiveActor, IWithTimers
{
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
    private int _bindsInFlight;
    private bool _turnPending;
    private DateTimeOffset? _alarm;

    public SchedulerActor(IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time, SchedulerSettings settings)
    {
        _reader = reader;
        _binder = new PodBinder(client, time);
        _events = events.From(settings.SchedulerName);
        _time = time;
        _settings = settings;
        var profile = SchedulingProfile.Default(settings.SchedulerName, settings.Scoring, settings.PercentageOfNodesToScore);
        _state = new SchedulerState(profile, settings);
        Receive<FactsArrived>(OnFacts);
        Receive<Turn>(_ => OnTurn());
        Receive<BindAnswered>(OnBindAnswered);
        Receive<BindAgain>(again => Bind(again.Pod, again.NodeName, again.Attempt));
        Receive<MarkAnswered>(OnMarkAnswered);
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
                _bindsInFlight++;
                Bind(attempt.Pod, nodeName, 1);
            }
            else
            {
                Refuse(attempt);
            }
        }

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

        _binder.BindAsync(pod, nodeName, _stopped.Token).PipeTo(
            Self,
            success: result => new BindAnswered(pod, nodeName, attempt, result),
            failure: error => new BindAnswered(pod, nodeName, attempt, new BindResult(BindOutcome.Unknown, error.Message)));
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
            _events.Record(pod.Source, warning: false, "Scheduled", $"Successfully assigned {NameOf(pod)} to {nodeName}");
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
        var (pod, message) = (attempt.Pod, attempt.Message);
        if (_marks.TryGetValue(pod.Uid, out var mark))
        {
            if (mark.Newest != message)
            {
                mark.Newest = message;
                _events.Record(pod.Source, warning: true, "FailedScheduling", message);
            }
        }
        else if (pod.Unscheduled != ("Unschedulable", message))
        {
            _events.Record(pod.Source, warning: true, "FailedScheduling", message);
            Write(pod, message);
        }
    }

    private void Write(PodInfo pod, string message)
    {
        _marks[pod.Uid] = new Mark { Newest = message };
        _binder.MarkUnschedulableAsync(pod, message, _stopped.Token).PipeTo(
            Self,
            success: result => new MarkAnswered(pod, message, result.Failure),
            failure: error => new MarkAnswered(pod, message, ApiStatus.Unavailable(error.Message)));
    }

    private void OnMarkAnswered(MarkAnswered answered)
    {
        if (answered.Failure is { Code: not (404 or 409) } failure)
        {
            _log.Warning("The condition PodScheduled of pod {Pod} could not be written: {Why}", NameOf(answered.Pod), failure.Message);
        }

        if (_marks.Remove(answered.Pod.Uid, out var mark) && mark.Newest != answered.Message)
        {
            Write(answered.Pod, mark.Newest);
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

    private static string NameOf(PodInfo pod) => $"{pod.Key.Namespace}/{pod.Key.Name}";

    private sealed record FactsArrived(FactBatch Batch) : INoSerializationVerificationNeeded;

    private sealed record BindAnswered(PodInfo Pod, string NodeName, int Attempt, BindResult Result) : INoSerializationVerificationNeeded;

    private sealed record BindAgain(PodInfo Pod, string NodeName, int Attempt) : INoSerializationVerificationNeeded;

    private sealed class Mark
    {
        public required string Newest { get; set; }
    }

    private sealed record MarkAnswered(PodInfo Pod, string Message, ApiStatus? Failure) : INoSerializationVerificationNeeded;

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
