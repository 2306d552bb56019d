using System.Net;
using ActorOrchestrator.Actors.NodeAgent.Containers;

namespace ActorOrchestrator.Actors.NodeAgent.Nodes;

/// <summary>The engine's network for this node's pods: one bridge with the node's pod CIDR.</summary>
public static class PodNetwork
{
    /// <summary>The first address of the range, which the bridge itself has.</summary>
    /// <exception cref="FormatException">The text is no IPv4 range.</exception>
    public static string GatewayOf(string cidr)
    {
        var network = IPNetwork.Parse(cidr);
        var bytes = network.BaseAddress.GetAddressBytes();
        bytes[^1]++;
        return new IPAddress(bytes).ToString();
    }

    /// <summary>Makes the network unless it is there. With another range it is made anew, which only works while no container is in it.</summary>
    /// <returns>False when the range is not known yet and there is no network from before.</returns>
    public static async Task<bool> EnsureAsync(IContainerEngine engine, NodeAgentSettings settings, string podCidr, int uplinkMtu, CancellationToken cancellation = default)
    {
        var existing = await engine.FindNetworkAsync(settings.NetworkName, cancellation);
        if (existing is not null && (podCidr.Length == 0 || existing.Subnets.Contains(podCidr)))
        {
            return true;
        }

        if (podCidr.Length == 0)
        {
            return false;
        }

        if (existing is not null)
        {
            await engine.RemoveNetworkAsync(settings.NetworkName, cancellation);
        }

        var mtu = settings.Mtu > 0 ? settings.Mtu : uplinkMtu > 0 ? uplinkMtu : 1500;
        await engine.CreateNetworkAsync(new NetworkSpec(settings.NetworkName, settings.Bridge, podCidr, GatewayOf(podCidr), mtu, settings.EngineLabels), cancellation);
        return true;
    }
}
