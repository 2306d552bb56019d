using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Scheduling.Queue;

/// <summary>A pod that waits for a node.</summary>
/// <param name="Pod">As it was last seen.</param>
/// <param name="QueuedAt">When it first came.</param>
public sealed record QueuedPod(PodInfo Pod, DateTimeOffset QueuedAt)
{
    public ObjectKey Key => Pod.Key;

    /// <summary>How often it was tried in vain.</summary>
    public int Attempts { get; init; }

    /// <summary>When it was last tried in vain.</summary>
    public DateTimeOffset LastAttempt { get; init; }
}
