using System.Diagnostics.CodeAnalysis;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Scheduling;

/// <summary>
/// Every node with its pods, kept up to date fact by fact. <see cref="Fork"/> gives an independent copy that shares all nodes, for "what if".
/// Owned by one thread at a time.
/// </summary>
public sealed class SchedulingSnapshot
{
    private readonly Dictionary<string, int> _places;
    private readonly List<NodeInfo> _nodes;

    // Pods whose node is not known (yet): they are counted when it appears.
    private readonly Dictionary<ObjectKey, PodInfo> _elsewhere;

    // Where each pod is counted; the node in a pod's own words may change only with its uid.
    private readonly Dictionary<ObjectKey, string> _placed;

    public SchedulingSnapshot()
        : this([], [], [], [])
    {
    }

    private SchedulingSnapshot(
        Dictionary<string, int> places, List<NodeInfo> nodes, Dictionary<ObjectKey, PodInfo> elsewhere, Dictionary<ObjectKey, string> placed)
    {
        _places = places;
        _nodes = nodes;
        _elsewhere = elsewhere;
        _placed = placed;
    }

    public IReadOnlyList<NodeInfo> Nodes => _nodes;

    public NodeInfo? Find(string name) => _places.TryGetValue(name, out var place) ? _nodes[place] : null;

    public bool TryPlaceOf(ObjectKey pod, [NotNullWhen(true)] out string? node) => _placed.TryGetValue(pod, out node);

    /// <summary>Takes a node over, with the pods that are known to be on it. True when a refused pod might fit now.</summary>
    public bool SetNode(NodeInfo described)
    {
        if (_places.TryGetValue(described.Name, out var place))
        {
            var before = _nodes[place];
            _nodes[place] = before.Described(described);
            return before.DiffersFor(described);
        }

        foreach (var pod in _elsewhere.Values.Where(pod => _placed[pod.Key] == described.Name).ToArray())
        {
            _elsewhere.Remove(pod.Key);
            described = described.With(pod);
        }

        _places[described.Name] = _nodes.Count;
        _nodes.Add(described);
        return true;
    }

    public void RemoveNode(string name)
    {
        if (!_places.Remove(name, out var place))
        {
            return;
        }

        foreach (var pod in _nodes[place].Pods.Values)
        {
            _elsewhere[pod.Key] = pod;
        }

        // The last node moves into the gap, so that removal does not depend on the size of the cluster.
        var last = _nodes[^1];
        _nodes.RemoveAt(_nodes.Count - 1);
        if (last.Name != name)
        {
            _nodes[place] = last;
            _places[last.Name] = place;
        }
    }

    /// <summary>Counts a pod on a node; it is taken off wherever it was counted before.</summary>
    public void Place(PodInfo pod, string nodeName)
    {
        if (_placed.TryGetValue(pod.Key, out var before) && before != nodeName)
        {
            Remove(pod.Key);
        }

        _placed[pod.Key] = nodeName;
        if (_places.TryGetValue(nodeName, out var place))
        {
            _nodes[place] = _nodes[place].With(pod);
        }
        else
        {
            _elsewhere[pod.Key] = pod;
        }
    }

    /// <summary>The node that the pod was counted on; null when it was on none.</summary>
    public string? Remove(ObjectKey pod)
    {
        if (!_placed.Remove(pod, out var nodeName))
        {
            return null;
        }

        _elsewhere.Remove(pod);
        if (_places.TryGetValue(nodeName, out var place))
        {
            _nodes[place] = _nodes[place].Without(pod);
        }

        return nodeName;
    }

    public SchedulingSnapshot Fork() => new(new(_places), [.. _nodes], new(_elsewhere), new(_placed));
}
