using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>
/// Says of every node whether the leaving of pods with a lower priority could help. Nobody is made to leave yet; a node where that would be
/// possible is reported as such.
/// </summary>
public sealed class DefaultPreemption : IPostFilter
{
    private const string NotHelpful = "Preemption is not helpful for scheduling";
    private const string NoVictims = "No preemption victims found for incoming pod";
    private const string NotSupported = "Preemption of lower priority pods is not supported yet";

    public string Name => "DefaultPreemption";

    public string PostFilter(PodInfo pod, SchedulingSnapshot snapshot, Diagnosis diagnosis)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in snapshot.Nodes)
        {
            var resolvable = diagnosis.ByNode.TryGetValue(node.Name, out var status) && status.Code == StatusCode.Unschedulable;
            var finding = !resolvable ? NotHelpful : node.Pods.Values.Any(other => other.Priority < pod.Priority) ? NotSupported : NoVictims;
            counts[finding] = counts.GetValueOrDefault(finding) + 1;
        }

        return $"preemption: 0/{snapshot.Nodes.Count} nodes are available: {Diagnosis.Join(counts)}.";
    }
}
