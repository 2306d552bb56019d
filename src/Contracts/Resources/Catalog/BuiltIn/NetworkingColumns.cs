using System.Collections.Immutable;
using k8s.Models;
using static ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn.CoreColumns;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The Table columns of networking.k8s.io and discovery.k8s.io, with upstream's headings, types, order and priorities.</summary>
internal static class NetworkingColumns
{
    public static readonly ImmutableArray<PrinterColumn> Ingresses =
    [
        Name,
        Text("Class", "The name of the IngressClass resource that should be used for additional configuration"),
        Text("Hosts", "Hosts that incoming requests are matched against before the ingress rule"),
        Text("Address", "Address is a list containing ingress points for the load-balancer"),
        Text("Ports", "Ports of TLS configurations that open"),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> IngressClasses =
    [
        Name,
        Text("Controller", "Controller that is responsible for handling this class"),
        Text("Parameters", "A reference to a resource with additional parameters"),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> NetworkPolicies =
    [
        Name,
        Text("Pod-Selector", Of<V1NetworkPolicySpec>("podSelector")),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> IPAddresses =
    [
        Name,
        Text("ParentRef", Of<V1IPAddressSpec>("parentRef")),
    ];

    public static readonly ImmutableArray<PrinterColumn> ServiceCIDRs =
    [
        Name,
        Text("CIDRs", Of<V1ServiceCIDRSpec>("cidrs")),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> EndpointSlices =
    [
        Name,
        Text("AddressType", Of<V1EndpointSlice>("addressType")),
        Text("Ports", Of<V1EndpointSlice>("ports")),
        Text("Endpoints", Of<V1EndpointSlice>("endpoints")),
        Age,
    ];
}
