using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>Devices by ResourceClaim are not allocated here: a pod that asks for them must not run without them, and is told so.</summary>
public sealed class DynamicResources : IPreFilter
{
    private static readonly PreFilterResult Refused = new(
        PluginStatus.Unresolvable("DynamicResources", "pod has spec.resourceClaims, and dynamic resource allocation is not supported"), default);

    public string Name => "DynamicResources";

    public PreFilterResult PreFilter(PodInfo pod, SchedulingSnapshot snapshot) => pod.HasResourceClaims ? Refused : PreFilterResult.AllNodes;
}
