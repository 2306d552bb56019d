using ActorOrchestrator.Actors.ServiceNetworking.Proxy;

namespace ActorOrchestrator.Host.Kernel;

/// <summary>Takes away everything of ours in the kernel, and nothing else. Running it twice changes nothing.</summary>
public static class NodeNetworkPurge
{
    /// <exception cref="NetfilterException">nft refused.</exception>
    public static async Task RunAsync(
        INetfilter netfilter, string table, IpRoutes routes, DockerUserRules firewall, KernelSettingsJournal settings, CancellationToken cancellation)
    {
        await netfilter.ApplyAsync(NftScript.Remove(table), cancellation);
        await firewall.RemoveAsync(cancellation);
        foreach (var route in await routes.OursAsync(cancellation))
        {
            await routes.RemoveAsync(route, cancellation);
        }

        // Docker needs forwarding and bridge netfilter itself and may have come to rely on them since: only what we alone need goes back.
        settings.Restore(setting => setting.EndsWith("/route_localnet", StringComparison.Ordinal));
    }
}
