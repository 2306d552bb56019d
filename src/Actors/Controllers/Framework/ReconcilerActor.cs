using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.Controllers.Framework;

/// <summary>Keeps one object right: reads the newest snapshot, asks the pure reconciler, applies its plan.</summary>
/// <remarks>
/// <code>
///            Dirty, Due                     plan applied
///   Idle ───────────────▶ Reconciling ─────────────────────────▶ Idle
///    ▲                     │  ▲    ▲                │
///    │                     │  │    └── marked again, or a lost race
///    │           refused   ▼  │ Due, Dirty by others
///    └──────────────── BackingOff
/// </code>
/// 1. At most one plan is in flight; marks that arrive meanwhile become one more look at the newest state.
/// 2. Nothing is remembered but counts of failures: a crash loses nothing.
/// 3. What this controller wrote itself does not cut a backoff short, or a refusal that changes a status would spin.
/// 4. The actor leaves once its object is gone and nothing is left to do about it.
/// </remarks>
internal sealed class ReconcilerActor : UntypedActor, IWithTimers
{
    internal sealed record Dirty(Revision Cause, bool ByOthers) : INoSerializationVerificationNeeded;

    private sealed record Applied(PlanOutcome Outcome, DateTimeOffset? RequeueAt) : INoSerializationVerificationNeeded;

    private sealed record Faulted(Exception Error) : INoSerializationVerificationNeeded;

    private sealed class Due : INoSerializationVerificationNeeded
    {
        public static readonly Due Instance = new();
    }

    private const string DueKey = "due";
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(10);

    /// <summary>What is due later than the scheduler can count is simply asked about again.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(6);

    private readonly ObjectKey _key;
    private readonly ControllerDefinition _definition;
    private readonly IClusterReader _reader;
    private readonly PlanRunner _runner;
    private readonly TimeProvider _time;
    private readonly ControllersSettings _settings;
    private CancellationTokenSource? _stopping;
    private Revision _cause;
    private long _marksSeen;
    private bool _markedAgain;
    private int _failures;
    private int _conflicts;

    public ReconcilerActor(
        ObjectKey key, ControllerDefinition definition, IClusterReader reader, PlanRunner runner, TimeProvider time, ControllersSettings settings)
    {
        _key = key;
        _definition = definition;
        _reader = reader;
        _runner = runner;
        _time = time;
        _settings = settings;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(
        ObjectKey key, ControllerDefinition definition, IClusterReader reader, PlanRunner runner, TimeProvider time, ControllersSettings settings) =>
        Akka.Actor.Props.Create(() => new ReconcilerActor(key, definition, reader, runner, time, settings));

    protected override void OnReceive(object message) => Idle(message);

    private void Idle(object message)
    {
        switch (message)
        {
            case Dirty dirty:
                See(dirty);
                Reconcile();
                break;
            case Due:
                Reconcile();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Reconciling(object message)
    {
        switch (message)
        {
            case Dirty dirty:
                See(dirty);
                _markedAgain = true;
                break;
            case Due:
                _markedAgain = true;
                break;
            case Applied applied:
                OnApplied(applied);
                break;
            case Faulted faulted:
                ExceptionDispatchInfo.Throw(faulted.Error);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void BackingOff(object message)
    {
        switch (message)
        {
            case Dirty dirty:
                See(dirty);
                if (dirty.ByOthers)
                {
                    Reconcile();
                }

                break;
            case Due:
                Reconcile();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void See(Dirty dirty)
    {
        _marksSeen++;
        _cause = dirty.Cause > _cause ? dirty.Cause : _cause;
    }

    private void Reconcile()
    {
        _markedAgain = false;
        Timers.Cancel(DueKey);
        var observed = Observed.At(_key, _reader.Current);
        var plan = _definition.Reconcile(observed, _time.GetUtcNow());
        if (plan.IsNothing)
        {
            Settle(plan.RequeueAt);
            return;
        }

        var cause = _cause > Revision.None ? _cause : observed.Object?.Revision ?? observed.Snapshot.Revision;
        _stopping ??= new CancellationTokenSource();
        _runner.RunAsync(plan, _key, cause, _stopping.Token)
            .PipeTo(Self, success: result => new Applied(result.Outcome, result.RequeueAt), failure: error => new Faulted(error));
        Become(Reconciling);
    }

    private void OnApplied(Applied applied)
    {
        var outcome = applied.Outcome;
        if (outcome.Ok)
        {
            _conflicts = 0;
        }
        else if (outcome.Failures.All(failure => failure.IsConflict) && ++_conflicts <= _settings.Conflicts)
        {
            Reconcile();
            return;
        }
        else
        {
            BackOff(outcome.Failures[0]);
            return;
        }

        if (_markedAgain)
        {
            _failures = 0;
            Reconcile();
            return;
        }

        Settle(applied.RequeueAt);
    }

    private void BackOff(PlanFailure failure)
    {
        _failures++;
        var wait = _settings.Retry.After(_failures, RandomNumberGenerator.GetInt32(1000) / 1000.0);
        Context.GetLogger().Warning(
            "{Controller} could not finish with {Object}, tried again in {Wait}: {Reason}: {Message}",
            _definition.Name, _key, wait, failure.Status.Reason, failure.Status.Message);
        Timers.StartSingleTimer(DueKey, Due.Instance, wait);
        Become(BackingOff);
    }

    private void Settle(DateTimeOffset? requeueAt)
    {
        _failures = 0;
        _conflicts = 0;
        Become(Idle);
        if (requeueAt is { } time)
        {
            var wait = time - _time.GetUtcNow();
            Timers.StartSingleTimer(DueKey, Due.Instance, wait < ShortestWait ? ShortestWait : wait > LongestWait ? LongestWait : wait);
        }
        else if (_reader.Current.Find(_key) is null)
        {
            Context.Parent.Tell(new ControllerActor.CanLeave(_key, _marksSeen));
        }
    }

    protected override void PostStop()
    {
        _stopping?.Cancel();
        _stopping?.Dispose();
    }
}
