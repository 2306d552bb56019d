using System.Collections.Immutable;
using System.Net;
using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Actors.ServiceNetworking.Routes;

/// <summary>A node as the others route to it.</summary>
public sealed record NodeAddress(string Name, Cidr PodCidr, IPAddress InternalIp)
{
    /// <summary>Null while the node has no pod network or no address.</summary>
    public static NodeAddress? From(StoredObject stored)
    {
        var node = stored.As<V1Node>();
        var internalIp = (node.Status?.Addresses ?? [])
            .Where(address => address.Type == "InternalIP").Select(address => Cidr.ParseAddress(address.Address)).OfType<IPAddress>().FirstOrDefault();
        return internalIp is not null && Cidr.TryParse(node.Spec?.PodCIDR, out var podCidr) ? new NodeAddress(stored.Key.Name, podCidr, internalIp) : null;
    }
}

/// <summary>A route of ours as the kernel has it.</summary>
public sealed record KernelRoute(Cidr Destination, IPAddress? Via, string Device, IPAddress? Source, int Metric);

public static class NodeRoutes
{
    /// <summary>
    /// Routes of two nodes that share a network namespace must not replace each other, so the metric is the node's own: the number of its pod network.
    /// </summary>
    public static int Metric(Cidr podCidr) => 8600 + (int)((podCidr.Network >> 8) & 0xff);

    /// <summary>One route per other node. A node without a pod network of its own inside the cluster's gets none: nothing else may be rerouted.</summary>
    public static ImmutableArray<NodeRoute> Desired(IEnumerable<NodeAddress> nodes, string self, NetworkSettings network) =>
    [
        .. nodes
            .Where(node => node.Name != self && network.ClusterCidr.Contains(node.PodCidr.Address) && node.PodCidr.PrefixLength > network.ClusterCidr.PrefixLength)
            .DistinctBy(node => node.PodCidr)
            .OrderBy(node => node.PodCidr.Network)
            .Select(node => new NodeRoute(node.PodCidr, node.InternalIp)),
    ];

    /// <summary>What to add or replace and what to remove. Nodes at one of this machine's own addresses need no route: their bridge is here.</summary>
    public static (ImmutableArray<KernelRoute> Put, ImmutableArray<KernelRoute> Remove) Plan(
        NodeKernelWish wish, bool bridgeUp, IReadOnlySet<IPAddress> localAddresses, IReadOnlyCollection<KernelRoute> present)
    {
        var metric = Metric(wish.PodCidr);
        var desired = wish.Routes
            .Where(route => !localAddresses.Contains(route.Via) && route.PodCidr != wish.PodCidr)
            .Select(route => new KernelRoute(route.PodCidr, route.Via, "", bridgeUp ? wish.Gateway : null, metric))
            .ToList();
        if (bridgeUp)
        {
            // A host without a default route could not even begin to send to a service; translation sends it on from here.
            desired.Add(new KernelRoute(wish.Network.ServiceCidr, null, wish.Network.Bridge, wish.Gateway, metric));
        }

        var ours = present.Where(route => route.Metric == metric).ToArray();
        return (
            [.. desired.Where(route => !ours.Any(other => Same(route, other)))],
            [.. ours.Where(route => !desired.Any(other => other.Destination == route.Destination))]);
    }

    private static bool Same(KernelRoute wanted, KernelRoute found) =>
        wanted.Destination == found.Destination && Equals(wanted.Via, found.Via) && Equals(wanted.Source, found.Source)
        && (wanted.Device.Length == 0 || wanted.Device == found.Device);
}
