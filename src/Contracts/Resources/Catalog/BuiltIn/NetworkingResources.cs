using k8s.Models;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The groups networking.k8s.io and discovery.k8s.io.</summary>
internal static class NetworkingResources
{
    public static IEnumerable<ResourceDescriptor> Networking() =>
    [
        new()
        {
            Type = ResourceTypes.IngressClasses, Version = "v1", Kind = "IngressClass", Model = typeof(V1IngressClass),
            Namespaced = false, GenerationFields = ["spec"],
            Columns = NetworkingColumns.IngressClasses,
            Behaviour = Behaviour.Works("admission names the default class"),
        },
        new()
        {
            Type = ResourceTypes.Ingresses, Version = "v1", Kind = "Ingress", Model = typeof(V1Ingress),
            ShortNames = ["ing"], GenerationFields = ["spec"],
            Subresources = [Subresource.View("status", "Ingress")],
            Columns = NetworkingColumns.Ingresses,
            Behaviour = Behaviour.StoredOnly("nothing routes by it yet"),
        },
        new()
        {
            Type = ResourceTypes.IPAddresses, Version = "v1", Kind = "IPAddress", Model = typeof(V1IPAddress),
            ShortNames = ["ip"], Namespaced = false, Names = NameRule.IPAddress,
            Columns = NetworkingColumns.IPAddresses,
            Behaviour = Behaviour.StoredOnly("addresses of Services are allocated from the Services themselves"),
        },
        new()
        {
            Type = ResourceTypes.NetworkPolicies, Version = "v1", Kind = "NetworkPolicy", Model = typeof(V1NetworkPolicy),
            ShortNames = ["netpol"], GenerationFields = ["spec"],
            Columns = NetworkingColumns.NetworkPolicies,
            Behaviour = Behaviour.StoredOnly("nothing enforces it yet"),
        },
        new()
        {
            Type = ResourceTypes.ServiceCIDRs, Version = "v1", Kind = "ServiceCIDR", Model = typeof(V1ServiceCIDR),
            Namespaced = false,
            Subresources = [Subresource.View("status", "ServiceCIDR")],
            Columns = NetworkingColumns.ServiceCIDRs,
            Behaviour = Behaviour.StoredOnly("the range of the configuration counts"),
        },
    ];

    public static IEnumerable<ResourceDescriptor> Discovery() =>
    [
        new()
        {
            Type = ResourceTypes.EndpointSlices, Version = "v1", Kind = "EndpointSlice", Model = typeof(V1EndpointSlice),
            Columns = NetworkingColumns.EndpointSlices, GenerationFields = ["addressType", "endpoints", "ports", "metadata.labels"],
            Behaviour = Behaviour.Works("IPv4"),
        },
    ];
}
