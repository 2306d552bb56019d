using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Actors.Scheduling.Topology;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>Neighbours that a pod must or must not have, and those that the pods that are there must not have; the same as preferences, both ways.</summary>
/// <param name="hardPodAffinityWeight">How much a placed pod's required affinity draws those that it speaks of.</param>
public sealed class InterPodAffinity(int hardPodAffinityWeight = 1) : IFilter, IScore, IHint
{
    private const string Plugin = "InterPodAffinity";
    private static readonly PluginStatus NoNeighbour = PluginStatus.Unresolvable(Plugin, "node(s) didn't match pod affinity rules");
    private static readonly PluginStatus Unwanted = PluginStatus.Unschedulable(Plugin, "node(s) didn't match pod anti-affinity rules");
    private static readonly PluginStatus Refused = PluginStatus.Unschedulable(Plugin, "node(s) didn't satisfy existing pods anti-affinity rules");

    public string Name => Plugin;

    public INodeFilter? For(PodInfo pod, SchedulingSnapshot snapshot)
    {
        var index = snapshot.Topology;
        List<(TopologyKey, int[])>? forbidden = null;
        foreach (var held in index.Held)
        {
            if (held.Kind == HeldKind.RequiredAntiAffinity && held.Term.Matcher.Matches(pod, index.Namespaces))
            {
                (forbidden ??= []).Add(CountsOf(index, held.Holders, held.Term));
            }
        }

        if (forbidden is null && pod.RequiredAffinity.IsEmpty && pod.RequiredAntiAffinity.IsEmpty)
        {
            return null;
        }

        (TopologyKey, int[])[] wanted = pod.AffinityMatcher is { } matcher
            ? [.. pod.RequiredAffinity.Select(term => CountsOf(index, index.TallyOf(matcher), term))]
            : [];
        return new Judge(
            wanted,
            [.. pod.RequiredAntiAffinity.Select(term => CountsOf(index, index.TallyOf(term.Matcher), term))],
            forbidden?.ToArray() ?? [],
            MayBeFirst: wanted.Length > 0 && pod.AffinityMatcher!.Matches(pod, index.Namespaces) && Array.TrueForAll(wanted, IsEmpty));
    }

    public INodeScore? For(PodInfo pod, SchedulingSnapshot snapshot, IReadOnlyList<NodeInfo> feasible)
    {
        var index = snapshot.Topology;
        List<(TopologyKey, int[], long)>? sums = null;
        foreach (var term in pod.PreferredAffinity)
        {
            var (key, counts) = CountsOf(index, index.TallyOf(term.Matcher), term);
            (sums ??= []).Add((key, counts, term.Weight));
        }

        foreach (var held in index.Held)
        {
            var weight = held.Kind switch
            {
                HeldKind.Preferred => held.Term.Weight,
                HeldKind.RequiredAffinity => hardPodAffinityWeight,
                _ => 0,
            };
            if (weight != 0 && held.Term.Matcher.Matches(pod, index.Namespaces))
            {
                var (key, counts) = CountsOf(index, held.Holders, held.Term);
                (sums ??= []).Add((key, counts, weight));
            }
        }

        return sums is null ? null : new Scorer([.. sums]);
    }

    public bool CouldHelp(PodInfo waiting, PodInfo changed, SchedulingSnapshot snapshot)
    {
        var namespaces = snapshot.Namespaces;
        foreach (var term in waiting.RequiredAffinity)
        {
            if (term.Matcher.Matches(changed, namespaces))
            {
                return true;
            }
        }

        foreach (var term in waiting.RequiredAntiAffinity)
        {
            if (term.Matcher.Matches(changed, namespaces))
            {
                return true;
            }
        }

        foreach (var term in changed.RequiredAntiAffinity)
        {
            if (term.Matcher.Matches(waiting, namespaces))
            {
                return true;
            }
        }

        return false;
    }

    private static (TopologyKey Key, int[] Counts) CountsOf(TopologyIndex index, PodTally tally, PodTerm term)
    {
        var key = index.KeyOf(term.TopologyKey);
        return (key, tally.In(key));
    }

    private static bool IsEmpty((TopologyKey Key, int[] Counts) wanted) => Array.TrueForAll(wanted.Counts, count => count == 0);

    private sealed record Judge(
        (TopologyKey Key, int[] Counts)[] Wanted, (TopologyKey Key, int[] Counts)[] NotWanted, (TopologyKey Key, int[] Counts)[] Forbidden, bool MayBeFirst)
        : INodeFilter
    {
        public PluginStatus Filter(PodInfo pod, NodeInfo node)
        {
            var found = true;
            foreach (var (key, counts) in Wanted)
            {
                var domain = key.DomainOf(node.Slot);
                if (domain < 0)
                {
                    return NoNeighbour;
                }

                found &= counts[domain] > 0;
            }

            // The first of a group that wants to be together cannot find the others.
            if (!found && !MayBeFirst)
            {
                return NoNeighbour;
            }

            return AnyThere(NotWanted, node) ? Unwanted : AnyThere(Forbidden, node) ? Refused : PluginStatus.Success;
        }

        private static bool AnyThere((TopologyKey Key, int[] Counts)[] terms, NodeInfo node)
        {
            foreach (var (key, counts) in terms)
            {
                if (key.DomainOf(node.Slot) is >= 0 and var domain && counts[domain] > 0)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private sealed record Scorer((TopologyKey Key, int[] Counts, long Weight)[] Terms) : INodeScore
    {
        public long Score(PodInfo pod, NodeInfo node)
        {
            var sum = 0L;
            foreach (var (key, counts, weight) in Terms)
            {
                if (key.DomainOf(node.Slot) is >= 0 and var domain)
                {
                    sum += counts[domain] * weight;
                }
            }

            return sum;
        }

        public void Normalize(Span<long> scores, IReadOnlyList<NodeInfo> nodes)
        {
            var (lowest, highest) = (long.MaxValue, long.MinValue);
            foreach (var score in scores)
            {
                (lowest, highest) = (Math.Min(lowest, score), Math.Max(highest, score));
            }

            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] = highest == lowest ? 0 : IScore.MaxScore * (scores[i] - lowest) / (highest - lowest);
            }
        }
    }
}
