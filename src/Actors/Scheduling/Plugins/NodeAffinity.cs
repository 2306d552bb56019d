using System.Collections.Immutable;
using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary><c>nodeSelector</c> and node affinity. A pod that pins itself to nodes by name (as DaemonSets do) is only tried on those.</summary>
/// <param name="added">What a profile asks of the nodes for all of its pods (upstream's <c>addedAffinity</c>); default for nothing.</param>
public sealed class NodeAffinity(ImmutableArray<NodeSelectorTerm> added = default) : IPreFilter, ILocalFilter, ILocalScore
{
    private static readonly PluginStatus Mismatch = PluginStatus.Unresolvable("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");

    private static readonly PluginStatus NotEnforced = PluginStatus.Unresolvable("NodeAffinity", "node(s) didn't match scheduler-enforced node affinity");

    public string Name => "NodeAffinity";

    bool ILocalFilter.Concerns(PodInfo pod) => !added.IsDefault || !pod.NodeSelector.IsEmpty || !pod.RequiredNodeTerms.IsDefault;

    bool ILocalScore.Concerns(PodInfo pod) => !pod.PreferredNodeTerms.IsEmpty;

    public PreFilterResult PreFilter(PodInfo pod, SchedulingSnapshot snapshot)
    {
        if (pod.RequiredNodeTerms.IsDefaultOrEmpty)
        {
            return PreFilterResult.AllNodes;
        }

        var names = ImmutableArray<string>.Empty;
        foreach (var term in pod.RequiredNodeTerms)
        {
            // Only when every alternative pins the name are the other nodes out of the question.
            var pinned = term.Fields.FirstOrDefault(field => field is { Key: "metadata.name", Operator: "In" });
            if (pinned is null)
            {
                return PreFilterResult.AllNodes;
            }

            names = names.AddRange(pinned.Values.Except(names));
        }

        return new PreFilterResult(PluginStatus.Success, names);
    }

    public PluginStatus Filter(PodInfo pod, NodeInfo node)
    {
        if (!added.IsDefault && !added.Any(term => term.Matches(node)))
        {
            return NotEnforced;
        }

        foreach (var (key, value) in pod.NodeSelector)
        {
            if (!node.Labels.TryGetValue(key, out var actual) || actual != value)
            {
                return Mismatch;
            }
        }

        if (pod.RequiredNodeTerms.IsDefault)
        {
            return PluginStatus.Success;
        }

        foreach (var term in pod.RequiredNodeTerms)
        {
            if (term.Matches(node))
            {
                return PluginStatus.Success;
            }
        }

        return Mismatch;
    }

    public long Score(PodInfo pod, NodeInfo node)
    {
        var sum = 0L;
        foreach (var (weight, term) in pod.PreferredNodeTerms)
        {
            sum += term.Matches(node) ? weight : 0;
        }

        return sum;
    }

    public void Normalize(Span<long> scores, IReadOnlyList<NodeInfo> nodes) => ScoreRange.Spread(scores, reverse: false);
}
