using System.Collections.Immutable;
using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>Requests against what the node has left, and the preference for full or empty nodes.</summary>
/// <param name="strategy">What is preferred.</param>
/// <param name="shape">For RequestedToCapacityRatio: the score (0 to 10) by how much is used (0 to 100), by rising use; between points on a line.</param>
/// <param name="weights">The resources that are scored; default for CPU and memory alike.</param>
public sealed class NodeResourcesFit(
    ScoringStrategy strategy, ImmutableArray<ShapePoint> shape = default, ImmutableArray<KeyValuePair<string, int>> weights = default) : ILocalFilter, ILocalScore
{
    private const string Plugin = "NodeResourcesFit";
    private const string TooManyPods = "Too many pods";

    // The common refusals, one for each combination of the four, so that a full cluster costs no garbage.
    private static readonly PluginStatus[] Common = [.. Enumerable.Range(0, 16).Select(mask => PluginStatus.Unschedulable(Plugin, [.. ReasonsOf(mask)]))];
    private static readonly PluginStatus[] Hopeless = [.. Enumerable.Range(0, 16).Select(mask => PluginStatus.Unresolvable(Plugin, [.. ReasonsOf(mask)]))];

    public string Name => Plugin;

    bool ILocalFilter.Concerns(PodInfo pod) => true;

    bool ILocalScore.Concerns(PodInfo pod) => true;

    public PluginStatus Filter(PodInfo pod, NodeInfo node)
    {
        var wanted = pod.Requests;
        var mask = node.PodCount + 1 > node.AllowedPods ? 1 : 0;
        mask |= Lacks(wanted.MilliCpu, node.Requested.MilliCpu, node.Allocatable.MilliCpu) ? 2 : 0;
        mask |= Lacks(wanted.Memory, node.Requested.Memory, node.Allocatable.Memory) ? 4 : 0;
        mask |= Lacks(wanted.EphemeralStorage, node.Requested.EphemeralStorage, node.Allocatable.EphemeralStorage) ? 8 : 0;
        if (!wanted.Extended.IsEmpty && MissingExtended(wanted, node) is { IsEmpty: false } missing)
        {
            var more = ReasonsOf(mask).Concat(missing.Select(name => $"Insufficient {name}"));
            return IsHopeless(wanted, node) ? PluginStatus.Unresolvable(Plugin, [.. more]) : PluginStatus.Unschedulable(Plugin, [.. more]);
        }

        return mask == 0 ? PluginStatus.Success : (IsHopeless(wanted, node) ? Hopeless : Common)[mask];
    }

    /// <summary>The mean of CPU and memory after the pod is there, from 0 to 100.</summary>
    public long Score(PodInfo pod, NodeInfo node)
    {
        if (!weights.IsDefault)
        {
            return ScoreByWeight(pod, node);
        }

        var cpu = Share(node.ScoredRequested.MilliCpu + pod.ScoredRequests.MilliCpu, node.Allocatable.MilliCpu);
        var memory = Share(node.ScoredRequested.Memory + pod.ScoredRequests.Memory, node.Allocatable.Memory);
        return (cpu + memory) / 2;
    }

    /// <summary>Resources that the node has not, and extended ones that the pod does not ask for, have no say.</summary>
    private long ScoreByWeight(PodInfo pod, NodeInfo node)
    {
        var (sum, weightSum) = (0L, 0L);
        foreach (var (name, weight) in weights)
        {
            var (requested, allocatable) = name switch
            {
                "cpu" => (node.ScoredRequested.MilliCpu + pod.ScoredRequests.MilliCpu, node.Allocatable.MilliCpu),
                "memory" => (node.ScoredRequested.Memory + pod.ScoredRequests.Memory, node.Allocatable.Memory),
                "ephemeral-storage" => (node.Requested.EphemeralStorage + pod.Requests.EphemeralStorage, node.Allocatable.EphemeralStorage),
                _ when pod.Requests.ExtendedAmount(name) == 0 => (0, 0),
                _ => (node.Requested.ExtendedAmount(name) + pod.Requests.ExtendedAmount(name), node.Allocatable.ExtendedAmount(name)),
            };
            if (allocatable > 0)
            {
                sum += weight * Share(requested, allocatable);
                weightSum += weight;
            }
        }

        return weightSum == 0 ? 0 : sum / weightSum;
    }

    private long Share(long requested, long allocatable)
    {
        if (allocatable <= 0)
        {
            return 0;
        }

        var used = (long)((Int128)Math.Clamp(requested, 0, allocatable) * IScore.MaxScore / allocatable);
        return strategy switch
        {
            ScoringStrategy.MostAllocated => used,
            ScoringStrategy.LeastAllocated => IScore.MaxScore - used,
            _ => ByShape(used),
        };
    }

    /// <summary>Upstream's broken linear function, from its scale of 10 to the framework's of 100.</summary>
    private long ByShape(long used)
    {
        var points = shape.IsDefaultOrEmpty ? ShapePoint.Packing : shape;
        for (var i = 0; i < points.Length; i++)
        {
            if (used <= points[i].Utilization)
            {
                if (i == 0)
                {
                    return points[0].Score * 10L;
                }

                var (left, right) = (points[i - 1], points[i]);
                return (left.Score * 10L) + ((right.Score - left.Score) * 10L * (used - left.Utilization) / (right.Utilization - left.Utilization));
            }
        }

        return points[^1].Score * 10L;
    }

    /// <summary>Whether the pod would have room on the node, were this requested there by so many pods.</summary>
    internal static bool HasRoom(PodInfo pod, NodeInfo node, in ResourceAmounts requested, int pods)
    {
        var wanted = pod.Requests;
        if (pods + 1 > node.AllowedPods || Lacks(wanted.MilliCpu, requested.MilliCpu, node.Allocatable.MilliCpu)
            || Lacks(wanted.Memory, requested.Memory, node.Allocatable.Memory)
            || Lacks(wanted.EphemeralStorage, requested.EphemeralStorage, node.Allocatable.EphemeralStorage))
        {
            return false;
        }

        foreach (var (name, amount) in wanted.Extended)
        {
            if (Lacks(amount, requested.ExtendedAmount(name), node.Allocatable.ExtendedAmount(name)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Asking for nothing always fits, even on a node that is over-committed already.</summary>
    private static bool Lacks(long wanted, long requested, long allocatable) => wanted > 0 && wanted > allocatable - requested;

    private static ImmutableArray<string> MissingExtended(ResourceAmounts wanted, NodeInfo node)
    {
        ImmutableArray<string> missing = [];
        foreach (var (name, amount) in wanted.Extended)
        {
            if (Lacks(amount, node.Requested.ExtendedAmount(name), node.Allocatable.ExtendedAmount(name)))
            {
                missing = missing.Add(name);
            }
        }

        return missing;
    }

    /// <summary>The node is too small even when it is empty: nobody's leaving would help.</summary>
    private static bool IsHopeless(ResourceAmounts wanted, NodeInfo node)
    {
        var all = node.Allocatable;
        if (wanted.MilliCpu > all.MilliCpu || wanted.Memory > all.Memory || wanted.EphemeralStorage > all.EphemeralStorage)
        {
            return true;
        }

        foreach (var (name, amount) in wanted.Extended)
        {
            if (amount > all.ExtendedAmount(name))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<string> ReasonsOf(int mask)
    {
        ReadOnlySpan<string> reasons = [TooManyPods, "Insufficient cpu", "Insufficient memory", "Insufficient ephemeral-storage"];
        var chosen = new List<string>();
        for (var i = 0; i < reasons.Length; i++)
        {
            if ((mask & (1 << i)) != 0)
            {
                chosen.Add(reasons[i]);
            }
        }

        return chosen;
    }
}
