using Akka.Configuration;

namespace ActorOrchestrator.Actors.Controllers.GarbageCollection;

/// <summary>From <c>orchestrator.garbage-collection</c>.</summary>
public sealed record GarbageCollectionSettings
{
    /// <summary>How often pods without a keeper are looked for.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a node must have been gone before its pods go too.</summary>
    public TimeSpan OrphanQuarantine { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>How many terminated pods are kept; 0 keeps all.</summary>
    public int TerminatedPodThreshold { get; init; } = 12500;

    public TimeSpan EventTimeToLive { get; init; } = TimeSpan.FromHours(1);
    public TimeSpan EventSweepInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <param name="config">The section <c>orchestrator.garbage-collection</c>.</param>
    public static GarbageCollectionSettings From(Config config) => new()
    {
        SweepInterval = config.GetTimeSpan("sweep-interval"),
        OrphanQuarantine = config.GetTimeSpan("orphan-quarantine"),
        TerminatedPodThreshold = config.GetInt("terminated-pod-threshold"),
        EventTimeToLive = config.GetTimeSpan("event-ttl"),
        EventSweepInterval = config.GetTimeSpan("event-sweep-interval"),
    };
}
