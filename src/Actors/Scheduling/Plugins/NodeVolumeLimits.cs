using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Actors.Scheduling.Storage;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>How many volumes of each driver a node can attach, as its CSINode says.</summary>
public sealed class NodeVolumeLimits : IFilter
{
    private static readonly PluginStatus Exceeded = PluginStatus.Unschedulable("NodeVolumeLimits", "node(s) exceed max volume count");

    public string Name => "NodeVolumeLimits";

    public INodeFilter? For(PodInfo pod, SchedulingSnapshot snapshot)
    {
        var wanted = Attached(pod, snapshot.Storage);
        return wanted.Count == 0 ? null : new Judge(snapshot.Storage, wanted);
    }

    /// <summary>The volumes that a pod needs attached, with their drivers. One that is yet to be made counts by its claim.</summary>
    private static Dictionary<string, string> Attached(PodInfo pod, StorageView storage)
    {
        var attached = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var use in pod.Volumes.Claims)
        {
            if (storage.Claim(use.Key) is not { } claim)
            {
                continue;
            }

            if (claim.VolumeName.Length > 0 && storage.Volume(claim.VolumeName) is { } volume)
            {
                if (volume.Driver.Length > 0)
                {
                    attached[volume.Name] = volume.Driver;
                }
            }
            else if (storage.Class(claim.ClassName) is { } made && made.Provisioner != ClassInfo.NoProvisioner)
            {
                attached[$"{use.Key.Namespace}/{use.Key.Name}"] = made.Provisioner;
            }
        }

        return attached;
    }

    private sealed record Judge(StorageView Storage, Dictionary<string, string> Wanted) : INodeFilter
    {
        public PluginStatus Filter(PodInfo pod, NodeInfo node)
        {
            foreach (var driver in Wanted.Values.Distinct())
            {
                if (Storage.Limit(node.Name, driver) is not { } limit)
                {
                    continue;
                }

                var all = Wanted.Where(pair => pair.Value == driver).Select(pair => pair.Key).ToHashSet(StringComparer.Ordinal);
                foreach (var other in node.Pods.Where(other => !other.Volumes.Claims.IsEmpty))
                {
                    all.UnionWith(Attached(other, Storage).Where(pair => pair.Value == driver).Select(pair => pair.Key));
                }

                if (all.Count > limit)
                {
                    return Exceeded;
                }
            }

            return PluginStatus.Success;
        }
    }
}
