using System.Collections.Concurrent;
using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>Taints with NoSchedule and NoExecute refuse, those with PreferNoSchedule are avoided.</summary>
public sealed class TaintToleration : ILocalFilter, ILocalScore
{
    // One status for each distinct taint of the cluster. Bounded, because taints are free text.
    private const int MaxShared = 1024;
    private readonly ConcurrentDictionary<(string Key, string Value), PluginStatus> _shared = new();

    public string Name => "TaintToleration";

    bool ILocalFilter.Concerns(PodInfo pod) => true;

    bool ILocalScore.Concerns(PodInfo pod) => true;

    public PluginStatus Filter(PodInfo pod, NodeInfo node)
    {
        foreach (var taint in node.Taints)
        {
            if (taint.Effect is "NoSchedule" or "NoExecute" && !pod.Tolerates(taint))
            {
                return Refusal(taint);
            }
        }

        return PluginStatus.Success;
    }

    /// <summary>How many taints the pod would rather not have.</summary>
    public long Score(PodInfo pod, NodeInfo node)
    {
        var count = 0L;
        foreach (var taint in node.Taints)
        {
            count += taint.Effect == "PreferNoSchedule" && !pod.Tolerates(taint) ? 1 : 0;
        }

        return count;
    }

    public void Normalize(Span<long> scores, IReadOnlyList<NodeInfo> nodes) => ScoreRange.Spread(scores, reverse: true);

    private PluginStatus Refusal(Taint taint)
    {
        if (_shared.TryGetValue((taint.Key, taint.Value), out var status))
        {
            return status;
        }

        status = PluginStatus.Unresolvable(Name, $"node(s) had untolerated taint {{{taint.Key}: {taint.Value}}}");
        return _shared.Count < MaxShared ? _shared.GetOrAdd((taint.Key, taint.Value), status) : status;
    }
}
