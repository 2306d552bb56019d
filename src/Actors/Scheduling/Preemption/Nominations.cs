using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Scheduling.Preemption;

/// <summary>Pods for which room is being made, and where. Others of no higher priority leave that room to them.</summary>
public sealed class Nominations
{
    private readonly Dictionary<ObjectKey, Nomination> _byPod = [];
    private readonly Dictionary<string, Guests> _byNode = new(StringComparer.Ordinal);

    public int Count => _byPod.Count;

    public string? NodeOf(ObjectKey pod) => _byPod.TryGetValue(pod, out var nomination) ? nomination.Node : null;

    /// <summary>Who has been told to leave for it.</summary>
    public IReadOnlyCollection<string> VictimsOf(ObjectKey pod) => _byPod.TryGetValue(pod, out var nomination) ? nomination.VictimUids : [];

    public void Set(PodInfo pod, string node, IEnumerable<PodInfo> victims)
    {
        Remove(pod.Key);
        Add(new Nomination(pod, node, [.. victims.Select(victim => victim.Uid)]));
    }

    private void Add(Nomination nomination)
    {
        _byPod[nomination.Pod.Key] = nomination;
        if (!_byNode.TryGetValue(nomination.Node, out var guests))
        {
            _byNode[nomination.Node] = guests = new Guests();
        }

        guests.Pods.Add(nomination.Pod);
        guests.Seen = null;
    }

    public string? Remove(ObjectKey pod)
    {
        if (!_byPod.Remove(pod, out var nomination))
        {
            return null;
        }

        var guests = _byNode[nomination.Node];
        guests.Pods.RemoveAll(guest => guest.Key == pod);
        guests.Seen = null;
        if (guests.Pods.Count == 0)
        {
            _byNode.Remove(nomination.Node);
        }

        return nomination.Node;
    }

    internal void CopyFrom(Nominations other)
    {
        foreach (var (_, nomination) in other._byPod)
        {
            Add(nomination);
        }
    }

    /// <summary>All that are nominated on a node.</summary>
    public IReadOnlyList<PodInfo> For(string node) => _byNode.TryGetValue(node, out var guests) ? guests.Pods : [];

    /// <summary>The nominated pods on a node that another pod has to leave room for.</summary>
    public IEnumerable<PodInfo> On(string node, PodInfo pod) =>
        _byNode.TryGetValue(node, out var guests) ? guests.Pods.Where(guest => guest.Priority >= pod.Priority && guest.Key != pod.Key) : [];

    /// <summary>The nominated pods on a node that are less important than another that is nominated there now.</summary>
    public IEnumerable<PodInfo> Below(string node, PodInfo pod) =>
        _byNode.TryGetValue(node, out var guests) ? guests.Pods.Where(guest => guest.Priority < pod.Priority && guest.Key != pod.Key) : [];

    /// <summary>The node as it will be for this pod, with those that room is being made for; the node itself when there is none.</summary>
    public NodeInfo With(NodeInfo node, PodInfo pod)
    {
        if (!_byNode.TryGetValue(node.Name, out var guests))
        {
            return node;
        }

        // Mostly all guests count and nothing has changed since the last pod asked.
        if (ReferenceEquals(guests.Seen, node) && guests.LowestPriority >= pod.Priority && !_byPod.ContainsKey(pod.Key))
        {
            return guests.With!;
        }

        var all = On(node.Name, pod).ToArray();
        var with = all.Aggregate(node, (before, guest) => before.With(guest));
        if (all.Length == guests.Pods.Count)
        {
            (guests.Seen, guests.With, guests.LowestPriority) = (node, with, all.Min(guest => guest.Priority));
        }

        return with;
    }

    private sealed record Nomination(PodInfo Pod, string Node, HashSet<string> VictimUids);

    private sealed class Guests
    {
        public List<PodInfo> Pods { get; } = [];
        public NodeInfo? Seen { get; set; }
        public NodeInfo? With { get; set; }
        public int LowestPriority { get; set; }
    }
}
