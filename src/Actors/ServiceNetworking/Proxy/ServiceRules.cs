using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace ActorOrchestrator.Actors.ServiceNetworking.Proxy;

/// <summary>
/// Services and their endpoints → rules. The cases are kube-proxy's (nftables mode): a virtual address with endpoints is translated to them
/// in turn, without any it is refused (a client must not hang), and with a local policy that no endpoint of this node satisfies it is dropped.
/// </summary>
public static class ServiceRules
{
    public const string RefuseChain = "refuse";
    public const string ServiceIps = "service-ips";
    public const string ServiceNodePorts = "service-nodeports";
    public const string RefusedIps = "refused-ips";
    public const string RefusedNodePorts = "refused-nodeports";
    public const string ClusterIps = "cluster-ips";

    private const int NameLimit = 100;
    private const string Refuse = $"goto {RefuseChain}";

    /// <summary>The rules of all services, the node's own DNS before all others.</summary>
    public static NftRuleset Build(
        IEnumerable<ServiceSpec> services, ILookup<(string Namespace, string Service), EndpointSliceSpec> slices, NodeNetwork node, NetworkSettings network, uint mark) =>
        NftRuleset.Merge(
            services
                .OrderBy(service => service.Namespace, StringComparer.Ordinal).ThenBy(service => service.Name, StringComparer.Ordinal)
                .Select(service => Of(service, slices[(service.Namespace, service.Name)], node, network, mark))
                .Prepend(Dns(node, network, mark)));

    /// <summary>The rules of one service.</summary>
    public static NftRuleset Of(ServiceSpec service, IEnumerable<EndpointSliceSpec> slices, NodeNetwork node, NetworkSettings network, uint mark)
    {
        var part = new Part(service, network, mark);
        var endpoints = slices.SelectMany(slice => slice.Endpoints).ToArray();
        foreach (var port in service.Ports)
        {
            part.Add(
                port,
                EndpointSelection.Select(endpoints, port, node),
                service.InternalLocal || service.ExternalLocal ? EndpointSelection.SelectLocal(endpoints, port, node.NodeName) : []);
        }

        return part.ToRuleset();
    }

    /// <summary>Pods ask the cluster's DNS address; every node answers it itself, on its bridge.</summary>
    public static NftRuleset Dns(NodeNetwork node, NetworkSettings network, uint mark)
    {
        if (node.Gateway is not { } gateway)
        {
            return NftRuleset.Empty;
        }

        var service = new ServiceSpec
        {
            Namespace = "kube-system",
            Name = "node-dns",
            ClusterIp = network.DnsAddress,
            Ports = [new ServicePort("dns", Protocol.Udp, 53, 0), new ServicePort("dns-tcp", Protocol.Tcp, 53, 0)],
        };
        var part = new Part(service, network, mark);
        foreach (var port in service.Ports)
        {
            part.Add(port, [new EndpointSpec(port.Name, port.Protocol, gateway, 53, node.NodeName, Ready: true, Serving: true, Terminating: false)], []);
        }

        return part.ToRuleset();
    }

    public static string ProtocolName(Protocol protocol) => protocol switch
    {
        Protocol.Tcp => "tcp",
        Protocol.Udp => "udp",
        _ => "sctp",
    };

    /// <summary>Collects the rules of one service.</summary>
    private sealed class Part(ServiceSpec service, NetworkSettings network, uint mark)
    {
        private readonly Dictionary<string, ImmutableArray<string>> _chains = [];
        private readonly Dictionary<string, int> _sets = [];
        private readonly Dictionary<NftElement, string> _elements = new() { [new NftElement(ClusterIps, service.ClusterIp.ToString())] = "" };
        private readonly string _mark = $"meta mark set meta mark or 0x{mark:x8}";

        public void Add(ServicePort port, ImmutableArray<EndpointSpec> endpoints, ImmutableArray<EndpointSpec> local)
        {
            var external = port.NodePort > 0 || service.ExternalIps.Length > 0;
            if (endpoints.IsEmpty && local.IsEmpty)
            {
                Refused(port, service.ClusterIp, Refuse);
                RefusedOutside(port, Refuse);
                return;
            }

            var names = new Names(service, port);
            if (!endpoints.IsEmpty)
            {
                _chains[names.Cluster] = Balance(names, port, endpoints, masqueradeOutsiders: true);
            }

            if (!local.IsEmpty)
            {
                _chains[names.Local] = Balance(names, port, local, masqueradeOutsiders: false);
            }

            if (!service.InternalLocal)
            {
                Accepted(port, service.ClusterIp, names.Cluster);
            }
            else if (local.IsEmpty)
            {
                Refused(port, service.ClusterIp, "drop");
            }
            else
            {
                Accepted(port, service.ClusterIp, names.Local);
            }

            if (external)
            {
                AddOutside(names, port, local);
            }
        }

        public NftRuleset ToRuleset() => new()
        {
            Chains = _chains.ToImmutableDictionary(StringComparer.Ordinal),
            AffinitySets = _sets.ToImmutableDictionary(StringComparer.Ordinal),
            Elements = _elements.ToImmutableDictionary(),
        };

        /// <summary>What comes from outside. With the local policy the client's address is kept, and pods and the host itself, which are no outsiders, reach all endpoints.</summary>
        private void AddOutside(Names names, ServicePort port, ImmutableArray<EndpointSpec> local)
        {
            _chains[names.Outside] = !service.ExternalLocal
                ? [_mark, $"goto {names.Cluster}"]
                :
                [
                    $"ip saddr {network.ClusterCidr} goto {names.Cluster}",
                    $"fib saddr type local {_mark}",
                    $"fib saddr type local goto {names.Cluster}",
                    .. local.IsEmpty ? ImmutableArray<string>.Empty : [$"goto {names.Local}"],
                ];
            foreach (var address in service.ExternalIps)
            {
                Accepted(port, address, names.Outside);
            }

            if (port.NodePort > 0)
            {
                _elements[new NftElement(ServiceNodePorts, NodePortKey(port))] = $"goto {names.Outside}";
            }

            if (service.ExternalLocal && local.IsEmpty)
            {
                RefusedOutside(port, "drop");
            }
        }

        private ImmutableArray<string> Balance(Names names, ServicePort port, ImmutableArray<EndpointSpec> endpoints, bool masqueradeOutsiders)
        {
            var protocol = ProtocolName(port.Protocol);
            var rules = ImmutableArray.CreateBuilder<string>();
            if (masqueradeOutsiders)
            {
                rules.Add($"ip daddr {service.ClusterIp} ip saddr != {network.ClusterCidr} {_mark}");
            }

            if (service.AffinitySeconds is not { } seconds)
            {
                var targets = endpoints.Select((endpoint, index) => $"{index} : {endpoint.Address} . {endpoint.Port}");
                rules.Add($"meta l4proto {protocol} dnat ip addr . port to numgen inc mod {endpoints.Length} map {{ {string.Join(", ", targets)} }}");
                return rules.ToImmutable();
            }

            foreach (var endpoint in endpoints)
            {
                var (chain, set) = (names.EndpointChain(endpoint), names.EndpointSet(endpoint));
                _sets[set] = seconds;
                _chains[chain] = [$"update @{set} {{ ip saddr }}", $"meta l4proto {protocol} dnat ip to {endpoint.Address}:{endpoint.Port}"];
                rules.Add($"ip saddr @{set} goto {chain}");
            }

            var choices = endpoints.Select((endpoint, index) => $"{index} : goto {names.EndpointChain(endpoint)}");
            rules.Add($"numgen inc mod {endpoints.Length} vmap {{ {string.Join(", ", choices)} }}");
            return rules.ToImmutable();
        }

        private void Accepted(ServicePort port, IPAddress address, string chain) =>
            _elements[new NftElement(ServiceIps, Key(port, address))] = $"goto {chain}";

        private void Refused(ServicePort port, IPAddress address, string verdict) =>
            _elements[new NftElement(RefusedIps, Key(port, address))] = verdict;

        private void RefusedOutside(ServicePort port, string verdict)
        {
            foreach (var address in service.ExternalIps)
            {
                Refused(port, address, verdict);
            }

            if (port.NodePort > 0)
            {
                _elements[new NftElement(RefusedNodePorts, NodePortKey(port))] = verdict;
            }
        }

        private static string Key(ServicePort port, IPAddress address) => $"{address} . {ProtocolName(port.Protocol)} . {port.Port}";

        private static string NodePortKey(ServicePort port) => $"{ProtocolName(port.Protocol)} . {port.NodePort}";
    }

    /// <summary>Names that a person can read and that are unique even where they are cut.</summary>
    private readonly struct Names
    {
        private readonly string _suffix;
        private readonly string _hash;

        public Names(ServiceSpec service, ServicePort port)
        {
            var full = $"{service.Namespace}/{service.Name}/{ProtocolName(port.Protocol)}/{port.Port}";
            _hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(full)))[..10];
            var readable = $"{_hash}-{full}";
            _suffix = readable.Length > NameLimit ? readable[..NameLimit] : readable;
        }

        public string Cluster => $"svc-{_suffix}";
        public string Local => $"local-{_suffix}";
        public string Outside => $"ext-{_suffix}";

        public string EndpointChain(EndpointSpec endpoint) => $"ep-{_hash}-{endpoint.Address}/{endpoint.Port}";

        public string EndpointSet(EndpointSpec endpoint) => $"aff-{_hash}-{endpoint.Address}/{endpoint.Port}";
    }
}
