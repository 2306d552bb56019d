using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Actors.Scheduling.Topology;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>Pods of one kind evenly over zones, hosts or whatever else a label makes.</summary>
/// <param name="systemDefaults">Pods without constraints of their own are spread softly over hosts (skew 3) and zones (skew 5).</param>
public sealed class PodTopologySpread(bool systemDefaults) : IFilter, IScore, IHint
{
    private const string Plugin = "PodTopologySpread";
    private const string Reason = "node(s) didn't match pod topology spread constraints";
    private const string HostName = "kubernetes.io/hostname";
    private const string Zone = "topology.kubernetes.io/zone";
    private static readonly PluginStatus Skewed = PluginStatus.Unschedulable(Plugin, Reason);
    private static readonly PluginStatus Unlabelled = PluginStatus.Unresolvable(Plugin, Reason + " (missing required label)");
    private static readonly NodeAffinity Affinity = new();

    public string Name => Plugin;

    public INodeFilter? For(PodInfo pod, SchedulingSnapshot snapshot)
    {
        var required = pod.SpreadConstraints.Where(constraint => constraint.IsRequired).ToArray();
        if (required.Length == 0)
        {
            return null;
        }

        var index = snapshot.Topology;
        var keys = Array.ConvertAll(required, constraint => index.KeyOf(constraint.TopologyKey));
        var rules = new Rule[required.Length];
        for (var i = 0; i < required.Length; i++)
        {
            var constraint = required[i];
            var counts = CountsOf(pod, snapshot, constraint, keys, i, out var lowest, out var domains);
            rules[i] = new Rule(
                keys[i], counts, domains < constraint.MinDomains ? 0 : lowest, constraint.Matcher.Matches(pod, index.Namespaces) ? 1 : 0, constraint.MaxSkew);
        }

        return new Judge(rules);
    }

    public INodeScore? For(PodInfo pod, SchedulingSnapshot snapshot, IReadOnlyList<NodeInfo> feasible)
    {
        var own = !pod.SpreadConstraints.IsEmpty;
        var soft = own ? [.. pod.SpreadConstraints.Where(constraint => !constraint.IsRequired)] : Defaults(pod, snapshot);
        if (soft.Length == 0)
        {
            return null;
        }

        var index = snapshot.Topology;
        var keys = Array.ConvertAll(soft, constraint => index.KeyOf(constraint.TopologyKey));
        var ignored = new HashSet<int>();
        var seen = keys.Select(key => new bool[key.Bound]).ToArray();
        var sizes = new int[soft.Length];
        foreach (var node in feasible)
        {
            if (own && Array.Exists(keys, key => key.DomainOf(node.Slot) < 0))
            {
                ignored.Add(node.Slot);
                continue;
            }

            for (var i = 0; i < keys.Length; i++)
            {
                if (keys[i].DomainOf(node.Slot) is >= 0 and var domain && !seen[i][domain])
                {
                    seen[i][domain] = true;
                    sizes[i]++;
                }
            }
        }

        var terms = new (TopologyKey Key, int[] Counts, double Weight, int MaxSkew)[soft.Length];
        for (var i = 0; i < soft.Length; i++)
        {
            // A host is one domain each, also where two nodes carry one host name.
            var size = keys[i].Name == HostName ? feasible.Count - ignored.Count : sizes[i];
            terms[i] = (keys[i], CountsOf(pod, snapshot, soft[i], own ? keys : [keys[i]], own ? i : 0, out _, out _), Math.Log(size + 2), soft[i].MaxSkew);
        }

        return new Scorer(terms, ignored);
    }

    public bool CouldHelp(PodInfo waiting, PodInfo changed, SchedulingSnapshot snapshot)
    {
        foreach (var constraint in waiting.SpreadConstraints)
        {
            if (constraint.IsRequired && constraint.Matcher.Matches(changed, snapshot.Namespaces))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Pods by domain, over the nodes that count for this pod. Mostly all do, and then nothing is counted here.</summary>
    private static int[] CountsOf(
        PodInfo pod, SchedulingSnapshot snapshot, SpreadConstraint constraint, TopologyKey[] keys, int at, out int lowest, out int domains)
    {
        var key = keys[at];
        var tally = snapshot.Topology.TallyOf(constraint.Matcher);
        var byAffinity = constraint.HonorsAffinity && ((ILocalFilter)Affinity).Concerns(pod);
        lowest = int.MaxValue;
        if (!byAffinity && !constraint.HonorsTaints && Array.TrueForAll(keys, other => other.Nodes == snapshot.Nodes.Count || ReferenceEquals(other, key)))
        {
            var all = tally.In(key);
            domains = key.Domains;
            for (var domain = 0; domain < key.Bound; domain++)
            {
                lowest = all[domain] < lowest && key.HasNodes(domain) ? all[domain] : lowest;
            }

            lowest = domains == 0 ? 0 : lowest;
            return all;
        }

        var counts = new int[key.Bound];
        var eligible = new bool[key.Bound];
        foreach (var node in snapshot.Nodes)
        {
            if (Array.TrueForAll(keys, other => other.DomainOf(node.Slot) >= 0)
                && (!byAffinity || Affinity.Filter(pod, node).IsSuccess) && (!constraint.HonorsTaints || Tolerates(pod, node)))
            {
                var domain = key.DomainOf(node.Slot);
                eligible[domain] = true;
                counts[domain] += tally.OnSlot(node.Slot);
            }
        }

        domains = 0;
        for (var domain = 0; domain < counts.Length; domain++)
        {
            if (eligible[domain])
            {
                domains++;
                lowest = Math.Min(lowest, counts[domain]);
            }
        }

        lowest = domains == 0 ? 0 : lowest;
        return counts;
    }

    private static bool Tolerates(PodInfo pod, NodeInfo node)
    {
        foreach (var taint in node.Taints)
        {
            if (taint.Effect is "NoSchedule" or "NoExecute" && !pod.Tolerates(taint))
            {
                return false;
            }
        }

        return true;
    }

    private SpreadConstraint[] Defaults(PodInfo pod, SchedulingSnapshot snapshot) =>
        systemDefaults && snapshot.Workloads.MatcherOf(pod) is { } matcher
            ? [new SpreadConstraint(3, HostName, false, matcher, 1, true, false), new SpreadConstraint(5, Zone, false, matcher, 1, true, false)]
            : [];

    private sealed record Rule(TopologyKey Key, int[] Counts, int Lowest, int Self, int MaxSkew);

    private sealed record Judge(Rule[] Rules) : INodeFilter
    {
        public PluginStatus Filter(PodInfo pod, NodeInfo node)
        {
            foreach (var rule in Rules)
            {
                var domain = rule.Key.DomainOf(node.Slot);
                if (domain < 0)
                {
                    return Unlabelled;
                }

                if (rule.Counts[domain] + rule.Self - rule.Lowest > rule.MaxSkew)
                {
                    return Skewed;
                }
            }

            return PluginStatus.Success;
        }
    }

    private sealed record Scorer((TopologyKey Key, int[] Counts, double Weight, int MaxSkew)[] Terms, HashSet<int> Ignored) : INodeScore
    {
        public long Score(PodInfo pod, NodeInfo node)
        {
            if (Ignored.Count > 0 && Ignored.Contains(node.Slot))
            {
                return 0;
            }

            var sum = 0.0;
            foreach (var (key, counts, weight, maxSkew) in Terms)
            {
                if (key.DomainOf(node.Slot) is >= 0 and var domain)
                {
                    sum += (counts[domain] * weight) + (maxSkew - 1);
                }
            }

            return (long)Math.Round(sum, MidpointRounding.AwayFromZero);
        }

        public void Normalize(Span<long> scores, IReadOnlyList<NodeInfo> nodes)
        {
            var (lowest, highest) = (long.MaxValue, 0L);
            for (var i = 0; i < scores.Length; i++)
            {
                if (!Ignored.Contains(nodes[i].Slot))
                {
                    (lowest, highest) = (Math.Min(lowest, scores[i]), Math.Max(highest, scores[i]));
                }
            }

            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] = Ignored.Contains(nodes[i].Slot) ? 0
                    : highest == 0 ? IScore.MaxScore : IScore.MaxScore * (highest + lowest - scores[i]) / highest;
            }
        }
    }
}
