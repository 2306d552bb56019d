using System.Collections.Immutable;
using static ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn.CoreColumns;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The Table columns of storage.k8s.io, with upstream's headings, order and priorities.</summary>
internal static class StorageColumns
{
    public static readonly ImmutableArray<PrinterColumn> CsiDrivers =
    [
        Name,
        Truth("AttachRequired", "Whether volumes must be attached."),
        Truth("PodInfoOnMount", "Whether the driver is told of the pod when it mounts."),
        Truth("StorageCapacity", "Whether the scheduler is to look at storage capacity."),
        Text("TokenRequests", "The audiences of the tokens that the driver is given."),
        Truth("RequiresRepublish", "Whether volumes are published again and again."),
        Text("Modes", "The kinds of volumes that the driver supports."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> CsiNodes =
    [
        Name,
        Number("Drivers", "Number of CSI drivers on the node."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> CsiStorageCapacities =
    [
        Name,
        Text("StorageClassName", "The StorageClass that the capacity is of."),
        Text("Capacity", "How much is left."),
    ];

    public static readonly ImmutableArray<PrinterColumn> StorageClasses =
    [
        Name,
        Text("Provisioner", "Who makes the volumes."),
        Text("ReclaimPolicy", "What becomes of a volume whose claim is gone."),
        Text("VolumeBindingMode", "When volumes are made and bound."),
        Text("AllowVolumeExpansion", "Whether volumes may grow."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> VolumeAttachments =
    [
        Name,
        Text("Attacher", "The driver that attaches."),
        Text("PV", "The volume."),
        Text("Node", "The node that it is attached to."),
        Truth("Attached", "Whether it is attached."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> VolumeAttributesClasses =
    [
        Name,
        Text("DriverName", "The CSI driver that the parameters are for."),
        Age,
    ];
}
