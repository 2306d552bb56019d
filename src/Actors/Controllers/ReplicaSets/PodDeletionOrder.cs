using System.Collections.Immutable;
using ActorOrchestrator.Actors.Controllers.Pods;

namespace ActorOrchestrator.Actors.Controllers.ReplicaSets;

/// <summary>
/// Which pods go first when there are too many, as upstream's <c>ActivePodsWithRanks</c>. Ages are compared by their magnitude (KEP 2185), so that
/// pods of about the same age are chosen without regard to age. Unlike upstream every criterion is consulted before the uid decides,
/// which makes the order total.
/// </summary>
public static class PodDeletionOrder
{
    /// <param name="pods">The active pods of the set.</param>
    /// <param name="related">The active pods of every set with the same owner: two of them on one node are doubled up.</param>
    /// <param name="count">How many are to go.</param>
    /// <param name="now">For ages.</param>
    public static IEnumerable<PodView> Choose(ImmutableArray<PodView> pods, IEnumerable<PodView> related, int count, DateTimeOffset now)
    {
        if (count >= pods.Length)
        {
            return pods;
        }

        var perNode = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var pod in related)
        {
            perNode[pod.NodeName] = perNode.GetValueOrDefault(pod.NodeName) + 1;
        }

        return pods
            .OrderBy(pod => pod.NodeName.Length > 0)
            .ThenBy(PhaseRank)
            .ThenBy(pod => pod.IsReady)
            .ThenBy(pod => pod.DeletionCost)
            .ThenByDescending(pod => perNode.GetValueOrDefault(pod.NodeName))
            .ThenBy(pod => pod.IsReady ? AgeRank(pod.ReadySince, now) : 0)
            .ThenByDescending(pod => pod.AppRestarts)
            .ThenByDescending(pod => pod.SidecarRestarts)
            .ThenBy(pod => AgeRank(pod.Stored.Metadata.CreationTimestamp, now))
            .ThenBy(pod => pod.Stored.Uid, StringComparer.Ordinal)
            .Take(count);
    }

    private static int PhaseRank(PodView pod) => pod.Phase switch
    {
        "Running" => 2,
        "Unknown" => 1,
        _ => 0,
    };

    /// <summary>The magnitude of an age in nanoseconds, upstream's unit, so that the bounds of the magnitudes are the same; what has no time yet is the youngest.</summary>
    private static int AgeRank(DateTimeOffset? since, DateTimeOffset now)
    {
        var age = since is { } time ? (now - time).Ticks : 0;
        return age > 0 ? (int)Math.Log2(age * (double)TimeSpan.NanosecondsPerTick) : -1;
    }
}
