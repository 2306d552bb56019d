using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>Disks that are not shared, and claims that one pod in the whole cluster may use.</summary>
public sealed class VolumeRestrictions : IFilter
{
    private static readonly PluginStatus NoDisk = PluginStatus.Unschedulable("VolumeRestrictions", "node(s) had no available disk");
    private static readonly PluginStatus InUse = PluginStatus.Unschedulable(
        "VolumeRestrictions", "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode");

    public string Name => "VolumeRestrictions";

    public INodeFilter? For(PodInfo pod, SchedulingSnapshot snapshot)
    {
        var single = pod.Volumes.Claims.Where(use => snapshot.Storage.Claim(use.Key)?.AccessModes.Contains("ReadWriteOncePod") == true).ToArray();
        if (single.Length == 0)
        {
            return pod.Volumes.Disks.IsEmpty ? null : new Judge(false);
        }

        // Wherever the other is, there is no node that would do while it is there.
        return new Judge(snapshot.Nodes.Any(node => node.Pods.Any(other =>
            !other.Volumes.Claims.IsEmpty && other.Volumes.Claims.Any(use => single.Any(mine => mine.Key == use.Key)))));
    }

    private sealed record Judge(bool IsTaken) : INodeFilter
    {
        public PluginStatus Filter(PodInfo pod, NodeInfo node)
        {
            foreach (var disk in pod.Volumes.Disks)
            {
                foreach (var other in node.Pods)
                {
                    foreach (var used in other.Volumes.Disks)
                    {
                        if (disk.Conflicts(used))
                        {
                            return NoDisk;
                        }
                    }
                }
            }

            return IsTaken ? InUse : PluginStatus.Success;
        }
    }
}
