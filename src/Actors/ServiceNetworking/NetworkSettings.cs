using System.Net;
using Akka.Configuration;

namespace ActorOrchestrator.Actors.ServiceNetworking;

/// <summary>What every room of the network shares: <c>orchestrator.network</c>, and the node's own <c>orchestrator.node</c>.</summary>
/// <param name="ClusterCidr">All pods of all nodes.</param>
/// <param name="ServiceCidr">All cluster IPs.</param>
/// <param name="ClusterDomain">Such as <c>cluster.local</c>, lower case, no dot at the end.</param>
/// <param name="DnsAddress">The cluster IP that pods ask for names: the tenth of the range unless told.</param>
/// <param name="Bridge">The bridge of this node's pods.</param>
public sealed record NetworkSettings(Cidr ClusterCidr, Cidr ServiceCidr, string ClusterDomain, IPAddress DnsAddress, string Bridge)
{
    /// <summary>The cluster IP of the Service <c>kubernetes</c>: the first of the range.</summary>
    public IPAddress ApiAddress => ServiceCidr.At(1);

    /// <exception cref="ConfigurationException">A value is no network or address, or the two ranges share addresses.</exception>
    public static NetworkSettings From(Config config)
    {
        var (network, node) = (config.GetConfig("orchestrator.network"), config.GetConfig("orchestrator.node"));
        var bridge = node.GetString("bridge");
        if (bridge.Length is 0 or > 15 || !bridge.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw new ConfigurationException($"orchestrator.node.bridge = \"{bridge}\" is no interface name: at most 15 letters, digits, '-', '_' or '.'.");
        }

        var (pods, services, dns) = (Network(network, "cluster-cidr"), Network(network, "service-cidr"), node.GetString("cluster-dns"));
        if (pods.Overlaps(services))
        {
            throw new ConfigurationException($"orchestrator.network.cluster-cidr = {pods} and service-cidr = {services} share addresses.");
        }

        return new NetworkSettings(
            pods,
            services,
            node.GetString("cluster-domain").Trim('.').ToLowerInvariant(),
            dns.Length == 0 ? services.At(10) : Cidr.ParseAddress(dns) ?? throw new ConfigurationException($"orchestrator.node.cluster-dns = \"{dns}\" is no IPv4 address."),
            bridge);
    }

    private static Cidr Network(Config network, string key) => Cidr.TryParse(network.GetString(key), out var cidr)
        ? cidr
        : throw new ConfigurationException($"orchestrator.network.{key} = \"{network.GetString(key)}\" is no IPv4 network such as 10.42.0.0/16.");
}
