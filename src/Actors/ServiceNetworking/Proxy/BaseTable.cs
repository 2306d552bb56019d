namespace ActorOrchestrator.Actors.ServiceNetworking.Proxy;

/// <summary>
/// The fixed part of the table. Every hook is ours alone; no rule here ends the way of a packet that is not for a service, except
/// what the kernel would refuse anyway. Refusals come right after translation, before the forwarding of the kernel: when that sends a packet
/// out where it came in, it sends an ICMP redirect first, which would use up the rate limit of the refusal.
/// </summary>
public static class BaseTable
{
    /// <summary>The chains that are always there; their absence means that somebody took the table apart.</summary>
    public static IReadOnlyList<string> Chains { get; } =
    [
        ServiceRules.RefuseChain, "services", "refusals", "nat-prerouting", "nat-output", "nat-postrouting", "masquerading",
        "filter-prerouting", "filter-translated", "filter-output",
    ];

    public static string Render(ServiceProxySettings settings, NetworkSettings network, NodeNetwork node)
    {
        var mark = settings.MasqueradeMark;
        return $$"""
            table ip {{settings.Table}} {
              comment "ActorOrchestrator: services of node {{Plain(node.NodeName)}}"
              map {{ServiceRules.ServiceIps}} { type ipv4_addr . inet_proto . inet_service : verdict; }
              map {{ServiceRules.ServiceNodePorts}} { type inet_proto . inet_service : verdict; }
              map {{ServiceRules.RefusedIps}} { type ipv4_addr . inet_proto . inet_service : verdict; }
              map {{ServiceRules.RefusedNodePorts}} { type inet_proto . inet_service : verdict; }
              set {{ServiceRules.ClusterIps}} { type ipv4_addr; }
              set hairpins { type ipv4_addr . ipv4_addr; {{Hairpins(node)}} }
              chain {{ServiceRules.RefuseChain}} {
                reject
              }
              chain services {
                ip daddr . meta l4proto . th dport vmap @{{ServiceRules.ServiceIps}}
                fib daddr type local meta l4proto . th dport vmap @{{ServiceRules.ServiceNodePorts}}
              }
              chain refusals {
                ip daddr . meta l4proto . th dport vmap @{{ServiceRules.RefusedIps}}
                fib daddr type local meta l4proto . th dport vmap @{{ServiceRules.RefusedNodePorts}}
                ip daddr @{{ServiceRules.ClusterIps}} goto {{ServiceRules.RefuseChain}}
                ip daddr {{network.ServiceCidr}} drop
              }
              chain nat-prerouting {
                type nat hook prerouting priority dstnat; policy accept;
                jump services
              }
              chain nat-output {
                type nat hook output priority -100; policy accept;
                jump services
              }
              chain nat-postrouting {
                type nat hook postrouting priority srcnat; policy accept;
            {{Postrouting(network, node, mark)}}
              }
              chain masquerading {
                meta mark set meta mark and 0x{{~mark:x8}}
                ip daddr {{network.ClusterCidr}} {{ToGateway(node)}}
                masquerade fully-random
              }
              chain filter-prerouting {
                type filter hook prerouting priority raw; policy accept;
                iifname != "lo" ip daddr 127.0.0.0/8 drop
              }
              chain filter-translated {
                type filter hook prerouting priority dstnat + 10; policy accept;
                ct state new jump refusals
              }
              chain filter-output {
                type filter hook output priority filter - 10; policy accept;
                oifname "{{network.Bridge}}" icmp type redirect drop
                ct state new jump refusals
              }
            }

            """;
    }

    /// <summary>Source translation, in this order: a pod that reached itself; what asked for it by the mark; what leaves the pod network.</summary>
    private static string Postrouting(NetworkSettings network, NodeNetwork node, uint mark)
    {
        var rules = new List<string>
        {
            $"ip saddr . ip daddr @hairpins ct status dnat {ToGateway(node)}",
            $"meta mark and 0x{mark:x8} == 0x{mark:x8} jump masquerading",
        };
        if (node is { BridgeNetfilter: false, PodCidr: { } pods })
        {
            rules.Add($"ip saddr {pods} ip daddr {pods} ct status dnat {ToGateway(node)}");
        }

        rules.Add($"ip saddr {network.ClusterCidr} ip daddr != {network.ClusterCidr} ip daddr != {network.ServiceCidr} oifname != {{ \"lo\", \"{network.Bridge}\" }} masquerade fully-random");
        return string.Join('\n', rules.Select(rule => $"    {rule}"));
    }

    /// <summary>Towards pods the source is the bridge's address, which every node routes and lets pass, not the address of some outer interface.</summary>
    private static string ToGateway(NodeNetwork node) =>
        node.Gateway is { } gateway ? $"snat ip to {gateway} fully-random" : "masquerade fully-random";

    private static string Hairpins(NodeNetwork node) => node.PodCidr is not { } pods
        ? ""
        : $"elements = {{ {string.Join(", ", Enumerable.Range(2, (int)Math.Min(pods.Size - 3, 4094)).Select(index => pods.At((uint)index)).Select(address => $"{address} . {address}"))} }}";

    private static string Plain(string name) => new([.. name.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.').Take(63)]);
}
