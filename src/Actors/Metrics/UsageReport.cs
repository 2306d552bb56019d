using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Metrics;

/// <summary>
/// What a node tells the leader of its use, every <c>orchestrator.node.metrics-interval</c>: one message, whatever runs on it. Pods that are not in it have
/// no figures: they have ended, or one of their containers is too young.
/// </summary>
public sealed record UsageReport(NodeUsage Node, ImmutableArray<PodUsage> Pods);

/// <summary>A control host that does not lead asks the leader for all reports, now and from now on; it asks again before the leader forgets it.</summary>
public sealed record FollowUsage
{
    public static readonly FollowUsage Instance = new();
}
