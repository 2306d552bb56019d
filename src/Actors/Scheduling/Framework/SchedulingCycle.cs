using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Scheduling.Framework;

/// <param name="NodeName">Where the pod goes; null when it fits nowhere.</param>
/// <param name="Diagnosis">Why it fits nowhere; null when it does.</param>
/// <param name="Preemption">How room is being made, when it fits nowhere; null when no plugin had a say.</param>
/// <param name="NextStart">Where the next search begins, so that a search that stops early does not always see the same nodes.</param>
/// <param name="Examined">How many nodes were looked at.</param>
public readonly record struct SchedulingDecision(string? NodeName, Diagnosis? Diagnosis, PostFilterResult? Preemption, int NextStart, int Examined);

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
            return new SchedulingDecision(null, new Diagnosis(0), null, 0, 0);
        }

        var candidates = Restrict(snapshot, profile, pod, out var refusal);
        if (refusal is not null)
        {
            var refused = new Diagnosis(nodes.Count) { PreFilterMessage = string.Join(", ", refusal.Reasons) };
            return Refused(snapshot, profile, pod, refused, start, 0);
        }

        var judge = new NodeJudge(snapshot, profile, pod);

        // Room was made for it there: the others need not be looked at.
        if (snapshot.Nominations.NodeOf(pod.Key) is { } nominated && snapshot.Find(nominated) is { } room && judge.Judge(room).IsSuccess)
        {
            return new SchedulingDecision(nominated, null, null, start, 1);
        }

        var searched = candidates ?? snapshot.NodeList;
        var enough = EnoughNodes(searched.Count, profile.PercentageOfNodesToScore);
        var feasible = new List<NodeInfo>();
        start = searched.Count == 0 ? 0 : start % searched.Count;
        var examined = 0;
        Diagnosis? diagnosis = null;
        for (; examined < searched.Count && feasible.Count < enough; examined++)
        {
            var at = start + examined;
            at = at < searched.Count ? at : at - searched.Count;
            var node = searched[at];
            var status = candidates is null ? judge.JudgeKnown(node, at) : judge.Judge(node);
            if (status.IsSuccess)
            {
                if (feasible.Count == 0)
                {
                    feasible.EnsureCapacity(Math.Min(enough, searched.Count - examined));
                }

                feasible.Add(node);
            }
            else if (feasible.Count == 0)
            {
                (diagnosis ??= new Diagnosis(nodes.Count, snapshot.LendStatuses()) { Start = candidates is null ? start : -1 }).Add(node, status);
            }
        }

        if (feasible.Count == 0)
        {
            return Refused(snapshot, profile, pod, diagnosis ?? new Diagnosis(nodes.Count), start, examined);
        }

        // A restricted search says nothing about where in the whole list the next one should begin.
        var next = candidates is null ? (start + examined) % nodes.Count : start;
        return new SchedulingDecision(Best(snapshot, profile, pod, feasible).Name, null, null, next, examined);
    }

    /// <summary>Why (or that) each node does not take the pod now, without stopping early.</summary>
    public static Diagnosis Explain(SchedulingSnapshot snapshot, SchedulingProfile profile, PodInfo pod)
    {
        var candidates = Restrict(snapshot, profile, pod, out var refusal);
        var diagnosis = new Diagnosis(snapshot.Nodes.Count);
        if (refusal is not null)
        {
            diagnosis.PreFilterMessage = string.Join(", ", refusal.Reasons);
            return diagnosis;
        }

        var judge = new NodeJudge(snapshot, profile, pod);
        foreach (var node in candidates ?? snapshot.Nodes)
        {
            diagnosis.Add(node, judge.Judge(node));
        }

        return diagnosis;
    }

    /// <summary>Whether this one node of the snapshot would take the pod now.</summary>
    public static bool Fits(SchedulingSnapshot snapshot, SchedulingProfile profile, PodInfo pod, NodeInfo node)
    {
        Restrict(snapshot, profile, pod, out var refusal);
        return refusal is null && new NodeJudge(snapshot, profile, pod).Judge(node).IsSuccess;
    }

    /// <summary>The first of the plugins that look at nothing but the node that refuses the pod on it; null when none does.</summary>
    public static ILocalFilter? LocalRefuserOf(SchedulingProfile profile, PodInfo pod, NodeInfo node)
    {
        foreach (var filter in profile.LocalFilters)
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
        PostFilterResult? result = null;
        foreach (var plugin in profile.PostFilters)
        {
            result = plugin.PostFilter(pod, snapshot, profile, diagnosis);
            diagnosis.PostFilterMessage = result.Message;
        }

        return new SchedulingDecision(null, diagnosis, result, start, examined);
    }

    private static List<NodeInfo>? Restrict(SchedulingSnapshot snapshot, SchedulingProfile profile, PodInfo pod, out PluginStatus? refusal)
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

    private static NodeInfo Best(SchedulingSnapshot snapshot, SchedulingProfile profile, PodInfo pod, List<NodeInfo> feasible)
    {
        if (feasible.Count == 1)
        {
            return feasible[0];
        }

        var totals = new long[feasible.Count];
        var scores = new long[feasible.Count];
        foreach (var (plugin, weight) in profile.Scores)
        {
            if (plugin.For(pod, snapshot, feasible) is not { } scorer)
            {
                continue;
            }

            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] = scorer.Score(pod, feasible[i]);
            }

            scorer.Normalize(scores, feasible);
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
