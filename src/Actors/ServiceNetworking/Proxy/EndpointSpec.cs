using System.Collections.Immutable;
using System.Net;
using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Actors.ServiceNetworking.Proxy;

/// <param name="PortName">Matches a port of the Service.</param>
/// <param name="NodeName">Empty when it runs on no node of ours.</param>
public sealed record EndpointSpec(
    string PortName, Protocol Protocol, IPAddress Address, int Port, string NodeName, bool Ready, bool Serving, bool Terminating);

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
                ready, endpoint.Conditions?.Serving ?? ready, endpoint.Conditions?.Terminating ?? false);
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
    public static ImmutableArray<EndpointSpec> Select(IEnumerable<EndpointSpec> endpoints, ServicePort port)
    {
        var candidates = endpoints.Where(endpoint => endpoint.PortName == port.Name && endpoint.Protocol == port.Protocol).ToArray();
        var ready = candidates.Where(endpoint => endpoint.Ready).ToArray();
        var chosen = ready.Length > 0 ? ready : [.. candidates.Where(endpoint => endpoint is { Serving: true, Terminating: true })];
        return
        [
            .. chosen
                .DistinctBy(endpoint => (endpoint.Address, endpoint.Port))
                .OrderBy(endpoint => Cidr.ToNumber(endpoint.Address))
                .ThenBy(endpoint => endpoint.Port),
        ];
    }

    /// <summary>Those of them on one node. When local ones are only draining while remote ones are ready, the draining ones still count: a local
    /// policy never leaves the node.</summary>
    public static ImmutableArray<EndpointSpec> SelectLocal(IEnumerable<EndpointSpec> endpoints, ServicePort port, string node) =>
        Select(endpoints.Where(endpoint => endpoint.NodeName.Length > 0 && endpoint.NodeName == node), port);
}
