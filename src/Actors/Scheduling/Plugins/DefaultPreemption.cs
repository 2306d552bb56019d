using System.Collections.Immutable;
using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>
/// Makes room: finds the node where the least important pods would have to leave, with as few broken disruption budgets as can be
/// (upstream's <c>SelectVictimsOnNode</c> and <c>pickOneNodeForPreemption</c>). Pure: who leaves is told, not done.
/// </summary>
public sealed class DefaultPreemption : IPostFilter
{
    // Upstream's bounds for how many nodes are thought through.
    private const int MinCandidatesPercentage = 10;
    private const int MinCandidates = 100;

    private static readonly PluginStatus NotHelpful = PluginStatus.Unresolvable("DefaultPreemption", "Preemption is not helpful for scheduling");
    private static readonly PluginStatus NoVictims = PluginStatus.Unresolvable("DefaultPreemption", "No preemption victims found for incoming pod");

    public string Name => "DefaultPreemption";

    public PostFilterResult PostFilter(PodInfo pod, SchedulingSnapshot snapshot, SchedulingProfile profile, Diagnosis diagnosis)
    {
        if (NotEligible(pod, snapshot, diagnosis) is { } why)
        {
            return new PostFilterResult($"preemption: {why}", null, []);
        }

        var potential = 0;
        foreach (var (_, status) in diagnosis.Statuses)
        {
            potential += status.Code == StatusCode.Unschedulable ? 1 : 0;
        }

        var enough = Math.Min(potential, Math.Max(MinCandidates, potential * MinCandidatesPercentage / 100));
        var statuses = new List<PluginStatus>();
        var judge = new NodeJudge(snapshot, profile, pod);
        Candidate? best = null;
        var (found, anyWithoutViolation) = (0, false);
        for (var i = 0; i < diagnosis.Statuses.Count && !(found >= enough && anyWithoutViolation); i++)
        {
            // In the order of the search that was in vain.
            var (node, refused) = diagnosis.Statuses[i];
            if (refused.Code != StatusCode.Unschedulable)
            {
                continue;
            }

            if (node.Pods.IsEmpty || node.Pods[^1].Priority >= pod.Priority)
            {
                statuses.Add(NoVictims);
                continue;
            }

            PluginStatus status;
            var candidate = judge.LooksElsewhere ? SelectElsewhere(pod, node, snapshot, profile, out status)
                : IsOnlyAboutAmounts(pod, node, refused, snapshot, judge) ? SelectByAmounts(pod, node, judge, best, out status)
                : SelectLocally(pod, node, snapshot, judge, out status);
            if (candidate is null)
            {
                statuses.Add(status);
                continue;
            }

            found++;
            anyWithoutViolation |= candidate.Violations == 0;
            best = best is null || (!ReferenceEquals(candidate, best) && candidate.IsBetterThan(best)) ? candidate : best;
        }

        if (best is not null)
        {
            return new PostFilterResult("", best.Node, best.Victims);
        }

        var counts = Diagnosis.CountReasons(statuses);
        if (snapshot.Nodes.Count > statuses.Count)
        {
            counts[NotHelpful.Reasons[0]] = snapshot.Nodes.Count - statuses.Count;
        }

        return new PostFilterResult($"preemption: 0/{snapshot.Nodes.Count} nodes are available: {Diagnosis.Join(counts)}.", "", []);
    }

    /// <summary>Upstream's <c>PodEligibleToPreemptOthers</c>.</summary>
    private static string? NotEligible(PodInfo pod, SchedulingSnapshot snapshot, Diagnosis diagnosis)
    {
        if (pod.NeverPreempts)
        {
            return "not eligible due to preemptionPolicy=Never.";
        }

        if (snapshot.Nominations.NodeOf(pod.Key) is not { } nominated || snapshot.Find(nominated) is not { } node
            || (diagnosis.ByNode.TryGetValue(nominated, out var status) && status.Code == StatusCode.UnschedulableAndUnresolvable))
        {
            return null;
        }

        var victims = snapshot.Nominations.VictimsOf(pod.Key);
        return node.Pods.Any(other => other.Priority < pod.Priority && (victims.Contains(other.Uid) || (other.IsDeleting && other.IsPreempted)))
            ? "not eligible due to a terminating pod on the nominated node."
            : null;
    }

    /// <summary>Only the node itself matters: the pods are taken off in thought, by their numbers.</summary>
    private static Candidate? SelectLocally(PodInfo pod, NodeInfo node, SchedulingSnapshot snapshot, NodeJudge judge, out PluginStatus status)
    {
        var first = node.Pods.Length;
        while (first > 0 && node.Pods[first - 1].Priority < pod.Priority)
        {
            first--;
        }

        // What pods mount is read from the pods themselves, which then have to be gone and not only uncounted.
        var exact = !pod.Volumes.IsEmpty;
        var rest = node;
        for (var i = first; i < node.Pods.Length; i++)
        {
            rest = exact ? rest.Without(node.Pods[i].Key) : rest.LessInThought(node.Pods[i]);
        }

        status = judge.Judge(rest);
        if (!status.IsSuccess)
        {
            return null;
        }

        var potential = node.Pods.AsSpan()[first..].ToArray();
        return Reprieve(node.Name, potential, snapshot, victim =>
        {
            var with = exact ? rest.With(victim) : rest.MoreInThought(victim);
            if (!judge.Judge(with).IsSuccess)
            {
                return false;
            }

            rest = with;
            return true;
        });
    }

    /// <summary>Amounts are judged last of what the node alone decides: when they refuse, nothing else does.</summary>
    private static bool IsOnlyAboutAmounts(PodInfo pod, NodeInfo node, PluginStatus refused, SchedulingSnapshot snapshot, NodeJudge judge) =>
        refused.Plugin == "NodeResourcesFit" && pod.Volumes.IsEmpty && pod.HostPorts.IsEmpty && snapshot.Budgets.IsEmpty && !judge.IsKept(node);

    /// <summary>The common case, in which hundreds of nodes are thought through for one pod: numbers only, and a candidate is made only of what beats the best.</summary>
    /// <returns>Null when it fits not even then; <paramref name="best"/> when this is no better.</returns>
    private static Candidate? SelectByAmounts(PodInfo pod, NodeInfo node, NodeJudge judge, Candidate? best, out PluginStatus status)
    {
        var (requested, count, first) = (node.Requested, node.PodCount, node.Pods.Length);
        while (first > 0 && node.Pods[first - 1].Priority < pod.Priority)
        {
            first--;
            requested -= node.Pods[first].Requests;
            count--;
        }

        status = PluginStatus.Success;
        if (!NodeResourcesFit.HasRoom(pod, node, requested, count))
        {
            status = judge.JudgeLocally(node with { Requested = requested, PodCount = count });
            return null;
        }

        var leaving = new List<PodInfo>();
        var isWorse = false;
        for (var i = first; i < node.Pods.Length && !isWorse; i++)
        {
            var with = requested + node.Pods[i].Requests;
            if (NodeResourcesFit.HasRoom(pod, node, with, count + 1))
            {
                (requested, count) = (with, count + 1);
            }
            else
            {
                leaving.Add(node.Pods[i]);

                // The first is the most important one, which decides unless the best has broken budgets.
                isWorse = best is { Violations: 0, Victims.IsEmpty: false } && leaving[0].Priority > best.Victims[0].Priority;
            }
        }

        return isWorse ? best : new Candidate(node.Name, [.. leaving], 0);
    }

    /// <summary>Neighbours matter: the pods are taken out of the snapshot for the moment of the question, and put back.</summary>
    private static Candidate? SelectElsewhere(PodInfo pod, NodeInfo node, SchedulingSnapshot snapshot, SchedulingProfile profile, out PluginStatus status)
    {
        PodInfo[] potential = [.. node.Pods.Where(other => other.Priority < pod.Priority)];
        foreach (var victim in potential)
        {
            snapshot.Remove(victim.Key);
        }

        status = Judge();
        var candidate = status.IsSuccess
            ? Reprieve(node.Name, potential, snapshot, victim =>
            {
                snapshot.Place(victim, node.Name);
                if (Judge().IsSuccess)
                {
                    return true;
                }

                snapshot.Remove(victim.Key);
                return false;
            })
            : null;
        foreach (var victim in potential)
        {
            snapshot.Place(victim, node.Name);
        }

        return candidate;

        PluginStatus Judge() => new NodeJudge(snapshot, profile, pod).Judge(snapshot.Find(node.Name)!);
    }

    /// <summary>Whoever can stay stays: those whose leaving would break a budget first, then by importance.</summary>
    private static Candidate Reprieve(string node, PodInfo[] potential, SchedulingSnapshot snapshot, Func<PodInfo, bool> canStay)
    {
        var violating = snapshot.Budgets.Violations(potential);
        var leaves = new bool[potential.Length];
        var violations = 0;
        foreach (var protectedOnes in (ReadOnlySpan<bool>)[true, false])
        {
            for (var i = 0; i < potential.Length; i++)
            {
                if (violating[i] == protectedOnes && !canStay(potential[i]))
                {
                    leaves[i] = true;
                    violations += protectedOnes ? 1 : 0;
                }
            }
        }

        return new Candidate(node, [.. potential.Where((_, i) => leaves[i])], violations);
    }

    private sealed record Candidate(string Node, ImmutableArray<PodInfo> Victims, int Violations)
    {
        /// <summary>Fewest broken budgets, then the least important of the highest victims, the smallest sum of priorities, the fewest, the youngest.</summary>
        public bool IsBetterThan(Candidate other)
        {
            if (Violations != other.Violations)
            {
                return Violations < other.Violations;
            }

            if (Victims.IsEmpty || other.Victims.IsEmpty)
            {
                return Victims.Length < other.Victims.Length;
            }

            if (Victims[0].Priority != other.Victims[0].Priority)
            {
                return Victims[0].Priority < other.Victims[0].Priority;
            }

            var (sum, others) = (SumOf(Victims), SumOf(other.Victims));
            if (sum != others)
            {
                return sum < others;
            }

            return Victims.Length != other.Victims.Length ? Victims.Length < other.Victims.Length : EarliestOf(Victims) > EarliestOf(other.Victims);
        }

        /// <summary>Every pod counts for something, also those of negative priority.</summary>
        private static long SumOf(ImmutableArray<PodInfo> pods)
        {
            var sum = 0L;
            foreach (var pod in pods)
            {
                sum += pod.Priority + (long)int.MaxValue + 1;
            }

            return sum;
        }

        private static DateTimeOffset EarliestOf(ImmutableArray<PodInfo> pods)
        {
            var earliest = DateTimeOffset.MaxValue;
            foreach (var pod in pods)
            {
                earliest = pod.Priority == pods[0].Priority && pod.Started < earliest ? pod.Started : earliest;
            }

            return earliest;
        }
    }
}
