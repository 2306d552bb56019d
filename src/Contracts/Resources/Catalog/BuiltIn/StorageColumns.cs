using System.Collections.Immutable;
using k8s.Models;
using static ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn.CoreColumns;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The Table columns of storage.k8s.io, with upstream's headings, types, order and priorities.</summary>
internal static class StorageColumns
{
    public static readonly ImmutableArray<PrinterColumn> CsiDrivers =
    [
        Name,
        Truth("AttachRequired", Of<V1CSIDriverSpec>("attachRequired")),
        Truth("PodInfoOnMount", Of<V1CSIDriverSpec>("podInfoOnMount")),
        Truth("StorageCapacity", Of<V1CSIDriverSpec>("storageCapacity")),
        Text("TokenRequests", Of<V1CSIDriverSpec>("tokenRequests")),
        Truth("RequiresRepublish", Of<V1CSIDriverSpec>("requiresRepublish")),
        Text("Modes", Of<V1CSIDriverSpec>("volumeLifecycleModes")),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> CsiNodes =
    [
        Name,
        Number("Drivers", "Drivers indicates the number of CSI drivers registered on the node"),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> CsiStorageCapacities =
    [
        Name,
        Text("StorageClassName", Of<V1CSIStorageCapacity>("storageClassName")),
        Text("Capacity", Of<V1CSIStorageCapacity>("capacity")),
    ];

    public static readonly ImmutableArray<PrinterColumn> StorageClasses =
    [
        Name,
        Text("Provisioner", Of<V1StorageClass>("provisioner")),
        Text("ReclaimPolicy", Of<V1StorageClass>("reclaimPolicy")),
        Text("VolumeBindingMode", Of<V1StorageClass>("volumeBindingMode")),
        Text("AllowVolumeExpansion", Of<V1StorageClass>("allowVolumeExpansion")),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> VolumeAttachments =
    [
        Name,
        Text("Attacher", Of<V1VolumeAttachmentSpec>("attacher")) with { Format = "name" },
        Text("PV", Of<V1VolumeAttachmentSource>("persistentVolumeName")),
        Text("Node", Of<V1VolumeAttachmentSpec>("nodeName")),
        Truth("Attached", Of<V1VolumeAttachmentStatus>("attached")),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> VolumeAttributesClasses =
    [
        Name,
        Text("DriverName", Of<V1VolumeAttributesClass>("driverName")),
        Age,
    ];
}
