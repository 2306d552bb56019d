using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ActorOrchestrator.Actors.ServiceNetworking.Proxy;

/// <summary>
/// Host ports → rules, beside those of services and in the same maps: a node port that a Service has comes first. As the usual
/// portmap plugin does, a client's address is kept, except for one that has none outside of the node.
/// </summary>
public static class HostPortRules
{
    private const int NameLimit = 100;

    public static NftRuleset Of(IEnumerable<HostPortSpec> ports, uint mark)
    {
        var chains = ImmutableDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);
        var elements = ImmutableDictionary.CreateBuilder<NftElement, string>();
        foreach (var port in ports)
        {
            var protocol = ServiceRules.ProtocolName(port.Protocol);
            var element = port.HostAddress is { } address
                ? new NftElement(ServiceRules.ServiceIps, $"{address} . {protocol} . {port.HostPort}")
                : new NftElement(ServiceRules.ServiceNodePorts, $"{protocol} . {port.HostPort}");
            var chain = ChainOf(port);
            if (elements.TryAdd(element, $"goto {chain}"))
            {
                chains[chain] =
                [
                    $"ip saddr 127.0.0.0/8 meta mark set meta mark or 0x{mark:x8}",
                    $"meta l4proto {protocol} dnat ip to {port.PodAddress}:{port.ContainerPort}",
                ];
            }
        }

        return new NftRuleset { Chains = chains.ToImmutable(), Elements = elements.ToImmutable() };
    }

    /// <summary>A name that a person can read, and that is unique even where it is cut.</summary>
    private static string ChainOf(HostPortSpec port)
    {
        var full = string.Create(
            CultureInfo.InvariantCulture, $"{port.Pod}/{ServiceRules.ProtocolName(port.Protocol)}/{port.HostAddress?.ToString() ?? "any"}/{port.HostPort}");
        var readable = $"host-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(full)))[..10]}-{full}";
        return readable.Length > NameLimit ? readable[..NameLimit] : readable;
    }
}
