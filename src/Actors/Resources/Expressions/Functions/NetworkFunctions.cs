using System.Net;
using System.Net.Sockets;
using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary>IP addresses and networks.</summary>
internal static class NetworkFunctions
{
    public static void AddTo(FunctionTable table)
    {
        table.Add("ip(string) -> ip", a => Networks.ParseAddress((string)a[0]!), Effort.Traversal);
        table.Add("isIP(string) -> bool", a => Networks.ParseAddress((string)a[0]!) is IPAddress, Effort.Traversal);
        table.Add("ip.isCanonical(string) -> bool", a => Networks.ParseAddress((string)a[0]!) switch
        {
            IPAddress address => Networks.Text(address) == (string)a[0]!,
            var failure => failure,
        }, Effort.Rebuild);
        table.Add("ip::family() -> int", a => Address(a[0]).AddressFamily == AddressFamily.InterNetwork ? 4L : 6L);
        table.Add("ip::isUnspecified() -> bool", a => Networks.IsUnspecified(Address(a[0])));
        table.Add("ip::isLoopback() -> bool", a => IPAddress.IsLoopback(Address(a[0])));
        table.Add("ip::isLinkLocalMulticast() -> bool", a => Networks.IsLinkLocalMulticast(Address(a[0])));
        table.Add("ip::isLinkLocalUnicast() -> bool", a => Networks.IsLinkLocalUnicast(Address(a[0])));
        table.Add("ip::isGlobalUnicast() -> bool", a => Address(a[0]) is var address
            && !Networks.IsUnspecified(address) && !IPAddress.IsLoopback(address) && !Networks.IsMulticast(address) && !Networks.IsLinkLocalUnicast(address)
            && !address.Equals(IPAddress.Broadcast));
        table.Add("string(ip) -> string", a => Networks.Text(Address(a[0])));
        table.Add("cidr(string) -> cidr", a => Networks.ParseCidr((string)a[0]!), Effort.Traversal);
        table.Add("isCIDR(string) -> bool", a => Networks.ParseCidr((string)a[0]!) is CidrValue, Effort.Traversal);
        table.Add("cidr::containsIP(string) -> bool", a => Networks.ParseAddress((string)a[1]!) is var parsed && parsed is IPAddress address ? Networks.Contains(Network(a[0]), address) : parsed);
        table.Add("cidr::containsIP(ip) -> bool", a => Networks.Contains(Network(a[0]), Address(a[1])));
        table.Add("cidr::containsCIDR(string) -> bool", a => Networks.ParseCidr((string)a[1]!) is var parsed && parsed is CidrValue inner ? Covers(Network(a[0]), inner) : parsed);
        table.Add("cidr::containsCIDR(cidr) -> bool", a => Covers(Network(a[0]), Network(a[1])));
        table.Add("cidr::ip() -> ip", a => Network(a[0]).Address);
        table.Add("cidr::prefixLength() -> int", a => (long)Network(a[0]).PrefixLength);
        table.Add("cidr::masked() -> cidr", a => Network(a[0]) is var network ? network with { Address = Networks.Mask(network.Address, network.PrefixLength) } : network);
        table.Add("string(cidr) -> string", a => Network(a[0]).ToString());
    }

    private static IPAddress Address(object? value) => (IPAddress)value!;

    private static CidrValue Network(object? value) => (CidrValue)value!;

    private static bool Covers(CidrValue outer, CidrValue inner) => inner.PrefixLength >= outer.PrefixLength && Networks.Contains(outer, inner.Address);
}
