using System.Collections.Immutable;
using static ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn.CoreColumns;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The Table columns of scheduling.k8s.io, coordination.k8s.io, node.k8s.io and resource.k8s.io, with upstream's headings, order and priorities.</summary>
internal static class SchedulingColumns
{
    public static readonly ImmutableArray<PrinterColumn> PriorityClasses =
    [
        Name,
        Number("Value", "The priority of the pods that name the class."),
        Truth("Global-Default", "Whether pods that name no class get it."),
        Age,
        Text("PreemptionPolicy", "Whether such pods make others leave."),
    ];

    public static readonly ImmutableArray<PrinterColumn> Leases =
    [
        Name,
        Text("Holder", "The identity of the holder of the lease."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> RuntimeClasses =
    [
        Name,
        Text("Handler", "The configuration of the runtime that handles such pods."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> DeviceClasses =
    [
        Name,
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> DeviceTaintRules =
    [
        Name,
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> ResourceClaims =
    [
        Name,
        Text("State", "pending, allocated, reserved or deleted."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> ResourceClaimTemplates =
    [
        Name,
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> ResourceSlices =
    [
        Name,
        Text("Node", "The node that has the devices."),
        Text("Driver", "The driver that serves them."),
        Text("Pool", "The pool that they belong to."),
        Age,
    ];
}
