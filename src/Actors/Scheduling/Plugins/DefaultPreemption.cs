using System.Collections.Immutable;
using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Actors.Scheduling.Preemption;

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

        var enough = Math.Min(diagnosis.Resolvable, Math.Max(MinCandidates, diagnosis.Resolvable * MinCandidatesPercentage / 100));
        var search = new Search(pod, snapshot, profile, diagnosis.Start);
        var inVain = new ReasonCounts();
        PreemptionCandidate? best = null;
        var (found, anyWithoutViolation) = (0, false);
        for (var i = 0; i < diagnosis.Statuses.Count && !(found >= enough && anyWithoutViolation); i++)
        {
            // In the order of the search that was in vain.
            var (node, refused) = diagnosis.Statuses[i];
            if (refused.Code != StatusCode.Unschedulable)
            {
                continue;
            }

            if (search.Candidate(node, i, refused, out var status) is { } candidate)
            {
                found++;
                anyWithoutViolation |= candidate.Violations == 0;
                best = best is null || candidate.IsBetterThan(best) ? candidate : best;
            }
            else
            {
                inVain.Add(status);
            }
        }

        if (best is not null)
        {
            return new PostFilterResult("", best.Node, best.Victims);
        }

        if (snapshot.Nodes.Count > inVain.Nodes)
        {
            inVain.Add(NotHelpful.Reasons[0], snapshot.Nodes.Count - inVain.Nodes);
        }

        return new PostFilterResult($"preemption: 0/{snapshot.Nodes.Count} nodes are available: {inVain}.", "", []);
    }

    /// <summary>Upstream's <c>PodEligibleToPreemptOthers</c>.</summary>
    private static string? NotEligible(PodInfo pod, SchedulingSnapshot snapshot, Diagnosis diagnosis)
    {
        if (pod.NeverPreempts)
        {
            return "not eligible due to preemptionPolicy=Never.";
        }

        if (snapshot.Nominations.NodeOf(pod.Key) is not { } nominated || snapshot.Find(nominated) is not { } node
            || !diagnosis.Statuses.Exists(pair => pair.Status.Code == StatusCode.Unschedulable && pair.Node.Name == nominated))
        {
            return null;
        }

        var victims = snapshot.Nominations.VictimsOf(pod.Key);
        return node.Pods.Any(other => other.Priority < pod.Priority && (victims.Contains(other.Uid) || (other.IsDeleting && other.IsPreempted)))
            ? "not eligible due to a terminating pod on the nominated node."
            : null;
    }

    /// <summary>Only the node itself matters: the pods are taken off in thought, by their numbers.</summary>
    private static PreemptionCandidate? SelectLocally(PodInfo pod, NodeInfo node, SchedulingSnapshot snapshot, NodeJudge judge, out PluginStatus status)
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

    /// <summary>By numbers only.</summary>
    private static PreemptionCandidate? SelectByAmounts(PodInfo pod, NodeInfo node, NodeJudge judge, out PluginStatus status)
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

        var leaving = ImmutableArray.CreateBuilder<PodInfo>();
        for (var i = first; i < node.Pods.Length; i++)
        {
            var with = requested + node.Pods[i].Requests;
            if (NodeResourcesFit.HasRoom(pod, node, with, count + 1))
            {
                (requested, count) = (with, count + 1);
            }
            else
            {
                leaving.Add(node.Pods[i]);
            }
        }

        return new PreemptionCandidate(node.Name, leaving.DrainToImmutable(), 0);
    }

    /// <summary>Neighbours matter: the pods are taken out of the snapshot for the moment of the question, and put back.</summary>
    private static PreemptionCandidate? SelectElsewhere(PodInfo pod, NodeInfo node, SchedulingSnapshot snapshot, SchedulingProfile profile, out PluginStatus status)
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
    private static PreemptionCandidate Reprieve(string node, PodInfo[] potential, SchedulingSnapshot snapshot, Func<PodInfo, bool> canStay)
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

        return new PreemptionCandidate(node, [.. potential.Where((_, i) => leaves[i])], violations);
    }

    /// <summary>Thinks nodes through for one pod.</summary>
    private sealed class Search(PodInfo pod, SchedulingSnapshot snapshot, SchedulingProfile profile, int start)
    {
        private readonly NodeJudge _judge = new(snapshot, profile, pod);
        private readonly NodeAnswers _answers = snapshot.Refusals.For(pod);
        private readonly bool _isPlain = start >= 0 && pod.Volumes.IsEmpty && pod.HostPorts.IsEmpty && snapshot.Budgets.IsEmpty;

        /// <param name="node">The node.</param>
        /// <param name="number">Its number in the search.</param>
        /// <param name="refused">Why it refuses the pod now.</param>
        /// <param name="status">Why room cannot be made there, when it cannot.</param>
        public PreemptionCandidate? Candidate(NodeInfo node, int number, PluginStatus refused, out PluginStatus status)
        {
            // Amounts are judged last of what the node alone decides: when they refuse, nothing else does.
            if (_isPlain && !_judge.LooksElsewhere && refused.Plugin == "NodeResourcesFit" && !_judge.IsKept(node))
            {
                return ByAmounts(node, number, out status);
            }

            if (HasNoVictims(node))
            {
                status = NoVictims;
                return null;
            }

            return _judge.LooksElsewhere ? SelectElsewhere(pod, node, snapshot, profile, out status) : SelectLocally(pod, node, snapshot, _judge, out status);
        }

        /// <summary>The common case, in which hundreds of nodes are thought through for one pod: what one of its kind found out is remembered.</summary>
        private PreemptionCandidate? ByAmounts(NodeInfo node, int number, out PluginStatus status)
        {
            var place = start + number;
            place = place < snapshot.Nodes.Count ? place : place - snapshot.Nodes.Count;
            if (!_answers.TryCandidate(node, place, out var candidate, out status))
            {
                status = NoVictims;
                candidate = HasNoVictims(node) ? null : SelectByAmounts(pod, node, _judge, out status);
                _answers.Considered(node, place, candidate, status);
            }

            return candidate;
        }

        private bool HasNoVictims(NodeInfo node) => node.Pods.IsEmpty || node.Pods[^1].Priority >= pod.Priority;
    }
}
