using System.Collections.Immutable;
using System.Net;
using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Actors.ServiceNetworking.Proxy;

public enum Protocol : byte
{
    Tcp = 6,
    Udp = 17,
    Sctp = 132,
}

/// <param name="Name">Empty for the only port of a service.</param>
public sealed record ServicePort(string Name, Protocol Protocol, int Port, int NodePort);

/// <summary>A Service as far as packets are concerned. Addresses are parsed here and nowhere later.</summary>
public sealed record ServiceSpec
{
    public required string Namespace { get; init; }
    public required string Name { get; init; }
    public required IPAddress ClusterIp { get; init; }
    public ImmutableArray<ServicePort> Ports { get; init; } = [];

    /// <summary>spec.externalIPs and the load balancer's addresses that are routed to nodes (ipMode VIP).</summary>
    public ImmutableArray<IPAddress> ExternalIps { get; init; } = [];

    /// <summary>Null: no session affinity.</summary>
    public int? AffinitySeconds { get; init; }
    public bool InternalLocal { get; init; }
    public bool ExternalLocal { get; init; }

    /// <summary>Null for what has no virtual address: headless, ExternalName, or another proxy's.</summary>
    public static ServiceSpec? From(StoredObject stored)
    {
        var service = stored.As<V1Service>();
        if (service.Spec is not { } spec
            || spec.Type == "ExternalName"
            || stored.Metadata.Labels.ContainsKey("service.kubernetes.io/service-proxy-name")
            || Cidr.ParseAddress(spec.ClusterIP) is not { } clusterIp)
        {
            return null;
        }

        return new ServiceSpec
        {
            Namespace = stored.Key.Namespace,
            Name = stored.Key.Name,
            ClusterIp = clusterIp,
            Ports = [.. (spec.Ports ?? []).Select(ParsePort).OfType<ServicePort>()],
            ExternalIps = [.. Externals(service).Distinct()],
            AffinitySeconds = spec.SessionAffinity == "ClientIP" ? spec.SessionAffinityConfig?.ClientIP?.TimeoutSeconds ?? 10800 : null,
            InternalLocal = spec.InternalTrafficPolicy == "Local",
            ExternalLocal = spec.ExternalTrafficPolicy == "Local",
        };
    }

    public static Protocol? ParseProtocol(string? text) => text switch
    {
        null or "" or "TCP" => Protocol.Tcp,
        "UDP" => Protocol.Udp,
        "SCTP" => Protocol.Sctp,
        _ => null,
    };

    private static ServicePort? ParsePort(V1ServicePort port) =>
        ParseProtocol(port.Protocol) is { } protocol && IsPort(port.Port)
            ? new ServicePort(port.Name ?? "", protocol, port.Port, IsPort(port.NodePort ?? 0) ? port.NodePort!.Value : 0)
            : null;

    private static IEnumerable<IPAddress> Externals(V1Service service)
    {
        var balancer = service.Spec.Type == "LoadBalancer"
            ? (service.Status?.LoadBalancer?.Ingress ?? []).Where(ingress => ingress.IpMode is null or "VIP").Select(ingress => ingress.Ip)
            : [];
        return (service.Spec.ExternalIPs ?? []).Concat(balancer).Select(Cidr.ParseAddress).OfType<IPAddress>();
    }

    private static bool IsPort(int port) => port is > 0 and < 65536;
}
