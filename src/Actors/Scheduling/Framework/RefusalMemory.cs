using ActorOrchestrator.Actors.Scheduling.Preemption;

namespace ActorOrchestrator.Actors.Scheduling.Framework;

/// <summary>
/// What nodes have answered to pods that ask alike. A node is immutable, so that its answer is as old as the object: the next pod of the same template is
/// told by a look at the reference, and only nodes on which something has happened since are judged again. Thousands of pods that fit nowhere, or that have
/// to make room, then cost little more than one of them.
/// </summary>
public sealed class RefusalMemory
{
    // Each remembers something of every node; the ones that nobody has asked for the longest time go first.
    private const int MaxKinds = 16;

    private readonly Dictionary<string, NodeAnswers> _byKind = new(StringComparer.Ordinal);
    private long _uses;

    public NodeAnswers For(PodInfo pod)
    {
        if (!_byKind.TryGetValue(pod.Kind, out var answers))
        {
            if (_byKind.Count >= MaxKinds)
            {
                _byKind.Remove(_byKind.MinBy(pair => pair.Value.LastUsed).Key);
            }

            _byKind[pod.Kind] = answers = new NodeAnswers();
        }

        answers.LastUsed = ++_uses;
        return answers;
    }
}

/// <summary>The answers of nodes to pods of one kind, by the nodes' places in the snapshot: the reference is compared without a look at the node, of which
/// thousands would not be in the processor's cache.</summary>
public sealed class NodeAnswers
{
    private (NodeInfo? Node, PluginStatus Status)[] _refusals = [];
    private (NodeInfo? Node, PreemptionCandidate? Candidate, PluginStatus Status)[] _candidates = [];

    internal long LastUsed { get; set; }

    /// <summary>Why the node itself refuses; null when that is not known.</summary>
    public PluginStatus? RefusalOf(NodeInfo node, int place)
    {
        var known = _refusals;
        return (uint)place < (uint)known.Length && ReferenceEquals(known[place].Node, node) ? known[place].Status : null;
    }

    public void Refused(NodeInfo node, int place, PluginStatus status)
    {
        Ensure(ref _refusals, place);
        _refusals[place] = (node, status);
    }

    /// <summary>What making room there would take, or why that is no use; false when that is not known.</summary>
    internal bool TryCandidate(NodeInfo node, int place, out PreemptionCandidate? candidate, out PluginStatus status)
    {
        var known = _candidates;
        if ((uint)place < (uint)known.Length && ReferenceEquals(known[place].Node, node))
        {
            (_, candidate, status) = known[place];
            return true;
        }

        (candidate, status) = (null, PluginStatus.Success);
        return false;
    }

    internal void Considered(NodeInfo node, int place, PreemptionCandidate? candidate, PluginStatus status)
    {
        Ensure(ref _candidates, place);
        _candidates[place] = (node, candidate, status);
    }

    private static void Ensure<T>(ref T[] array, int place)
    {
        if (place >= array.Length)
        {
            Array.Resize(ref array, Math.Max(place + 1, Math.Max(64, array.Length * 2)));
        }
    }
}
