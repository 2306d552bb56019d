using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.Controllers.Reconciling;

/// <summary>
/// One object under one controller.
/// <code>
///   idle ──Dirty──► working ──done, clean──► idle ──(look again at t)──► working
///                   ▲  │ Dirty: once more after this
///                   └──┴── failed: after back-off
/// </code>
/// Marks that come while a plan is being carried out become one further look. Nothing is remembered but the number of failures.
/// </summary>
internal sealed class ObjectActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(30);

    private readonly ObjectKey _key;
    private readonly IClusterReader _reader;
    private readonly PlanExecutor _executor;
    private readonly TimeProvider _time;
    private readonly IReconciler _reconciler;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private bool _working;
    private bool _dirty;
    private int _failures;
    private long _marks;

    public ObjectActor(ObjectKey key, IClusterReader reader, PlanExecutor executor, TimeProvider time, IReconciler reconciler)
    {
        _key = key;
        _reader = reader;
        _executor = executor;
        _time = time;
        _reconciler = reconciler;
        Receive<Dirty>(dirty =>
        {
            _marks = dirty.Marks;
            OnDirty();
        });
        Receive<LookAgain>(_ => OnDirty());
        Receive<Done>(OnDone);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PostStop()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        Timers.StartSingleTimer(nameof(LookAgain), LookAgain.Instance, FirstBackoff);
    }

    private void OnDirty()
    {
        if (_working)
        {
            _dirty = true;
            return;
        }

        var cluster = _reader.Current;
        var plan = _reconciler.Reconcile(_key, cluster, _time.GetUtcNow());
        if (plan.IsEmpty)
        {
            Settle(null);
            return;
        }

        _working = true;
        _dirty = false;
        _executor.ExecuteAsync(plan, cluster.Revision, _stopped.Token).PipeTo(
            Self,
            success: failure => new Done(plan, failure?.Message),
            failure: error => new Done(plan, error.Message));
    }

    private void OnDone(Done done)
    {
        _working = false;
        if (done.Failure is { } why)
        {
            _failures++;
            var wait = Math.Min(FirstBackoff.TotalSeconds * Math.Pow(2, Math.Min(_failures, 16)), MaxBackoff.TotalSeconds);
            _log.Warning("Reconciling {Key} failed for the {Failures} time: {Why}", _key, _failures, why);
            Timers.StartSingleTimer(nameof(LookAgain), LookAgain.Instance, TimeSpan.FromSeconds(wait));
            return;
        }

        _failures = 0;
        Settle(done.Plan.Again);
        if (_dirty)
        {
            _dirty = false;
            OnDirty();
        }
    }

    private void Settle(DateTimeOffset? again)
    {
        if (again is { } time)
        {
            var wait = time - _time.GetUtcNow();
            Timers.StartSingleTimer(nameof(LookAgain), LookAgain.Instance, wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1));
        }
        else
        {
            Timers.Cancel(nameof(LookAgain));
            if (!_dirty)
            {
                Context.Parent.Tell(new Idle(_marks));
            }
        }
    }

    /// <param name="Marks">How many there were, this one included.</param>
    internal sealed record Dirty(long Marks) : INoSerializationVerificationNeeded;

    /// <param name="Marks">The number of the last mark that was looked at.</param>
    internal sealed record Idle(long Marks) : INoSerializationVerificationNeeded;

    private sealed record LookAgain : INoSerializationVerificationNeeded
    {
        public static readonly LookAgain Instance = new();
    }

    private sealed record Done(Plan Plan, string? Failure) : INoSerializationVerificationNeeded;
}
