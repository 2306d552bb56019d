using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>A pod that names its node goes nowhere else.</summary>
public sealed class NodeName : ILocalFilter
{
    private static readonly PluginStatus Other = PluginStatus.Unresolvable("NodeName", "node(s) didn't match the requested node name");

    public string Name => "NodeName";

    public bool Concerns(PodInfo pod) => pod.NodeName.Length > 0;

    public PluginStatus Filter(PodInfo pod, NodeInfo node) => pod.NodeName == node.Name ? PluginStatus.Success : Other;
}
