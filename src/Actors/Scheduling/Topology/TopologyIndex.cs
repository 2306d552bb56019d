using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Scheduling.Topology;

/// <summary>A node label and the domains that its values make. Domains are small numbers, so that a count per domain is an array.</summary>
public sealed class TopologyKey(string name)
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Stack<int> _free = new();
    private int[] _bySlot = [];
    private int[] _nodes = [];

    public string Name { get; } = name;

    /// <summary>Domains have numbers below this; some of them may be empty.</summary>
    public int Bound { get; private set; }

    /// <summary>Domains that have a node.</summary>
    public int Domains => _ids.Count;

    /// <summary>Nodes that have the label.</summary>
    public int Nodes { get; private set; }

    /// <summary>The domain of the node in a slot; -1 when it has not the label.</summary>
    public int DomainOf(int slot) => (uint)slot < (uint)_bySlot.Length ? _bySlot[slot] - 1 : -1;

    public bool HasNodes(int domain) => _nodes[domain] > 0;

    internal int Join(int slot, string value)
    {
        if (!_ids.TryGetValue(value, out var domain))
        {
            domain = _free.Count > 0 ? _free.Pop() : Bound++;
            _ids[value] = domain;
            PodTally.Ensure(ref _nodes, domain);
        }

        PodTally.Ensure(ref _bySlot, slot);
        _bySlot[slot] = domain + 1;
        _nodes[domain]++;
        Nodes++;
        return domain;
    }

    internal void Leave(int slot, string value)
    {
        var domain = DomainOf(slot);
        if (domain < 0)
        {
            return;
        }

        _bySlot[slot] = 0;
        Nodes--;
        if (--_nodes[domain] == 0)
        {
            _ids.Remove(value);
            _free.Push(domain);
        }
    }
}

/// <summary>How many pods of some kind are on each node, and in each domain of the keys that were asked about.</summary>
public sealed class PodTally
{
    private readonly List<(TopologyKey Key, int[] Counts)> _domains = [];
    private int[] _bySlot = [];

    public int Total { get; private set; }

    internal long LastUsed { get; set; }

    public int OnSlot(int slot) => (uint)slot < (uint)_bySlot.Length ? _bySlot[slot] : 0;

    /// <summary>Counts by domain; true until the next change of the snapshot.</summary>
    public int[] In(TopologyKey key)
    {
        for (var i = 0; i < _domains.Count; i++)
        {
            if (ReferenceEquals(_domains[i].Key, key))
            {
                var known = _domains[i].Counts;
                if (known.Length < key.Bound)
                {
                    Ensure(ref known, key.Bound - 1);
                    _domains[i] = (key, known);
                }

                return known;
            }
        }

        var counts = new int[Math.Max(key.Bound, 8)];
        for (var slot = 0; slot < _bySlot.Length; slot++)
        {
            if (_bySlot[slot] != 0 && key.DomainOf(slot) is >= 0 and var domain)
            {
                counts[domain] += _bySlot[slot];
            }
        }

        _domains.Add((key, counts));
        return counts;
    }

    internal void Add(int slot, int change)
    {
        Ensure(ref _bySlot, slot);
        _bySlot[slot] += change;
        Total += change;
        for (var i = 0; i < _domains.Count; i++)
        {
            if (_domains[i].Key.DomainOf(slot) is >= 0 and var domain)
            {
                Count(i, domain, change);
            }
        }
    }

    /// <summary>A node has come into, or is about to leave, a domain.</summary>
    internal void Move(TopologyKey key, int slot, int domain, int sign)
    {
        var count = OnSlot(slot);
        if (count == 0 || domain < 0)
        {
            return;
        }

        for (var i = 0; i < _domains.Count; i++)
        {
            if (ReferenceEquals(_domains[i].Key, key))
            {
                Count(i, domain, sign * count);
            }
        }
    }

    internal static void Ensure(ref int[] array, int index)
    {
        if (index >= array.Length)
        {
            Array.Resize(ref array, Math.Max(index + 1, Math.Max(8, array.Length * 2)));
        }
    }

    private void Count(int at, int domain, int change)
    {
        var (key, counts) = _domains[at];
        if (domain >= counts.Length)
        {
            Ensure(ref counts, domain);
            _domains[at] = (key, counts);
        }

        counts[domain] += change;
    }
}

public enum HeldKind : byte
{
    RequiredAffinity,
    RequiredAntiAffinity,
    Preferred,
}

/// <summary>A term that placed pods have, and where those pods are: what a newcomer meets.</summary>
public sealed class HeldTerm(HeldKind kind, PodTerm term)
{
    public HeldKind Kind { get; } = kind;
    public PodTerm Term { get; } = term;
    public PodTally Holders { get; } = new();
}

/// <summary>
/// Where pods are, counted once for all that ask alike: pods of one template have equal matchers and equal terms. A pod that comes or goes changes the counts
/// that speak of it; nothing is counted anew for each decision.
/// </summary>
public sealed class TopologyIndex(NamespaceLabels namespaces)
{
    // Counts for which no pod has asked for the longest time go first; they are made again when they are asked for.
    private const int MaxTallies = 1024;

    private readonly Dictionary<string, TopologyKey> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (PodMatcher Matcher, PodTally Tally)> _tallies = new(StringComparer.Ordinal);
    private readonly Dictionary<(HeldKind, string), HeldTerm> _held = [];
    private readonly Dictionary<int, NodeInfo> _nodes = [];
    private long _uses;

    /// <summary>The terms that placed pods have.</summary>
    public IReadOnlyCollection<HeldTerm> Held => _held.Values;

    public NamespaceLabels Namespaces => namespaces;

    public TopologyKey KeyOf(string name)
    {
        if (!_keys.TryGetValue(name, out var key))
        {
            _keys[name] = key = new TopologyKey(name);
            foreach (var (slot, node) in _nodes)
            {
                if (node.Labels.TryGetValue(name, out var value))
                {
                    key.Join(slot, value);
                }
            }
        }

        return key;
    }

    public PodTally TallyOf(PodMatcher matcher)
    {
        if (!_tallies.TryGetValue(matcher.Id, out var known))
        {
            if (_tallies.Count >= MaxTallies)
            {
                foreach (var old in _tallies.OrderBy(pair => pair.Value.Tally.LastUsed).Take(MaxTallies / 2).Select(pair => pair.Key).ToArray())
                {
                    _tallies.Remove(old);
                }
            }

            known = (matcher, new PodTally());
            foreach (var (slot, node) in _nodes)
            {
                foreach (var pod in node.Pods)
                {
                    if (matcher.Matches(pod, namespaces))
                    {
                        known.Tally.Add(slot, 1);
                    }
                }
            }

            _tallies[matcher.Id] = known;
        }

        known.Tally.LastUsed = ++_uses;
        return known.Tally;
    }

    /// <summary>The labels of a namespace have changed: what reads them is counted anew.</summary>
    internal void ForgetByNamespace()
    {
        foreach (var id in _tallies.Where(pair => pair.Value.Matcher.ReadsNamespaces).Select(pair => pair.Key).ToArray())
        {
            _tallies.Remove(id);
        }
    }

    /// <summary>The node with its pods, which are counted now.</summary>
    internal void Add(NodeInfo node)
    {
        foreach (var key in _keys.Values)
        {
            if (node.Labels.TryGetValue(key.Name, out var value))
            {
                key.Join(node.Slot, value);
            }
        }

        _nodes[node.Slot] = node;
        foreach (var pod in node.Pods)
        {
            Count(pod, node.Slot, 1);
        }
    }

    internal void Remove(NodeInfo node)
    {
        foreach (var pod in node.Pods)
        {
            Count(pod, node.Slot, -1);
        }

        _nodes.Remove(node.Slot);
        foreach (var key in _keys.Values)
        {
            if (node.Labels.TryGetValue(key.Name, out var value))
            {
                key.Leave(node.Slot, value);
            }
        }
    }

    /// <summary>A newer description of a node, with the same pods.</summary>
    internal void Relabel(NodeInfo before, NodeInfo after)
    {
        _nodes[after.Slot] = after;
        if (ReferenceEquals(before.Labels, after.Labels))
        {
            return;
        }

        foreach (var key in _keys.Values)
        {
            var old = before.Labels.GetValueOrDefault(key.Name);
            var now = after.Labels.GetValueOrDefault(key.Name);
            if (old == now)
            {
                continue;
            }

            if (old is not null)
            {
                Shift(key, after.Slot, key.DomainOf(after.Slot), -1);
                key.Leave(after.Slot, old);
            }

            if (now is not null)
            {
                Shift(key, after.Slot, key.Join(after.Slot, now), 1);
            }
        }
    }

    /// <param name="node">As it is with the pod.</param>
    /// <param name="pod">The pod that has come.</param>
    internal void Placed(NodeInfo node, PodInfo pod)
    {
        _nodes[node.Slot] = node;
        Count(pod, node.Slot, 1);
    }

    /// <param name="node">As it is without the pod.</param>
    /// <param name="pod">The pod that has gone.</param>
    internal void Taken(NodeInfo node, PodInfo pod)
    {
        _nodes[node.Slot] = node;
        Count(pod, node.Slot, -1);
    }

    private void Shift(TopologyKey key, int slot, int domain, int sign)
    {
        foreach (var (_, tally) in _tallies.Values)
        {
            tally.Move(key, slot, domain, sign);
        }

        foreach (var held in _held.Values)
        {
            held.Holders.Move(key, slot, domain, sign);
        }
    }

    private void Count(PodInfo pod, int slot, int change)
    {
        foreach (var (matcher, tally) in _tallies.Values)
        {
            if (matcher.Matches(pod, namespaces))
            {
                tally.Add(slot, change);
            }
        }

        Hold(HeldKind.RequiredAffinity, pod.RequiredAffinity, slot, change);
        Hold(HeldKind.RequiredAntiAffinity, pod.RequiredAntiAffinity, slot, change);
        Hold(HeldKind.Preferred, pod.PreferredAffinity, slot, change);
    }

    private void Hold(HeldKind kind, ImmutableArray<PodTerm> terms, int slot, int change)
    {
        foreach (var term in terms)
        {
            if (!_held.TryGetValue((kind, term.Id), out var held))
            {
                _held[(kind, term.Id)] = held = new HeldTerm(kind, term);
            }

            held.Holders.Add(slot, change);
            if (held.Holders.Total == 0)
            {
                _held.Remove((kind, term.Id));
            }
        }
    }
}
