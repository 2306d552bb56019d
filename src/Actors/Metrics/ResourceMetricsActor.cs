using Akka.Actor;

namespace ActorOrchestrator.Actors.Metrics;

/// <summary>
/// Takes the nodes' reports of use where the control plane leads, and passes them on to the control hosts that follow.
/// <code>
///   Listening ──report──► kept, passed on ──follow──► all that is known is sent, then whatever comes, until the follower falls silent
/// </code>
/// 1. Nothing here is durable: a leader knows what it heard as a follower, and the rest when the nodes have reported once more.
/// 2. A follower is forgotten when it has not asked again for the time after which reports are stale.
/// </summary>
public sealed class ResourceMetricsActor : ReceiveActor, IWithTimers
{
    private sealed record Sweep : INoSerializationVerificationNeeded;

    private readonly ResourceMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Dictionary<IActorRef, long> _followers = [];

    public static Props Props(ResourceMetrics metrics, TimeProvider time) => Akka.Actor.Props.Create(() => new ResourceMetricsActor(metrics, time));

    public ResourceMetricsActor(ResourceMetrics metrics, TimeProvider time)
    {
        (_metrics, _time) = (metrics, time);
        Receive<UsageReport>(OnReport);
        Receive<FollowUsage>(_ => OnFollow());
        Receive<Sweep>(_ => OnSweep());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer("sweep", new Sweep(), _metrics.Settings.StaleAfter);

    private void OnReport(UsageReport report)
    {
        _metrics.Take(report);
        foreach (var follower in _followers.Keys)
        {
            follower.Tell(report);
        }
    }

    private void OnFollow()
    {
        if (Sender.Path.Address.HasLocalScope)
        {
            // This very host: it reads what is kept here.
            return;
        }

        var isNew = !_followers.ContainsKey(Sender);
        _followers[Sender] = _time.GetTimestamp();
        foreach (var report in isNew ? _metrics.Reports : [])
        {
            Sender.Tell(report);
        }
    }

    private void OnSweep()
    {
        _metrics.Sweep();
        foreach (var (follower, asked) in _followers.ToArray())
        {
            if (_time.GetElapsedTime(asked) >= _metrics.Settings.StaleAfter)
            {
                _followers.Remove(follower);
            }
        }
    }
}
