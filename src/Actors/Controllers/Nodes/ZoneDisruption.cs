using System.Runtime.CompilerServices;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Nodes;

/// <summary>Whether the pods of a node that is not Ready may be driven away.</summary>
/// <param name="TakeBack">No node of the cluster is Ready: whoever was to leave may stay, because there is nowhere to go and the fault may be ours.</param>
/// <param name="From">Not before then; null for not as long as its zone is as it is.</param>
public sealed record EvictionPermit(bool TakeBack, DateTimeOffset? From)
{
    public static readonly EvictionPermit Never = new(false, null);
}

/// <summary>
/// How much of a zone is lost, and how fast its nodes are given up (upstream's node life-cycle controller). When pods were last driven away stands in the taints
/// themselves, so that nothing needs to be remembered.
/// <code>
///   Normal    at most two lost, or a smaller share than the threshold   node-eviction-rate
///   Partial   more                                                      secondary-node-eviction-rate; none in a small zone
///   Full      all                                                       node-eviction-rate; none, and taken back, when every zone is lost
/// </code>
/// </summary>
public static class ZoneDisruption
{
    private static readonly ConditionalWeakTable<object, Dictionary<string, Zone>> Zones = [];

    private readonly record struct Zone(int Ready, int NotReady, DateTimeOffset LastDrivenAway);

    /// <param name="node">A node that is not Ready, whatever its object says yet.</param>
    /// <param name="stillCountsAsReady">Its object says that it is.</param>
    /// <param name="cluster">All nodes.</param>
    /// <param name="settings">The rates.</param>
    public static EvictionPermit PermitFor(NodeView node, bool stillCountsAsReady, ClusterSnapshot cluster, NodeLifecycleSettings settings)
    {
        var zones = Zones.GetValue(cluster.IdentityOf(ResourceTypes.Nodes), _ => Count(cluster));
        var own = zones.GetValueOrDefault(node.Zone);
        var moved = stillCountsAsReady && node.CountsInZone ? 1 : 0;
        if (zones.Values.Sum(zone => zone.Ready) - moved <= 0)
        {
            return new EvictionPermit(TakeBack: true, null);
        }

        var (ready, notReady) = (own.Ready - moved, own.NotReady + moved);
        var total = ready + notReady;
        var isPartial = ready > 0 && notReady > 2 && (double)notReady / total >= settings.UnhealthyZoneThreshold;
        var rate = !isPartial ? settings.EvictionRate : total > settings.LargeClusterThreshold ? settings.SecondaryEvictionRate : 0;
        if (rate <= 0)
        {
            return EvictionPermit.Never;
        }

        return new EvictionPermit(false, own.LastDrivenAway == default ? DateTimeOffset.MinValue : own.LastDrivenAway + TimeSpan.FromSeconds(1 / rate));
    }

    private static Dictionary<string, Zone> Count(ClusterSnapshot cluster)
    {
        var zones = new Dictionary<string, Zone>(StringComparer.Ordinal);
        foreach (var node in cluster.All(ResourceTypes.Nodes).Select(NodeView.Of))
        {
            var zone = zones.GetValueOrDefault(node.Zone);
            var counted = node.CountsInZone ? 1 : 0;
            zones[node.Zone] = new Zone(
                zone.Ready + (node.IsReady ? counted : 0),
                zone.NotReady + (node.IsReady ? 0 : counted),
                node.DrivenAwayAt > zone.LastDrivenAway ? node.DrivenAwayAt.Value : zone.LastDrivenAway);
        }

        return zones;
    }
}
