using System.Collections.Immutable;
using System.Net;

namespace ActorOrchestrator.Actors.ServiceNetworking.Proxy;

/// <summary>
/// Where datagrams to a service may end up. A flow that the kernel remembers towards anything else is stale: its endpoint is gone, or it
/// began before there was a rule and was never translated.
/// </summary>
/// <param name="ByAddress">Endpoints by service address and port.</param>
/// <param name="ByNodePort">Endpoints by node or host port, whatever the local address.</param>
public sealed record UdpTargets(
    ImmutableDictionary<IPEndPoint, ImmutableHashSet<IPEndPoint>> ByAddress, ImmutableDictionary<int, ImmutableHashSet<IPEndPoint>> ByNodePort)
{
    public static readonly UdpTargets Empty = new(
        ImmutableDictionary<IPEndPoint, ImmutableHashSet<IPEndPoint>>.Empty, ImmutableDictionary<int, ImmutableHashSet<IPEndPoint>>.Empty);

    public static UdpTargets Of(IEnumerable<ServiceSpec> services, Func<ServiceSpec, IEnumerable<EndpointSliceSpec>> slicesOf, IEnumerable<HostPortSpec> hostPorts)
    {
        var byAddress = ImmutableDictionary.CreateBuilder<IPEndPoint, ImmutableHashSet<IPEndPoint>>();
        var byNodePort = ImmutableDictionary.CreateBuilder<int, ImmutableHashSet<IPEndPoint>>();
        foreach (var service in services)
        {
            foreach (var port in service.Ports.Where(port => port.Protocol == Protocol.Udp))
            {
                var targets = EndpointSelection.Select(slicesOf(service).SelectMany(slice => slice.Endpoints), port)
                    .Select(endpoint => new IPEndPoint(endpoint.Address, endpoint.Port)).ToImmutableHashSet();
                foreach (var address in service.ExternalIps.Prepend(service.ClusterIp))
                {
                    byAddress.TryAdd(new IPEndPoint(address, port.Port), targets);
                }

                if (port.NodePort > 0)
                {
                    byNodePort.TryAdd(port.NodePort, targets);
                }
            }
        }

        foreach (var port in hostPorts.Where(port => port.Protocol == Protocol.Udp))
        {
            ImmutableHashSet<IPEndPoint> target = [new IPEndPoint(port.PodAddress, port.ContainerPort)];
            if (port.HostAddress is { } address)
            {
                byAddress.TryAdd(new IPEndPoint(address, port.HostPort), target);
            }
            else
            {
                byNodePort.TryAdd(port.HostPort, target);
            }
        }

        return new UdpTargets(byAddress.ToImmutable(), byNodePort.ToImmutable());
    }

    public bool SameAs(UdpTargets other) => Same(ByAddress, other.ByAddress) && Same(ByNodePort, other.ByNodePort);

    /// <param name="localAddresses">The node's own addresses: node ports count only there.</param>
    public IReadOnlyList<UdpFlow> Stale(IEnumerable<UdpFlow> flows, IReadOnlySet<IPAddress> localAddresses) =>
    [
        .. flows.Where(flow =>
            TargetsOf(flow, localAddresses) is { } targets && !targets.Contains(new IPEndPoint(flow.ReplySource, flow.ReplySourcePort))),
    ];

    private ImmutableHashSet<IPEndPoint>? TargetsOf(UdpFlow flow, IReadOnlySet<IPAddress> localAddresses) =>
        ByAddress.TryGetValue(new IPEndPoint(flow.Destination, flow.DestinationPort), out var targets)
        || (localAddresses.Contains(flow.Destination) && ByNodePort.TryGetValue(flow.DestinationPort, out targets))
            ? targets
            : null;

    private static bool Same<TKey>(ImmutableDictionary<TKey, ImmutableHashSet<IPEndPoint>> left, ImmutableDictionary<TKey, ImmutableHashSet<IPEndPoint>> right)
        where TKey : notnull =>
        left.Count == right.Count && left.All(entry => right.TryGetValue(entry.Key, out var targets) && targets.SetEquals(entry.Value));
}
