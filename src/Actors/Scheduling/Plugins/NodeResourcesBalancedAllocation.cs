using ActorOrchestrator.Actors.Scheduling.Framework;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>CPU and memory used in equal shares, so that neither is left over alone.</summary>
public sealed class NodeResourcesBalancedAllocation : ILocalScore
{
    public string Name => "NodeResourcesBalancedAllocation";

    /// <summary>A pod that asks for neither changes no balance.</summary>
    public bool Concerns(PodInfo pod) => pod.Requests.MilliCpu > 0 || pod.Requests.Memory > 0;

    public long Score(PodInfo pod, NodeInfo node)
    {
        if (node.Allocatable.MilliCpu <= 0 || node.Allocatable.Memory <= 0)
        {
            return IScore.MaxScore;
        }

        var cpu = Math.Min(1, (double)(node.Requested.MilliCpu + pod.Requests.MilliCpu) / node.Allocatable.MilliCpu);
        var memory = Math.Min(1, (double)(node.Requested.Memory + pod.Requests.Memory) / node.Allocatable.Memory);
        return (long)((1 - (Math.Abs(cpu - memory) / 2)) * IScore.MaxScore);
    }
}
