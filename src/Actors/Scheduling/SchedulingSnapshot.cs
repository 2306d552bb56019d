using System.Diagnostics.CodeAnalysis;
using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Actors.Scheduling.Preemption;
using ActorOrchestrator.Actors.Scheduling.Storage;
using ActorOrchestrator.Actors.Scheduling.Topology;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Scheduling;

/// <summary>
/// Every node with its pods, and whatever else decisions read, kept up to date fact by fact. <see cref="Fork"/> gives an independent copy, for "what if".
/// Owned by one thread at a time.
/// </summary>
public sealed class SchedulingSnapshot
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<NodeInfo> _nodes = [];

    // Pods whose node is not known (yet): they are counted when it appears.
    private readonly Dictionary<ObjectKey, PodInfo> _elsewhere = [];

    // Where each pod is counted; the node in a pod's own words may change only with its uid.
    private readonly Dictionary<ObjectKey, string> _placed = [];

    // Numbers of nodes that are gone, to be given to the next ones.
    private readonly Stack<int> _freeSlots = new();

    // How many nodes have an image, by each of its names.
    private readonly Dictionary<string, int> _imageNodes = new(StringComparer.Ordinal);

    // For the diagnosis of a refused pod, which speaks of every node.
    private readonly List<(NodeInfo Node, PluginStatus Status)> _statuses = [];

    public SchedulingSnapshot() => Topology = new TopologyIndex(Namespaces);

    public IReadOnlyList<NodeInfo> Nodes => _nodes;

    /// <summary>For those who walk over thousands of them for every pod.</summary>
    internal List<NodeInfo> NodeList => _nodes;

    public TopologyIndex Topology { get; }

    public NamespaceLabels Namespaces { get; } = new();

    public StorageView Storage { get; } = new();

    public DisruptionBudgets Budgets { get; } = new();

    public Nominations Nominations { get; } = new();

    public WorkloadSelectors Workloads { get; } = new();

    /// <summary>What nodes have answered to pods that ask alike.</summary>
    public RefusalMemory Refusals { get; } = new();

    public NodeInfo? Find(string name) => _places.TryGetValue(name, out var place) ? _nodes[place] : null;

    public bool TryPlaceOf(ObjectKey pod, [NotNullWhen(true)] out string? node) => _placed.TryGetValue(pod, out node);

    /// <summary>One list for all diagnoses: a decision's is read before the next decision.</summary>
    internal List<(NodeInfo Node, PluginStatus Status)> LendStatuses()
    {
        _statuses.Clear();
        return _statuses;
    }

    /// <summary>How many nodes have the image.</summary>
    public int NodesWith(string image) => _imageNodes.GetValueOrDefault(image);

    /// <summary>Takes a node over, with the pods that are known to be on it. True when a refused pod might fit now.</summary>
    public bool SetNode(NodeInfo described)
    {
        if (_places.TryGetValue(described.Name, out var place))
        {
            var before = _nodes[place];
            var after = before.Described(described);
            _nodes[place] = after;
            CountImages(before, -1);
            CountImages(after, 1);
            Topology.Relabel(before, after);
            return before.DiffersFor(described);
        }

        described = described with { Slot = _freeSlots.TryPop(out var slot) ? slot : _nodes.Count };
        foreach (var pod in _elsewhere.Values.Where(pod => _placed[pod.Key] == described.Name).ToArray())
        {
            _elsewhere.Remove(pod.Key);
            described = described.With(pod);
        }

        _places[described.Name] = _nodes.Count;
        _nodes.Add(described);
        CountImages(described, 1);
        Topology.Add(described);
        return true;
    }

    public void RemoveNode(string name)
    {
        if (!_places.Remove(name, out var place))
        {
            return;
        }

        var gone = _nodes[place];
        Topology.Remove(gone);
        CountImages(gone, -1);
        foreach (var pod in gone.Pods)
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

        _freeSlots.Push(gone.Slot);
    }

    /// <summary>Counts a pod on a node; it is taken off wherever it was counted before.</summary>
    public void Place(PodInfo pod, string nodeName)
    {
        if (_placed.ContainsKey(pod.Key))
        {
            Remove(pod.Key);
        }

        _placed[pod.Key] = nodeName;
        if (_places.TryGetValue(nodeName, out var place))
        {
            _nodes[place] = _nodes[place].With(pod);
            Topology.Placed(_nodes[place], pod);
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
        if (_places.TryGetValue(nodeName, out var place) && _nodes[place].Find(pod) is { } there)
        {
            _nodes[place] = _nodes[place].Without(pod);
            Topology.Taken(_nodes[place], there);
        }

        return nodeName;
    }

    /// <summary>The placed pod as it was last seen; null when it is on no known node.</summary>
    public PodInfo? PodOf(ObjectKey pod) => _placed.TryGetValue(pod, out var nodeName) && Find(nodeName) is { } node ? node.Find(pod) : null;

    public SchedulingSnapshot Fork()
    {
        var fork = new SchedulingSnapshot();
        fork.Namespaces.CopyFrom(Namespaces);
        fork.Storage.CopyFrom(Storage);
        fork.Budgets.CopyFrom(Budgets);
        fork.Workloads.CopyFrom(Workloads);
        fork.Nominations.CopyFrom(Nominations);
        foreach (var node in _nodes)
        {
            fork.SetNode(node);
        }

        foreach (var (pod, nodeName) in _placed)
        {
            fork._placed[pod] = nodeName;
        }

        foreach (var (key, pod) in _elsewhere)
        {
            fork._elsewhere[key] = pod;
        }

        return fork;
    }

    private void CountImages(NodeInfo node, int change)
    {
        foreach (var image in node.Images.Keys)
        {
            var count = _imageNodes.GetValueOrDefault(image) + change;
            if (count == 0)
            {
                _imageNodes.Remove(image);
            }
            else
            {
                _imageNodes[image] = count;
            }
        }
    }
}
