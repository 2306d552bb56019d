using System.Collections.Immutable;
using static ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn.CoreColumns;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The Table columns of networking.k8s.io and discovery.k8s.io, with upstream's headings, order and priorities.</summary>
internal static class NetworkingColumns
{
    public static readonly ImmutableArray<PrinterColumn> Ingresses =
    [
        Name,
        Text("Class", "The IngressClass that serves it."),
        Text("Hosts", "Hosts that requests are routed for."),
        Text("Address", "Where the ingress is reachable."),
        Text("Ports", "Ports of TLS and plain HTTP."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> IngressClasses =
    [
        Name,
        Text("Controller", "The controller that serves ingresses of this class."),
        Text("Parameters", "A reference to more configuration."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> NetworkPolicies =
    [
        Name,
        Text("Pod-Selector", "The pods that the policy is about."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> IPAddresses =
    [
        Name,
        Text("ParentRef", "The object that the address belongs to."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> ServiceCIDRs =
    [
        Name,
        Text("CIDRs", "The ranges that addresses of Services are taken from."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> EndpointSlices =
    [
        Name,
        Text("AddressType", "The type of the addresses: IPv4, IPv6 or FQDN."),
        Text("Ports", "The ports that every endpoint of the slice exposes."),
        Text("Endpoints", "The addresses of the slice."),
        Age,
    ];
}
