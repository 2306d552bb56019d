using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>A cordoned node takes only pods that tolerate its taint.</summary>
public sealed class NodeUnschedulable : ILocalFilter
{
    private static readonly Taint Cordoned = new(Taint.Unschedulable, "", "NoSchedule");
    private static readonly PluginStatus Refused = PluginStatus.Unresolvable("NodeUnschedulable", "node(s) were unschedulable");

    public string Name => "NodeUnschedulable";

    public PluginStatus Filter(PodInfo pod, NodeInfo node) => !node.Unschedulable || pod.Tolerates(Cordoned) ? PluginStatus.Success : Refused;
}
