using System.Collections.Immutable;
using System.Net;
using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Actors.ServiceNetworking.Proxy;

/// <param name="PortName">Matches a port of the Service.</param>
/// <param name="NodeName">Empty when it runs on no node of ours.</param>
public sealed record EndpointSpec(
    string PortName, Protocol Protocol, IPAddress Address, int Port, string NodeName, bool Ready, bool Serving, bool Terminating)
{
    /// <summary>The zones that it is meant for first; empty when the slice gives no hint.</summary>
    public ImmutableArray<string> ForZones { get; init; } = [];

    /// <summary>The same for nodes.</summary>
    public ImmutableArray<string> ForNodes { get; init; } = [];
}

/// <summary>One EndpointSlice. Several of them together are the endpoints of a Service.</summary>
/// <param name="Service">The name of the Service in the slice's namespace.</param>
public sealed record EndpointSliceSpec(string Service, ImmutableArray<EndpointSpec> Endpoints)
{
    /// <summary>Null for a slice that is not the proxy's: no service, another address family.</summary>
    public static EndpointSliceSpec? From(StoredObject stored)
    {
        var slice = stored.As<V1EndpointSlice>();
        if (slice.AddressType != "IPv4"
            || !stored.Metadata.Labels.TryGetValue("kubernetes.io/service-name", out var service)
            || stored.Metadata.Labels.ContainsKey("service.kubernetes.io/headless"))
        {
            return null;
        }

        var endpoints =
            from port in slice.Ports ?? []
            let protocol = ServiceSpec.ParseProtocol(port.Protocol)
            where protocol is not null && port.Port is > 0 and < 65536
            from endpoint in slice.Endpoints ?? []
            let address = Cidr.ParseAddress(endpoint.Addresses?.FirstOrDefault())
            where address is not null
            let ready = endpoint.Conditions?.Ready ?? true
            select new EndpointSpec(
                port.Name ?? "", protocol!.Value, address, port.Port!.Value, endpoint.NodeName ?? "",
                ready, endpoint.Conditions?.Serving ?? ready, endpoint.Conditions?.Terminating ?? false)
            {
                ForZones = [.. (endpoint.Hints?.ForZones ?? []).Select(zone => zone.Name)],
                ForNodes = [.. (endpoint.Hints?.ForNodes ?? []).Select(node => node.Name)],
            };
        return new EndpointSliceSpec(service, [.. endpoints]);
    }
}

/// <summary>
/// Which endpoints take traffic now. As upstream's proxy: the ready ones; when there is none, those that still serve while they
/// terminate (KEP-1669), so that the last replica's shutdown loses no connection.
/// </summary>
public static class EndpointSelection
{
    /// <summary>In address order, each address and port once, so that the same endpoints always give the same rules.</summary>
    /// <param name="endpoints">All there are.</param>
    /// <param name="port">Of the Service.</param>
    /// <param name="node">From whose place hints are read; null for from anywhere.</param>
    public static ImmutableArray<EndpointSpec> Select(IEnumerable<EndpointSpec> endpoints, ServicePort port, NodeNetwork? node = null)
    {
        var candidates = endpoints.Where(endpoint => endpoint.PortName == port.Name && endpoint.Protocol == port.Protocol).ToArray();
        var ready = candidates.Where(endpoint => endpoint.Ready).ToArray();
        var chosen = ready.Length > 0 ? Near(ready, node) : [.. candidates.Where(endpoint => endpoint is { Serving: true, Terminating: true })];
        return
        [
            .. chosen
                .DistinctBy(endpoint => (endpoint.Address, endpoint.Port))
                .OrderBy(endpoint => Cidr.ToNumber(endpoint.Address))
                .ThenBy(endpoint => endpoint.Port),
        ];
    }

    /// <summary>
    /// By the hints of the slices (<c>spec.trafficDistribution</c>): those that are meant for this node, else those for its zone. Hints count only when every
    /// endpoint has them and one is meant for here; otherwise all are as good as each other.
    /// </summary>
    private static EndpointSpec[] Near(EndpointSpec[] ready, NodeNetwork? node) => node switch
    {
        null => ready,
        _ when ready.All(endpoint => !endpoint.ForNodes.IsEmpty) && ready.Any(endpoint => endpoint.ForNodes.Contains(node.NodeName)) =>
            [.. ready.Where(endpoint => endpoint.ForNodes.Contains(node.NodeName))],
        { Zone.Length: > 0 } when ready.All(endpoint => !endpoint.ForZones.IsEmpty) && ready.Any(endpoint => endpoint.ForZones.Contains(node.Zone)) =>
            [.. ready.Where(endpoint => endpoint.ForZones.Contains(node.Zone))],
        _ => ready,
    };

    /// <summary>Those of them on one node. When local ones are only draining while remote ones are ready, the draining ones still count: a local
    /// policy never leaves the node.</summary>
    public static ImmutableArray<EndpointSpec> SelectLocal(IEnumerable<EndpointSpec> endpoints, ServicePort port, string node) =>
        Select(endpoints.Where(endpoint => endpoint.NodeName.Length > 0 && endpoint.NodeName == node), port);
}
