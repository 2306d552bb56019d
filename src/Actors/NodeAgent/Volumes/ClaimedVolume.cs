using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Volumes;

/// <summary>From a claim to what its volume is on this node. The binder and the scheduler have done their part before a pod comes here; what they have not, the pod waits for.</summary>
internal static class ClaimedVolume
{
    public static PlannedVolume Plan(V1Pod pod, V1Volume volume, string nodeName, Func<ObjectKey, StoredObject?> find)
    {
        var ns = pod.Metadata.NamespaceProperty;
        var name = volume.PersistentVolumeClaim?.ClaimName ?? $"{pod.Metadata.Name}-{volume.Name}";
        if (find(new ObjectKey(ResourceTypes.PersistentVolumeClaims, ns, name)) is not { } claim)
        {
            return Missing($"error processing PVC {ns}/{name}: persistentvolumeclaim \"{name}\" not found");
        }

        if (volume.Ephemeral is not null && claim.Metadata.ControllerReference?.Uid != pod.Metadata.Uid)
        {
            return Missing($"PVC {ns}/{name} was not created for pod {ns}/{pod.Metadata.Name} (pod is not owner)");
        }

        if (claim.Metadata.DeletionTimestamp is not null)
        {
            return Missing($"error processing PVC {ns}/{name}: PVC is being deleted");
        }

        var bound = claim.As<V1PersistentVolumeClaim>();
        if (bound.Status?.Phase != "Bound" || bound.Spec?.VolumeName is not { Length: > 0 } volumeName)
        {
            return Missing($"error processing PVC {ns}/{name}: PVC is not bound");
        }

        if (find(new ObjectKey(ResourceTypes.PersistentVolumes, "", volumeName)) is not { } stored)
        {
            return Missing($"error processing PVC {ns}/{name}: failed to fetch PV \"{volumeName}\" from API server");
        }

        var spec = stored.As<V1PersistentVolume>().Spec;
        if (spec.ClaimRef?.Uid != claim.Uid)
        {
            return Missing($"error processing PVC {ns}/{name}: PV \"{volumeName}\" is bound to another claim");
        }

        return spec switch
        {
            { VolumeMode: "Block" } => Missing($"volume \"{volumeName}\" has volumeMode Block, which this node does not support"),
            { HostPath: { } host } => new PlannedVolume.HostPath(volume.Name, host.Path, host.Type ?? ""),
            { Local: { } local } => new PlannedVolume.HostPath(volume.Name, local.Path, "Directory"),
            { Csi: { Driver: LocalPathVolumes.Driver } csi } when NodeOf(csi) == nodeName => new PlannedVolume.LocalFolder(volume.Name, csi.VolumeHandle),
            { Csi: { Driver: LocalPathVolumes.Driver } csi } => Missing($"volume \"{volumeName}\" is a folder of node \"{NodeOf(csi)}\", not of this one"),
            { Csi: { } csi } => Missing($"driver name {csi.Driver} not found in the list of registered CSI drivers"),
            _ => Missing($"the type of volume \"{volumeName}\" is not supported by this node; hostPath, local and {LocalPathVolumes.Driver} are"),
        };

        PlannedVolume.Missing Missing(string error) => new(volume.Name, error);
    }

    private static string NodeOf(V1CSIPersistentVolumeSource csi) => csi.VolumeAttributes is { } attributes && attributes.TryGetValue(LocalPathVolumes.NodeAttribute, out var node) ? node : "";
}
