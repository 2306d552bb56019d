using System.Collections.Immutable;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.ServiceNetworking.Proxy;

/// <summary>
/// Services, slices and this node's pods as the proxy sees them, parsed once per change, with the rules of each service until something of it changes.
/// Owned by one actor.
/// </summary>
public sealed class ServiceProxyState(string nodeName, NetworkSettings network, uint mark)
{
    private readonly SortedDictionary<(string Namespace, string Name), ServiceSpec> _services = [];
    private readonly Dictionary<(string Namespace, string Service), SortedDictionary<string, EndpointSliceSpec>> _slices = [];
    private readonly Dictionary<ObjectKey, string> _serviceOfSlice = [];
    private readonly Dictionary<(string Namespace, string Name), NftRuleset> _rules = [];
    private readonly SortedDictionary<(string Namespace, string Name), ImmutableArray<HostPortSpec>> _hostPorts = [];

    public NodeNetwork Node { get; private set; } = new(nodeName, null, BridgeNetfilter: true);

    public void Load(ClusterSnapshot snapshot)
    {
        foreach (var service in snapshot.All(ResourceTypes.Services))
        {
            PutService(service);
        }

        foreach (var slice in snapshot.All(ResourceTypes.EndpointSlices))
        {
            PutSlice(slice);
        }

        foreach (var pod in snapshot.PodsOnNode(Node.NodeName))
        {
            PutPod(pod);
        }

        if (snapshot.Find(new ObjectKey(ResourceTypes.Nodes, "", Node.NodeName)) is { } node)
        {
            PutNode(node);
        }
    }

    /// <summary>True when the rules may be different now.</summary>
    public bool Apply(Fact fact)
    {
        var deleted = fact.Verb == FactVerb.Deleted;
        if (fact.Key.Type == ResourceTypes.Services)
        {
            var name = (fact.Key.Namespace, fact.Key.Name);
            if (!deleted)
            {
                return PutService(fact.Object);
            }

            _rules.Remove(name);
            return _services.Remove(name);
        }

        if (fact.Key.Type == ResourceTypes.EndpointSlices)
        {
            return deleted ? DropSlice(fact.Key) : PutSlice(fact.Object);
        }

        if (fact.Key.Type == ResourceTypes.Pods)
        {
            return deleted || fact.Object.Links.NodeName != Node.NodeName ? _hostPorts.Remove((fact.Key.Namespace, fact.Key.Name)) : PutPod(fact.Object);
        }

        // A node that is deleted and registers again keeps its pods' rules meanwhile.
        return fact.Key.Type == ResourceTypes.Nodes && fact.Key.Name == Node.NodeName && !deleted && PutNode(fact.Object);
    }

    public bool SetBridgeNetfilter(bool available)
    {
        var changed = Node.BridgeNetfilter != available;
        Node = Node with { BridgeNetfilter = available };
        return changed;
    }

    public NftRuleset Rules()
    {
        foreach (var (name, service) in _services)
        {
            if (!_rules.ContainsKey(name))
            {
                _rules[name] = ServiceRules.Of(service, SlicesOf(service), Node, network, mark);
            }
        }

        return NftRuleset.Merge(
            _services.Keys.Select(name => _rules[name])
                .Prepend(ServiceRules.Dns(Node, network, mark))
                .Append(HostPortRules.Of(HostPorts, mark)));
    }

    public UdpTargets UdpTargets() =>
        Proxy.UdpTargets.Of(_services.Values.Where(service => !service.ClusterIp.Equals(network.DnsAddress)), SlicesOf, HostPorts);

    private IEnumerable<HostPortSpec> HostPorts => _hostPorts.Values.SelectMany(ports => ports);

    private IEnumerable<EndpointSliceSpec> SlicesOf(ServiceSpec service) =>
        _slices.TryGetValue((service.Namespace, service.Name), out var slices) ? slices.Values : [];

    private bool PutService(StoredObject stored)
    {
        var name = (stored.Key.Namespace, stored.Key.Name);
        _rules.Remove(name);
        if (ServiceSpec.From(stored) is not { } service)
        {
            return _services.Remove(name);
        }

        _services[name] = service;
        return true;
    }

    private bool PutSlice(StoredObject stored)
    {
        var changed = DropSlice(stored.Key);
        if (EndpointSliceSpec.From(stored) is not { } slice)
        {
            return changed;
        }

        var name = (stored.Key.Namespace, slice.Service);
        if (!_slices.TryGetValue(name, out var slices))
        {
            _slices[name] = slices = new SortedDictionary<string, EndpointSliceSpec>(StringComparer.Ordinal);
        }

        slices[stored.Key.Name] = slice;
        _serviceOfSlice[stored.Key] = slice.Service;
        _rules.Remove(name);
        return true;
    }

    private bool DropSlice(ObjectKey key)
    {
        if (!_serviceOfSlice.Remove(key, out var service))
        {
            return false;
        }

        var name = (key.Namespace, service);
        var slices = _slices[name];
        slices.Remove(key.Name);
        if (slices.Count == 0)
        {
            _slices.Remove(name);
        }

        _rules.Remove(name);
        return true;
    }

    private bool PutPod(StoredObject stored)
    {
        var name = (stored.Key.Namespace, stored.Key.Name);
        var ports = HostPortSpec.Of(stored);
        if (ports.IsEmpty)
        {
            return _hostPorts.Remove(name);
        }

        var changed = !_hostPorts.TryGetValue(name, out var before) || !before.SequenceEqual(ports);
        _hostPorts[name] = ports;
        return changed;
    }

    private bool PutNode(StoredObject stored)
    {
        var podCidr = NodeNetwork.PodCidrOf(stored);
        var changed = podCidr is not null && podCidr != Node.PodCidr;
        if (changed)
        {
            Node = Node with { PodCidr = podCidr };
        }

        var zone = NodeNetwork.ZoneOf(stored);
        if (zone != Node.Zone)
        {
            // Whom each endpoint is meant for is seen from another place now.
            Node = Node with { Zone = zone };
            _rules.Clear();
            changed = true;
        }

        return changed;
    }
}
