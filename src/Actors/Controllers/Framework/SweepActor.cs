using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.Controllers.Framework;

/// <summary>The rules of a controller that looks over everything from time to time.</summary>
public interface ISweep
{
    string Name { get; }

    Plan Sweep(ClusterSnapshot cluster, DateTimeOffset now);
}

/// <summary>Looks over everything at an interval. A sweep that is not done yet is not joined by another.</summary>
public sealed class SweepActor : ReceiveActor, IWithTimers
{
    private readonly TimeSpan _interval;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private bool _working;

    public SweepActor(IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time, ISweep sweep, TimeSpan interval)
    {
        _interval = interval;
        var runner = new PlanRunner(sweep.Name, reader, client, events, time);
        var nothingInParticular = default(ObjectKey);
        Receive<Tick>(_ =>
        {
            if (_working)
            {
                return;
            }

            var cluster = reader.Current;
            var plan = sweep.Sweep(cluster, time.GetUtcNow());
            if (!plan.IsNothing)
            {
                _working = true;
                runner.RunAsync(plan, nothingInParticular, cluster.Revision, _stopped.Token).PipeTo(
                    Self, success: result => new Done(result.Outcome.Failures.FirstOrDefault()?.Status.Message), failure: error => new Done(error.Message));
            }
        });
        Receive<Done>(done =>
        {
            _working = false;
            if (done.Failure is { } why)
            {
                _log.Warning("A sweep of {Controller} ended early: {Why}", sweep.Name, why);
            }
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time, ISweep sweep, TimeSpan interval) =>
        Akka.Actor.Props.Create(() => new SweepActor(reader, client, events, time, sweep, interval));

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, _interval);

    protected override void PostStop()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private sealed record Done(string? Failure) : INoSerializationVerificationNeeded;

    /// <summary>Sent by the timer, or by a test.</summary>
    public sealed record Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }
}
