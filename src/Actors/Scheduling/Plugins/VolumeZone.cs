using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>A bound volume that carries a zone or region label is reached from there only.</summary>
public sealed class VolumeZone : IFilter
{
    private static readonly PluginStatus Elsewhere = PluginStatus.Unresolvable("VolumeZone", "node(s) had no available volume zone");

    // Each with its older name, by which nodes may still carry it.
    private static readonly (string Key, string Other)[] Labels =
    [
        ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"),
        ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"),
        ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
        ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
    ];

    public string Name => "VolumeZone";

    public INodeFilter? For(PodInfo pod, SchedulingSnapshot snapshot)
    {
        List<(string Key, string Other, string[] Values)>? zones = null;
        foreach (var use in pod.Volumes.Claims)
        {
            if (snapshot.Storage.Claim(use.Key) is not { VolumeName.Length: > 0 } claim || snapshot.Storage.Volume(claim.VolumeName) is not { } volume)
            {
                continue;
            }

            foreach (var (key, other) in Labels)
            {
                if (volume.Labels.TryGetValue(key, out var value))
                {
                    (zones ??= []).Add((key, other, value.Split("__", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
                }
            }
        }

        return zones is null ? null : new Judge(zones);
    }

    private sealed record Judge(List<(string Key, string Other, string[] Values)> Zones) : INodeFilter
    {
        public PluginStatus Filter(PodInfo pod, NodeInfo node)
        {
            foreach (var (key, other, values) in Zones)
            {
                if ((!node.Labels.TryGetValue(key, out var value) && !node.Labels.TryGetValue(other, out value)) || !values.Contains(value))
                {
                    return Elsewhere;
                }
            }

            return PluginStatus.Success;
        }
    }
}
