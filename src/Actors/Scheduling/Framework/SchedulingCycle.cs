using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Scheduling.Framework;

/// <param name="NodeName">Where the pod goes; null when it fits nowhere.</param>
/// <param name="Diagnosis">Why it fits nowhere; null when it does.</param>
/// <param name="NextStart">Where the next search begins, so that a search that stops early does not always see the same nodes.</param>
/// <param name="Examined">How many nodes were looked at.</param>
public readonly record struct SchedulingDecision(string? NodeName, Diagnosis? Diagnosis, int NextStart, int Examined);

/// <summary>
/// The choice of a node for one pod: pre-filter, filter until enough nodes fit, score, choose. Pure: it reads the snapshot and changes nothing, so
/// that it answers "what if" on a fork just as well.
/// </summary>
public static class SchedulingCycle
{
    // Upstream's bounds: below this many nodes all are looked at, and never less than this share.
    private const int MinFeasibleNodes = 100;
    private const int MinPercentage = 5;

    /// <summary>How many fitting nodes are enough (upstream's <c>numFeasibleNodesToFind</c>).</summary>
    public static int EnoughNodes(int nodes, int percentage)
    {
        if (nodes < MinFeasibleNodes || percentage >= 100)
        {
            return nodes;
        }

        var share = percentage > 0 ? percentage : Math.Max(MinPercentage, 50 - (nodes / 125));
        return Math.Max(MinFeasibleNodes, nodes * share / 100);
    }

    public static SchedulingDecision Decide(SchedulingSnapshot snapshot, SchedulingProfile profile, PodInfo pod, int start)
    {
        var nodes = snapshot.Nodes;
        if (nodes.Count == 0)
        {
            return new SchedulingDecision(null, new Diagnosis(0), 0, 0);
        }

        var candidates = Restrict(snapshot, profile, pod, out var refusal);
        if (refusal is not null)
        {
            var refused = new Diagnosis(nodes.Count) { PreFilterMessage = string.Join(", ", refusal.Reasons) };
            return Refused(snapshot, profile, pod, refused, start, 0);
        }

        var filters = Concerned(profile.Filters, pod);
        var searched = candidates ?? nodes;
        var enough = EnoughNodes(searched.Count, profile.PercentageOfNodesToScore);
        var feasible = new List<NodeInfo>(Math.Min(enough, searched.Count));
        start = searched.Count == 0 ? 0 : start % searched.Count;
        var examined = 0;
        for (; examined < searched.Count && feasible.Count < enough; examined++)
        {
            var at = start + examined;
            var node = searched[at < searched.Count ? at : at - searched.Count];
            if (Fits(filters, pod, node))
            {
                feasible.Add(node);
            }
        }

        if (feasible.Count == 0)
        {
            return Refused(snapshot, profile, pod, Diagnose(searched, nodes.Count, filters, pod), start, examined);
        }

        // A restricted search says nothing about where in the whole list the next one should begin.
        var next = candidates is null ? (start + examined) % nodes.Count : start;
        return new SchedulingDecision(Best(profile, pod, feasible).Name, null, next, examined);
    }

    /// <summary>Why (or that) each node does not take the pod now, without stopping early.</summary>
    public static Diagnosis Explain(SchedulingSnapshot snapshot, SchedulingProfile profile, PodInfo pod)
    {
        var candidates = Restrict(snapshot, profile, pod, out var refusal);
        if (refusal is not null)
        {
            return new Diagnosis(snapshot.Nodes.Count) { PreFilterMessage = string.Join(", ", refusal.Reasons) };
        }

        return Diagnose(candidates ?? snapshot.Nodes, snapshot.Nodes.Count, Concerned(profile.Filters, pod), pod);
    }

    /// <summary>Whether this one node would take the pod now.</summary>
    public static bool Fits(SchedulingProfile profile, PodInfo pod, NodeInfo node) => RefuserOf(profile, pod, node) is null;

    /// <summary>The first plugin that refuses the pod on this node, the one whose reasons are told; null when the pod fits.</summary>
    public static IFilter? RefuserOf(SchedulingProfile profile, PodInfo pod, NodeInfo node)
    {
        foreach (var filter in profile.Filters)
        {
            if (filter.Concerns(pod) && !filter.Filter(pod, node).IsSuccess)
            {
                return filter;
            }
        }

        return null;
    }

    private static SchedulingDecision Refused(
        SchedulingSnapshot snapshot, SchedulingProfile profile, PodInfo pod, Diagnosis diagnosis, int start, int examined)
    {
        foreach (var plugin in profile.PostFilters)
        {
            diagnosis.PostFilterMessage = plugin.PostFilter(pod, snapshot, diagnosis);
        }

        return new SchedulingDecision(null, diagnosis, start, examined);
    }

    private static Diagnosis Diagnose(IReadOnlyList<NodeInfo> searched, int all, IFilter[] filters, PodInfo pod)
    {
        var diagnosis = new Diagnosis(all);
        foreach (var node in searched)
        {
            diagnosis.Add(node.Name, StatusOf(filters, pod, node));
        }

        return diagnosis;
    }

    private static IReadOnlyList<NodeInfo>? Restrict(SchedulingSnapshot snapshot, SchedulingProfile profile, PodInfo pod, out PluginStatus? refusal)
    {
        refusal = null;
        ImmutableArray<string> names = default;
        foreach (var plugin in profile.PreFilters)
        {
            var result = plugin.PreFilter(pod, snapshot);
            if (!result.Status.IsSuccess)
            {
                refusal = result.Status;
                return null;
            }

            names = result.NodeNames.IsDefault ? names : names.IsDefault ? result.NodeNames : [.. names.Intersect(result.NodeNames)];
        }

        return names.IsDefault ? null : [.. names.Select(snapshot.Find).OfType<NodeInfo>()];
    }

    private static IFilter[] Concerned(ImmutableArray<IFilter> filters, PodInfo pod) => [.. filters.Where(filter => filter.Concerns(pod))];

    private static bool Fits(IFilter[] filters, PodInfo pod, NodeInfo node)
    {
        foreach (var filter in filters)
        {
            if (!filter.Filter(pod, node).IsSuccess)
            {
                return false;
            }
        }

        return true;
    }

    private static PluginStatus StatusOf(IFilter[] filters, PodInfo pod, NodeInfo node)
    {
        foreach (var filter in filters)
        {
            var status = filter.Filter(pod, node);
            if (!status.IsSuccess)
            {
                return status;
            }
        }

        return PluginStatus.Success;
    }

    private static NodeInfo Best(SchedulingProfile profile, PodInfo pod, List<NodeInfo> feasible)
    {
        if (feasible.Count == 1)
        {
            return feasible[0];
        }

        var totals = new long[feasible.Count];
        var scores = new long[feasible.Count];
        foreach (var (plugin, weight) in profile.Scores)
        {
            if (!plugin.Concerns(pod))
            {
                continue;
            }

            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] = plugin.Score(pod, feasible[i]);
            }

            plugin.Normalize(scores);
            for (var i = 0; i < scores.Length; i++)
            {
                totals[i] += scores[i] * weight;
            }
        }

        var best = 0;
        for (var i = 1; i < totals.Length; i++)
        {
            best = totals[i] > totals[best] ? i : best;
        }

        return feasible[best];
    }
}
