using Akka.Actor;

namespace ActorOrchestrator.Actors.Metrics;

/// <summary>
/// Keeps the figures of a control host that does not lead: its API answers from them, and should it lead one day it knows what the last leader knew.
/// <code>
///   Following ──now and then──► asks the leader (again)        report ──► kept
/// </code>
/// On the leading host the question comes to nothing: there <see cref="ResourceMetricsActor"/> writes.
/// </summary>
public sealed class UsageFollowerActor : ReceiveActor, IWithTimers
{
    /// <summary>Several questions may be lost before the leader forgets who asks.</summary>
    private const int AsksBeforeStale = 4;

    private sealed record Ask : INoSerializationVerificationNeeded;

    private readonly ResourceMetrics _metrics;
    private readonly IActorRef _leader;

    /// <param name="metrics">Of this host.</param>
    /// <param name="leader">Wherever it is.</param>
    public static Props Props(ResourceMetrics metrics, IActorRef leader) => Akka.Actor.Props.Create(() => new UsageFollowerActor(metrics, leader));

    public UsageFollowerActor(ResourceMetrics metrics, IActorRef leader)
    {
        (_metrics, _leader) = (metrics, leader);
        Receive<UsageReport>(_metrics.Take);
        Receive<Ask>(_ => OnAsk());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        OnAsk();
        Timers.StartPeriodicTimer("ask", new Ask(), _metrics.Settings.StaleAfter / AsksBeforeStale);
    }

    private void OnAsk()
    {
        _leader.Tell(FollowUsage.Instance);
        _metrics.Sweep();
    }
}
