using System.Collections.Immutable;
using static ActorOrchestrator.Contracts.Resources.Catalog.CoreColumns;

namespace ActorOrchestrator.Contracts.Resources.Catalog;

/// <summary>The Table columns of the groups beside core, with upstream's headings, order and priorities.</summary>
internal static class AppsColumns
{
    private static readonly PrinterColumn Containers = Text("Containers", "Names of each container in the template.", 1);
    private static readonly PrinterColumn Images = Text("Images", "Images referenced by each container in the template.", 1);
    private static readonly PrinterColumn Selector = Text("Selector", "The label query over the pods of this object.", 1);

    public static readonly ImmutableArray<PrinterColumn> Deployments =
    [
        Name,
        Text("Ready", "Number of the pod with ready state."),
        Text("Up-to-date", "Number of pods that have the template that the Deployment asks for."),
        Text("Available", "Number of pods that have been ready for at least minReadySeconds."),
        Age, Containers, Images, Selector,
    ];

    public static readonly ImmutableArray<PrinterColumn> ReplicaSets =
    [
        Name,
        Number("Desired", "Number of pods that are asked for."),
        Number("Current", "Number of pods that exist."),
        Number("Ready", "Number of pods that are ready."),
        Age, Containers, Images, Selector,
    ];

    public static readonly ImmutableArray<PrinterColumn> Leases =
    [
        Name,
        Text("Holder", "The identity of the holder of the lease.") with { Path = ".spec.holderIdentity" },
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
