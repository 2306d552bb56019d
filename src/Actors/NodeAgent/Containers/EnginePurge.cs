namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <summary>Removes everything of ours from an engine: the containers and networks of one cluster, and the pause image once nobody uses it.</summary>
public static class EnginePurge
{
    /// <summary>At once: an engine that removes many containers of one network at the same time may lose count of them, and then keeps the network.</summary>
    private const int Parallel = 4;

    /// <param name="engine">The engine.</param>
    /// <param name="clusterId">Whose things; another cluster's on the same engine are left alone.</param>
    /// <param name="cancellation">Ends the work half-way; it can be done again.</param>
    public static async Task<(int Containers, int Networks)> RunAsync(IContainerEngine engine, string clusterId, CancellationToken cancellation = default)
    {
        var labels = ContainerLabels.OfCluster(clusterId);
        var containers = await engine.ListAsync(labels, cancellation);
        using var turn = new SemaphoreSlim(Parallel);
        await Task.WhenAll(containers.Select(async container =>
        {
            await turn.WaitAsync(cancellation);
            try
            {
                await engine.RemoveAsync(container.Id, cancellation);
            }
            finally
            {
                turn.Release();
            }
        }));
        var networks = await engine.ListNetworksAsync(labels, cancellation);
        foreach (var network in networks)
        {
            await engine.RemoveNetworkAsync(network.Name, cancellation);
        }

        await engine.RemoveImageAsync(PauseImage.Reference, cancellation);
        return (containers.Length, networks.Length);
    }
}
