using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>Two pods cannot have the same port of one node.</summary>
public sealed class NodePorts : ILocalFilter
{
    private static readonly PluginStatus Taken = PluginStatus.Unschedulable("NodePorts", "node(s) didn't have free ports for the requested pod ports");

    public string Name => "NodePorts";

    public bool Concerns(PodInfo pod) => !pod.HostPorts.IsEmpty;

    public PluginStatus Filter(PodInfo pod, NodeInfo node)
    {
        foreach (var wanted in pod.HostPorts)
        {
            foreach (var used in node.UsedPorts)
            {
                if (wanted.Conflicts(used))
                {
                    return Taken;
                }
            }
        }

        return PluginStatus.Success;
    }
}
