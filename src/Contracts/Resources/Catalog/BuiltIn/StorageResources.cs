using k8s.Models;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The group storage.k8s.io.</summary>
internal static class StorageResources
{
    public static IEnumerable<ResourceDescriptor> All() =>
    [
        new()
        {
            Type = ResourceTypes.CSIDrivers, Version = "v1", Kind = "CSIDriver", Model = typeof(V1CSIDriver),
            UpdatesUnconditionally = false,
            Namespaced = false,
            Columns = StorageColumns.CsiDrivers,
            Behaviour = Behaviour.Partly("the scheduler reads storageCapacity; there are no CSI drivers"),
        },
        new()
        {
            Type = ResourceTypes.CSINodes, Version = "v1", Kind = "CSINode", Model = typeof(V1CSINode),
            UpdatesUnconditionally = false,
            Namespaced = false,
            Columns = StorageColumns.CsiNodes,
            Behaviour = Behaviour.Partly("the scheduler keeps to how many volumes a node attaches; there are no CSI drivers"),
        },
        new()
        {
            Type = ResourceTypes.CSIStorageCapacities, Version = "v1", Kind = "CSIStorageCapacity", Model = typeof(V1CSIStorageCapacity),
            UpdatesUnconditionally = false,
            Columns = StorageColumns.CsiStorageCapacities,
            Behaviour = Behaviour.Partly("the scheduler reads it; there are no CSI drivers"),
        },
        new()
        {
            Type = ResourceTypes.StorageClasses, Version = "v1", Kind = "StorageClass", Model = typeof(V1StorageClass),
            ShortNames = ["sc"], Namespaced = false,
            Columns = StorageColumns.StorageClasses,
            Behaviour = Behaviour.Partly("the provisioner local-path.orchestrator is built in, with WaitForFirstConsumer"),
        },
        new()
        {
            Type = ResourceTypes.VolumeAttachments, Version = "v1", Kind = "VolumeAttachment", Model = typeof(V1VolumeAttachment),
            UpdatesUnconditionally = false,
            Namespaced = false,
            Subresources = [Subresource.View("status", "VolumeAttachment")],
            Columns = StorageColumns.VolumeAttachments,
            Behaviour = Behaviour.StoredOnly("nothing attaches yet"),
        },
        new()
        {
            Type = ResourceTypes.VolumeAttributesClasses, Version = "v1", Kind = "VolumeAttributesClass", Model = typeof(V1VolumeAttributesClass),
            ShortNames = ["vac"], Namespaced = false,
            Columns = StorageColumns.VolumeAttributesClasses,
            Behaviour = Behaviour.StoredOnly("there are no CSI drivers"),
        },
    ];
}
