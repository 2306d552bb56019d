using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Scheduling.Storage;

/// <summary>A claim that a pod mounts.</summary>
/// <param name="Key">The claim.</param>
/// <param name="IsEphemeral">Made for the pod, and named after it.</param>
public readonly record struct ClaimUse(ObjectKey Key, bool IsEphemeral);

/// <summary>A disk named in the pod itself, which not everybody may have at once.</summary>
/// <param name="Id">Which one.</param>
/// <param name="ReadOnly">Several may read it.</param>
/// <param name="NeverShared">Not even for reading (EBS).</param>
public readonly record struct DiskUse(string Id, bool ReadOnly, bool NeverShared)
{
    public bool Conflicts(DiskUse other) => Id == other.Id && (NeverShared || !ReadOnly || !other.ReadOnly);
}

/// <summary>What a pod mounts, as far as it limits where the pod may go.</summary>
public sealed record PodVolumes(ImmutableArray<ClaimUse> Claims, ImmutableArray<DiskUse> Disks)
{
    public static readonly PodVolumes None = new([], []);

    public bool IsEmpty => Claims.IsEmpty && Disks.IsEmpty;

    internal static PodVolumes Read(JsonElement spec, ObjectKey pod)
    {
        ImmutableArray<ClaimUse> claims = [];
        ImmutableArray<DiskUse> disks = [];
        foreach (var volume in PodRequests.Items(spec, "volumes"))
        {
            if (PodInfo.Object(volume, "persistentVolumeClaim") is { ValueKind: JsonValueKind.Object } claim)
            {
                claims = claims.Add(new ClaimUse(new ObjectKey(ResourceTypes.PersistentVolumeClaims, pod.Namespace, PodInfo.Text(claim, "claimName")), false));
            }
            else if (PodInfo.Object(volume, "ephemeral").ValueKind == JsonValueKind.Object)
            {
                var name = $"{pod.Name}-{PodInfo.Text(volume, "name")}";
                claims = claims.Add(new ClaimUse(new ObjectKey(ResourceTypes.PersistentVolumeClaims, pod.Namespace, name), true));
            }
            else if (Disk(volume) is { } disk)
            {
                disks = disks.Add(disk);
            }
        }

        return claims.IsEmpty && disks.IsEmpty ? None : new PodVolumes(claims, disks);
    }

    private static DiskUse? Disk(JsonElement volume)
    {
        if (PodInfo.Object(volume, "gcePersistentDisk") is { ValueKind: JsonValueKind.Object } gce)
        {
            return new DiskUse("gce/" + PodInfo.Text(gce, "pdName"), IsReadOnly(gce), false);
        }

        if (PodInfo.Object(volume, "awsElasticBlockStore") is { ValueKind: JsonValueKind.Object } ebs)
        {
            return new DiskUse("ebs/" + PodInfo.Text(ebs, "volumeID"), IsReadOnly(ebs), true);
        }

        if (PodInfo.Object(volume, "iscsi") is { ValueKind: JsonValueKind.Object } iscsi)
        {
            return new DiskUse("iscsi/" + PodInfo.Text(iscsi, "iqn"), IsReadOnly(iscsi), false);
        }

        if (PodInfo.Object(volume, "rbd") is { ValueKind: JsonValueKind.Object } rbd)
        {
            var monitors = string.Join(',', PodRequests.Items(rbd, "monitors").Select(monitor => monitor.GetString()));
            return new DiskUse($"rbd/{monitors}/{PodInfo.Text(rbd, "pool")}/{PodInfo.Text(rbd, "image")}", IsReadOnly(rbd), false);
        }

        return null;
    }

    private static bool IsReadOnly(JsonElement disk) => PodInfo.Object(disk, "readOnly").ValueKind == JsonValueKind.True;
}
