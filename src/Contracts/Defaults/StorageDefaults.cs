using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Defaults;

/// <summary>Defaults of volumes, claims and the kinds of storage.k8s.io.</summary>
internal static class StorageDefaults
{
    public static void PersistentVolume(JsonObject volume)
    {
        var spec = volume.ChildOrNew("spec");
        volume.ChildOrNew("status").DefaultText("phase", "Pending");
        spec.DefaultText("persistentVolumeReclaimPolicy", "Retain");
        spec.DefaultAbsent("volumeMode", "Filesystem");
        VolumeSource(spec);
    }

    /// <summary>The sources that pods and PersistentVolumes have in common.</summary>
    public static void VolumeSource(JsonObject spec)
    {
        spec.Child("hostPath")?.DefaultAbsent("type", "");
        spec.Child("iscsi")?.DefaultText("iscsiInterface", "default");
        if (spec.Child("rbd") is { } rbd)
        {
            rbd.DefaultText("pool", "rbd");
            rbd.DefaultText("user", "admin");
            rbd.DefaultText("keyring", "/etc/ceph/keyring");
        }

        if (spec.Child("azureDisk") is { } azure)
        {
            azure.DefaultAbsent("cachingMode", "ReadWrite");
            azure.DefaultAbsent("fsType", "ext4");
            azure.DefaultAbsent("readOnly", false);
            azure.DefaultAbsent("kind", "Shared");
        }

        if (spec.Child("scaleIO") is { } scale)
        {
            scale.DefaultText("storageMode", "ThinProvisioned");
            scale.DefaultText("fsType", "xfs");
        }
    }

    public static void PersistentVolumeClaim(JsonObject claim)
    {
        claim.ChildOrNew("status").DefaultText("phase", "Pending");
        claim.ChildOrNew("spec").DefaultAbsent("volumeMode", "Filesystem");
    }

    public static void StorageClass(JsonObject storageClass)
    {
        storageClass.DefaultAbsent("reclaimPolicy", "Delete");
        storageClass.DefaultAbsent("volumeBindingMode", "Immediate");
    }

    public static void CsiDriver(JsonObject driver)
    {
        var spec = driver.ChildOrNew("spec");
        spec.DefaultAbsent("attachRequired", true);
        spec.DefaultAbsent("podInfoOnMount", false);
        spec.DefaultAbsent("storageCapacity", false);
        spec.DefaultAbsent("fsGroupPolicy", "ReadWriteOnceWithFSType");
        if (spec.Count("volumeLifecycleModes") == 0)
        {
            spec["volumeLifecycleModes"] = new JsonArray("Persistent");
        }

        spec.DefaultAbsent("requiresRepublish", false);
        spec.DefaultAbsent("seLinuxMount", false);
    }
}
