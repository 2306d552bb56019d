using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.ServiceNetworking;

namespace ActorOrchestrator.Actors.NodeAgent.Nodes;

/// <summary>What on this machine has the addresses or the bridge that a node is about to take: the user's own networks, or another cluster's node.</summary>
public static class NetworkConflict
{
    private const string Remedy = "or give this cluster others in a file for --config (orchestrator.network.cluster-cidr and service-cidr, orchestrator.node.bridge, orchestrator.service-proxy.table)";

    /// <param name="network">What the node wants.</param>
    /// <param name="clusterId">Whose networks are no strangers.</param>
    /// <param name="nodeName">Which of them is this node's own.</param>
    /// <param name="networks">All networks of the engine.</param>
    /// <param name="links">The addresses of the machine's interfaces.</param>
    /// <returns>A line for the user; null when nothing is in the way.</returns>
    public static string? Find(
        NetworkSettings network, string clusterId, string nodeName, IReadOnlyCollection<EngineNetwork> networks, IEnumerable<(string Link, Cidr Range)> links)
    {
        foreach (var other in networks.Where(other => !IsOf(other, clusterId, nodeName)))
        {
            var whose = other.Labels.TryGetValue(ContainerLabels.Cluster, out var cluster)
                ? cluster == clusterId ? "node " + other.Labels.GetValueOrDefault(ContainerLabels.Node) + " of this cluster" : $"another cluster ({cluster}) of the orchestrator on this engine"
                : "the engine's network " + other.Name;
            if (other.Bridge == network.Bridge)
            {
                return $"the bridge {network.Bridge} belongs to {whose}: remove that (./up --purge --data ITS-FOLDER) {Remedy}.";
            }

            if (cluster != clusterId && RangeOf(network, other.Subnets.Select(subnet => Cidr.TryParse(subnet, out var range) ? range : default(Cidr?))) is var (ours, theirs))
            {
                return $"{ours} overlaps {theirs} of {whose}: remove that (docker network rm, or ./up --purge --data ITS-FOLDER for a cluster) {Remedy}.";
            }
        }

        // Bridges that this cluster's nodes have on this engine carry its own addresses.
        var own = networks.Where(other => other.Labels.GetValueOrDefault(ContainerLabels.Cluster) == clusterId).Select(other => other.Bridge).ToHashSet();
        foreach (var (link, range) in links.Where(link => !own.Contains(link.Link)))
        {
            if (RangeOf(network, [range]) is var (ours, theirs))
            {
                return $"{ours} overlaps {theirs} of the interface {link}: remove that {Remedy}.";
            }
        }

        return null;
    }

    private static bool IsOf(EngineNetwork network, string clusterId, string nodeName) =>
        network.Labels.GetValueOrDefault(ContainerLabels.Cluster) == clusterId && network.Labels.GetValueOrDefault(ContainerLabels.Node) == nodeName;

    private static (string Ours, Cidr Theirs)? RangeOf(NetworkSettings network, IEnumerable<Cidr?> ranges)
    {
        foreach (var range in ranges.OfType<Cidr>())
        {
            if (network.ClusterCidr.Overlaps(range))
            {
                return ($"the pods' range {network.ClusterCidr}", range);
            }

            if (network.ServiceCidr.Overlaps(range))
            {
                return ($"the Services' range {network.ServiceCidr}", range);
            }
        }

        return null;
    }
}
