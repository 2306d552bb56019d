using System.Collections.Immutable;
using k8s.Models;
using static ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn.CoreColumns;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The Table columns of scheduling.k8s.io, coordination.k8s.io, node.k8s.io and resource.k8s.io, with upstream's headings, types, order and priorities.</summary>
internal static class SchedulingColumns
{
    public static readonly ImmutableArray<PrinterColumn> PriorityClasses =
    [
        Name,
        Number("Value", Of<V1PriorityClass>("value")),
        Truth("Global-Default", Of<V1PriorityClass>("globalDefault")),
        Age,
        Text("PreemptionPolicy", Of<V1PriorityClass>("preemptionPolicy")),
    ];

    public static readonly ImmutableArray<PrinterColumn> Leases =
    [
        Name,
        Text("Holder", Of<V1LeaseSpec>("holderIdentity")),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> RuntimeClasses =
    [
        Name,
        Text("Handler", ""),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> NameAndAge =
    [
        Name,
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> DeviceTaintRules =
    [
        Name,
        Text("Key", Of<V1DeviceTaint>("key")),
        Text("Value", Of<V1DeviceTaint>("value")),
        Text("Effect", Of<V1DeviceTaint>("effect")),
        Text("TimeAdded", Of<V1DeviceTaint>("timeAdded")),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> ResourceClaims =
    [
        Name,
        Text("State", "A summary of the current state (allocated, pending, reserved, etc.)."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> ResourceSlices =
    [
        Name,
        Text("Node", Of<V1ResourceSliceSpec>("nodeName")),
        Text("Driver", Of<V1ResourceSliceSpec>("driver")),
        Text("Pool", Of<V1ResourcePool>("name")),
        Age,
    ];
}
