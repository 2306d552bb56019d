namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <summary>Removes everything of ours from an engine: the containers and networks of one cluster, and the pause image once nobody uses it.</summary>
public static class EnginePurge
{
    /// <param name="engine">The engine.</param>
    /// <param name="clusterId">Whose things; another cluster's on the same engine are left alone.</param>
    /// <param name="cancellation">Ends the work half-way; it can be done again.</param>
    public static async Task<(int Containers, int Networks)> RunAsync(IContainerEngine engine, string clusterId, CancellationToken cancellation = default)
    {
        var labels = ContainerLabels.OfCluster(clusterId);
        var containers = await engine.ListAsync(labels, cancellation);
        await Task.WhenAll(containers.Select(container => engine.RemoveAsync(container.Id, cancellation)));
        var networks = await engine.ListNetworksAsync(labels, cancellation);
        foreach (var network in networks)
        {
            await engine.RemoveNetworkAsync(network.Name, cancellation);
        }

        await engine.RemoveImageAsync(PauseImage.Reference, cancellation);
        return (containers.Length, networks.Length);
    }
}
