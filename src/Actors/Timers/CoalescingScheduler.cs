using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace ActorOrchestrator.Actors.Timers;

/// <summary>
/// Akka's scheduler without a tick: one timer of the runtime, set to when the next item is due. Akka's own wakes up at every tick of its
/// wheel whether or not there is anything to do, which is most of what an idle host would cost; this one wakes when there is something to do,
/// and short delays are exact to the millisecond.
/// </summary>
/// <remarks>Named by <c>akka.scheduler.implementation</c>. Periods do not drift, and a period that was missed is not made up for.</remarks>
public sealed class CoalescingScheduler : SchedulerBase, IDateTimeOffsetNowTimeProvider, IDisposable
{
    private const long Never = long.MaxValue;
    private static readonly long Began = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly DueQueue _queue = new();
    private readonly Timer _timer;
    private long _armed = Never;
    private bool _disposed;

    public CoalescingScheduler(Config config, ILoggingAdapter log)
        : base(config, log) => _timer = new Timer(static scheduler => ((CoalescingScheduler)scheduler!).Ring(), this, Timeout.Infinite, Timeout.Infinite);

    public override TimeSpan MonotonicClock => TimeSpan.FromMilliseconds(Environment.TickCount64);

    public override TimeSpan HighResMonotonicClock => Stopwatch.GetElapsedTime(Began);

    protected override DateTimeOffset TimeNow => TimeProvider.System.GetUtcNow();

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _queue.Clear();
        }

        _timer.Dispose();
    }

    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(new TellItem(receiver, message, sender, cancelable, null), delay);

    protected override void InternalScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(new TellItem(receiver, message, sender, cancelable, Milliseconds(interval)), initialDelay);

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) =>
        Add(new ActionItem(action, Log, cancelable, null), delay);

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) =>
        Add(new ActionItem(action.Run, Log, cancelable, null), delay);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Add(new ActionItem(action, Log, cancelable, Milliseconds(interval)), initialDelay);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Add(new ActionItem(action.Run, Log, cancelable, Milliseconds(interval)), initialDelay);

    private static long Milliseconds(TimeSpan time) => Math.Max(1, (long)Math.Ceiling(time.TotalMilliseconds));

    private void Add(DueItem item, TimeSpan delay)
    {
        if (item.IsCancelled)
        {
            return;
        }

        if (delay <= TimeSpan.Zero && item.Period is null)
        {
            item.Run();
            return;
        }

        lock (_gate)
        {
            if (!_disposed)
            {
                _queue.Add(item, DueQueue.Due(Environment.TickCount64, Math.Max(0, (long)Math.Ceiling(delay.TotalMilliseconds))));
                Arm();
            }
        }
    }

    /// <summary>Called with the gate held.</summary>
    private void Arm()
    {
        var next = _queue.Next ?? Never;
        if (next != _armed)
        {
            _armed = next;
            _timer.Change(next == Never ? Timeout.Infinite : Math.Max(0, next - Environment.TickCount64), Timeout.Infinite);
        }
    }

    private void Ring()
    {
        while (TakeDue() is { } item)
        {
            item.Run();
        }
    }

    private DueItem? TakeDue()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return null;
            }

            var now = Environment.TickCount64;
            var item = _queue.Take(now);
            if (item is { Period: { } period })
            {
                _queue.Add(item, DueQueue.Due(now, period));
            }
            else if (item is null)
            {
                // The timer has rung, whatever it was set to.
                _armed = Never;
                Arm();
            }

            return item;
        }
    }

    private sealed class TellItem(ICanTell receiver, object message, IActorRef sender, ICancelable? cancelable, long? period) : DueItem(cancelable, period)
    {
        public override void Run() => receiver.Tell(message, sender);
    }

    private sealed class ActionItem(Action action, ILoggingAdapter log, ICancelable? cancelable, long? period) : DueItem(cancelable, period)
    {
        public override void Run()
        {
            try
            {
                action();
            }
            catch (Exception failure)
            {
                // As Akka's own scheduler does: one action's failure must not silence every timer.
                log.Error(failure, "A scheduled action failed");
            }
        }
    }
}
