using System.Globalization;

namespace ActorOrchestrator.Actors.Scheduling.Framework;

/// <summary>What would make a pod fit: the nodes that refuse it for one thing only, and what that is. Said after upstream's sentence.</summary>
public static class Remedy
{
    // A cluster of thousands of nodes is not walked to its end for advice.
    private const int MaxNodes = 1000;

    public static string Of(SchedulingSnapshot snapshot, SchedulingProfile profile, PodInfo pod)
    {
        (string Name, INodeFilter Filter)[] filters =
            [.. profile.Filters.Select(plugin => (plugin.Name, plugin.For(pod, snapshot))).Where(pair => pair.Item2 is not null).Select(pair => (pair.Name, pair.Item2!))];
        var byAdvice = new Dictionary<string, int>(StringComparer.Ordinal);
        (NodeInfo Node, string Lacks, double Share)? nearest = null;
        for (var i = 0; i < snapshot.Nodes.Count && i < MaxNodes; i++)
        {
            var node = snapshot.Nodes[i];
            var refusals = filters.Where(pair => !pair.Filter.Filter(pod, node).IsSuccess).Select(pair => pair.Name).Take(2).ToArray();
            if (refusals is not [var only])
            {
                continue;
            }

            if (only == "NodeResourcesFit")
            {
                if (Shortage(pod, node) is { } shortage && (nearest is null || shortage.Share < nearest.Value.Share))
                {
                    nearest = (node, shortage.Lacks, shortage.Share);
                }
            }
            else if (AdviceFor(only, pod, node) is { } advice)
            {
                byAdvice[advice] = byAdvice.GetValueOrDefault(advice) + 1;
            }
        }

        var sentences = byAdvice.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(3)
            .Select(pair => string.Create(CultureInfo.InvariantCulture, $"on {pair.Value} node(s) {pair.Key}")).ToList();
        if (nearest is { } near)
        {
            sentences.Add($"on node {near.Node.Name} with {near.Lacks}");
        }

        return sentences.Count == 0 ? "" : $"It would fit {string.Join(", or ", sentences)}.";
    }

    private static string? AdviceFor(string plugin, PodInfo pod, NodeInfo node) => plugin switch
    {
        "NodeUnschedulable" => "once uncordoned",
        "TaintToleration" => "with a toleration of "
            + string.Join(", ", node.Taints.Where(taint => taint.Effect is "NoSchedule" or "NoExecute" && !pod.Tolerates(taint)).Select(taint => $"{{{taint.Key}: {taint.Value}}}")),
        "NodeAffinity" => "without its node affinity/selector",
        "NodePorts" => "without its host ports",
        "PodTopologySpread" => "without its pod topology spread constraints",
        "InterPodAffinity" => "without the pod (anti-)affinity rules",
        "VolumeBinding" or "VolumeZone" => "if its volumes were reached from there",
        "NodeVolumeLimits" => "with fewer volumes attached there",
        _ => null,
    };

    /// <summary>What the node lacks for the pod, and how much that is of all it has. A node that is too small even when empty is no advice.</summary>
    private static (string Lacks, double Share)? Shortage(PodInfo pod, NodeInfo node)
    {
        var (lacks, share) = (new List<string>(), 0.0);
        var wanted = pod.Requests;
        if (!Add(wanted.MilliCpu, node.Requested.MilliCpu, node.Allocatable.MilliCpu, amount => $"{amount}m more cpu free")
            || !Add(wanted.Memory, node.Requested.Memory, node.Allocatable.Memory, amount => $"{(amount + (1 << 20) - 1) >> 20}Mi more memory free")
            || !Add(wanted.EphemeralStorage, node.Requested.EphemeralStorage, node.Allocatable.EphemeralStorage,
                amount => $"{(amount + (1 << 20) - 1) >> 20}Mi more ephemeral-storage free"))
        {
            return null;
        }

        foreach (var (name, amount) in wanted.Extended)
        {
            if (!Add(amount, node.Requested.ExtendedAmount(name), node.Allocatable.ExtendedAmount(name), lacking => $"{lacking} more {name} free"))
            {
                return null;
            }
        }

        if (node.PodCount + 1 > node.AllowedPods)
        {
            lacks.Add("one pod less");
            share += 1.0 / Math.Max(1, node.AllowedPods);
        }

        return lacks.Count == 0 ? null : (string.Join(" and ", lacks), share);

        bool Add(long asked, long requested, long allocatable, Func<long, string> say)
        {
            var lacking = asked - (allocatable - requested);
            if (asked > 0 && lacking > 0)
            {
                lacks.Add(say(lacking));
                share += (double)lacking / Math.Max(1, allocatable);
            }

            return asked <= allocatable || asked == 0;
        }
    }
}
