using System.Net;
using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Actors.ServiceNetworking.Proxy;

/// <summary>What the rules depend on besides services: this node's place in the pod network.</summary>
/// <param name="NodeName">Whose endpoints are local.</param>
/// <param name="PodCidr">Null until the node is registered.</param>
/// <param name="BridgeNetfilter">Whether frames between two ports of the bridge pass through our rules (br_netfilter). Without it, pod to
/// pod service traffic on one bridge is source-translated, because the answer would otherwise bypass the translation back.</param>
public sealed record NodeNetwork(string NodeName, Cidr? PodCidr, bool BridgeNetfilter)
{
    /// <summary>Empty while it is not labelled with one.</summary>
    public string Zone { get; init; } = "";

    /// <summary>The bridge's own address, where the node answers DNS.</summary>
    public IPAddress? Gateway => PodCidr?.At(1);

    public static string ZoneOf(StoredObject node) => node.Metadata.Labels.GetValueOrDefault("topology.kubernetes.io/zone", "");

    public static Cidr? PodCidrOf(StoredObject node) =>
        Cidr.TryParse(node.As<V1Node>().Spec?.PodCIDR, out var cidr) && cidr.PrefixLength is >= 16 and <= 30 ? cidr : null;
}
