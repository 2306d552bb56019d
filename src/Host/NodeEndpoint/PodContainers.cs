using ActorOrchestrator.Actors.NodeAgent;
using ActorOrchestrator.Actors.NodeAgent.Containers;

namespace ActorOrchestrator.Host.NodeEndpoint;

/// <summary>From a pod's name and a container's name in it to the engine's container.</summary>
internal sealed class PodContainers(IContainerEngine engine, NodeAgentSettings settings)
{
    /// <summary>The newest run that has started, or the one before it.</summary>
    public async Task<EngineContainer?> FindAsync(string ns, string pod, string container, bool previous, CancellationToken cancellation)
    {
        var runs = (await engine.ListAsync(
                settings.EngineLabels.SetItem(ContainerLabels.PodNamespace, ns).SetItem(ContainerLabels.PodName, pod).SetItem(ContainerLabels.ContainerName, container), cancellation))
            .Where(run => run.State != EngineContainerState.Created)
            .Select(run => (Run: run, Identity: ContainerLabels.Read(run.Labels)!))
            .ToArray();
        if (runs.Length == 0)
        {
            return null;
        }

        // A pod of the same name may still be on its way out: the newest container tells which one is meant.
        var uid = runs.MaxBy(entry => entry.Run.CreatedAt).Identity.PodUid;
        return runs.Where(entry => entry.Identity.PodUid == uid).OrderByDescending(entry => entry.Identity.Attempt).Skip(previous ? 1 : 0).Select(entry => entry.Run).FirstOrDefault();
    }

    /// <summary>The run that is running now; null when none is.</summary>
    public async Task<EngineContainer?> FindRunningAsync(string ns, string pod, string uid, string container, CancellationToken cancellation)
    {
        var labels = settings.EngineLabels.SetItem(ContainerLabels.PodNamespace, ns).SetItem(ContainerLabels.PodName, pod).SetItem(ContainerLabels.ContainerName, container);
        var runs = await engine.ListAsync(uid.Length > 0 ? labels.SetItem(ContainerLabels.PodUid, uid) : labels, cancellation);
        return runs.Where(run => run.State == EngineContainerState.Running).MaxBy(run => run.CreatedAt);
    }
}
