using System.Collections.Immutable;
using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Actors.Scheduling.Storage;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>Claims: bound ones say where their volume is; those that wait for their first consumer take a free volume, or are to be made, where the pod goes.</summary>
public sealed class VolumeBinding : IPreFilter, IFilter
{
    private const string Plugin = "VolumeBinding";
    private const string NoVolume = "node(s) didn't find available persistent volumes to bind";
    private const string WrongNode = "node(s) didn't match PersistentVolume's node affinity";
    private const string GoneVolume = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";

    private const string NoSpace = "node(s) did not have enough free storage";

    // By whether the bound ones reach the node, the unbound ones can be bound there, all volumes exist, and there is space for new ones.
    private static readonly PluginStatus[] Refusals = [.. Enumerable.Range(0, 16).Select(mask => PluginStatus.Unresolvable(Plugin, [.. Reasons(mask)]))];
    private static readonly PluginStatus Unbound = PluginStatus.Unresolvable(Plugin, "pod has unbound immediate PersistentVolumeClaims");

    public string Name => Plugin;

    public PreFilterResult PreFilter(PodInfo pod, SchedulingSnapshot snapshot)
    {
        var anyImmediate = false;
        foreach (var use in pod.Volumes.Claims)
        {
            if (snapshot.Storage.Claim(use.Key) is not { } claim)
            {
                return Refuse(use.IsEphemeral
                    ? $"waiting for ephemeral volume controller to create the persistentvolumeclaim \"{use.Key.Name}\""
                    : $"persistentvolumeclaim \"{use.Key.Name}\" not found");
            }

            if (claim.IsLost)
            {
                return Refuse($"persistentvolumeclaim \"{use.Key.Name}\" bound to non-existent persistentvolume \"{claim.VolumeName}\"");
            }

            if (claim.IsDeleting)
            {
                return Refuse($"persistentvolumeclaim \"{use.Key.Name}\" is being deleted");
            }

            if (use.IsEphemeral && claim.OwnerUid != pod.Uid)
            {
                return Refuse($"PVC {use.Key.Namespace}/{use.Key.Name} was not created for pod {pod.Key.Namespace}/{pod.Key.Name} (pod is not owner)");
            }

            anyImmediate |= !claim.IsBound && !IsDelayed(claim, snapshot.Storage);
        }

        return anyImmediate ? new PreFilterResult(Unbound, default) : PreFilterResult.AllNodes;
    }

    public INodeFilter? For(PodInfo pod, SchedulingSnapshot snapshot) => pod.Volumes.Claims.IsEmpty ? null : new Judge(snapshot.Storage);

    /// <summary>What has to be written before the pod can be bound to this node.</summary>
    public static ImmutableArray<VolumeDecision> Plan(PodInfo pod, NodeInfo node, StorageView storage)
    {
        ImmutableArray<VolumeDecision> plan = [];
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var claim in Unbounds(pod, storage).OrderBy(claim => claim.Bytes))
        {
            var volume = claim.ChosenNode.Length > 0 ? null : Match(claim, node, storage, taken);
            if (volume is not null)
            {
                taken.Add(volume.Name);
            }

            plan = plan.Add(new VolumeDecision(claim.Key, claim.Uid, volume?.Name ?? "", node.Name));
        }

        return plan;
    }

    /// <summary>How far the claims of a pod are that were told its node (upstream's <c>checkBindings</c>).</summary>
    /// <param name="pod">The pod that waits for them.</param>
    /// <param name="node">Where it is to go.</param>
    /// <param name="storage">As it is now.</param>
    /// <returns>Whether they are all bound, and why they will not be; null while that may yet come.</returns>
    public static (bool Done, string? Failure) ProgressOf(PodInfo pod, NodeInfo? node, StorageView storage)
    {
        var done = true;
        foreach (var use in pod.Volumes.Claims)
        {
            if (storage.Claim(use.Key) is not { } claim)
            {
                return (false, $"persistentvolumeclaim \"{use.Key.Name}\" not found");
            }

            if (claim.IsBound)
            {
                if (node is not null && storage.Volume(claim.VolumeName) is { } volume && !volume.Reaches(node))
                {
                    return (false, $"pv \"{volume.Name}\" node affinity doesn't match node \"{node.Name}\": no matching NodeSelectorTerms");
                }

                continue;
            }

            done = false;

            // Whoever makes volumes takes the node away again when it cannot be done there.
            if (node is not null && claim.ChosenNode != node.Name && storage.GivenTo(claim) is null)
            {
                return (false, $"provisioning failed for PVC \"{use.Key.Name}\"");
            }
        }

        return (done, null);
    }

    private static PreFilterResult Refuse(string why) => new(PluginStatus.Unresolvable(Plugin, why), default);

    /// <summary>Waits for its first consumer and names no volume yet.</summary>
    private static bool IsDelayed(ClaimInfo claim, StorageView storage) =>
        claim.VolumeName.Length == 0 && storage.Class(claim.ClassName) is { WaitsForConsumer: true };

    private static IEnumerable<ClaimInfo> Unbounds(PodInfo pod, StorageView storage)
    {
        foreach (var use in pod.Volumes.Claims)
        {
            if (storage.Claim(use.Key) is { IsBound: false } claim)
            {
                yield return claim;
            }
        }
    }

    /// <summary>The smallest free volume that satisfies the claim and that the node reaches.</summary>
    private static VolumeInfo? Match(ClaimInfo claim, NodeInfo node, StorageView storage, HashSet<string> taken)
    {
        VolumeInfo? best = null;
        foreach (var volume in storage.Volumes)
        {
            var promised = storage.PromisedTo(volume.Name);
            var isMine = volume.Claim == claim.Key && (volume.ClaimUid.Length == 0 || volume.ClaimUid == claim.Uid);
            if ((volume.Claim is null || isMine) && (promised is null || promised == claim.Key) && !volume.IsDeleting && !taken.Contains(volume.Name)
                && (isMine || volume.Phase is "Available" or "") && volume.ClassName == claim.ClassName && volume.VolumeMode == claim.VolumeMode
                && volume.Bytes >= claim.Bytes && claim.AccessModes.All(volume.AccessModes.Contains) && claim.Selector.Matches(volume.Labels)
                && volume.Reaches(node) && (isMine || best is null || volume.Bytes < best.Bytes))
            {
                if (isMine)
                {
                    return volume;
                }

                best = volume;
            }
        }

        return best;
    }

    private static bool CanBeMade(ClaimInfo claim, NodeInfo node, StorageView storage) =>
        storage.Class(claim.ClassName) is { } made && made.Provisioner.Length > 0 && made.Provisioner != ClassInfo.NoProvisioner
        && (made.Topologies.IsEmpty || made.Topologies.Any(term => term.Matches(node)));

    private static IEnumerable<string> Reasons(int mask)
    {
        if ((mask & 1) != 0)
        {
            yield return WrongNode;
        }

        if ((mask & 2) != 0)
        {
            yield return NoVolume;
        }

        if ((mask & 4) != 0)
        {
            yield return GoneVolume;
        }

        if ((mask & 8) != 0)
        {
            yield return NoSpace;
        }
    }

    private sealed record Judge(StorageView Storage) : INodeFilter
    {
        public PluginStatus Filter(PodInfo pod, NodeInfo node)
        {
            var mask = 0;
            foreach (var use in pod.Volumes.Claims)
            {
                if (Storage.Claim(use.Key) is { IsBound: true } claim)
                {
                    mask |= Storage.Volume(claim.VolumeName) is not { } volume ? 4 : volume.Reaches(node) ? 0 : 1;
                }
            }

            var taken = new HashSet<string>(StringComparer.Ordinal);
            foreach (var claim in Unbounds(pod, Storage).OrderBy(claim => claim.Bytes))
            {
                if (claim.ChosenNode.Length > 0 && claim.ChosenNode != node.Name)
                {
                    mask |= 2;
                }
                else if (claim.ChosenNode.Length == 0 && Match(claim, node, Storage, taken) is { } volume)
                {
                    taken.Add(volume.Name);
                }
                else if (!CanBeMade(claim, node, Storage))
                {
                    mask |= 2;
                }
                else if (claim.ChosenNode.Length == 0 && !Storage.HasCapacity(Storage.Class(claim.ClassName)!.Provisioner, claim.ClassName, claim.Bytes, node))
                {
                    mask |= 8;
                }
            }

            return mask == 0 ? PluginStatus.Success : Refusals[mask];
        }
    }
}

/// <summary>What is decided about a claim that waited for its first consumer.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="ClaimUid">Of that claim and no other of its name.</param>
/// <param name="VolumeName">The volume that it is given; empty when one is to be made.</param>
/// <param name="NodeName">Where the pod goes.</param>
public sealed record VolumeDecision(ObjectKey Claim, string ClaimUid, string VolumeName, string NodeName);
