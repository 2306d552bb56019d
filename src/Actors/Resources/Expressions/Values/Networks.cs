using System.Net;
using System.Net.Sockets;

namespace ActorOrchestrator.Actors.Resources.Expressions.Values;

/// <summary>Addresses and networks in the strict forms that Kubernetes accepts: no zones, no leading zeros, no IPv4 inside IPv6.</summary>
internal static class Networks
{
    public static object ParseAddress(string text)
    {
        if (!IPAddress.TryParse(text, out var address) || text.Contains('[', StringComparison.Ordinal))
        {
            return new Failure($"IP Address \"{text}\" parse error during conversion from string: ParseAddr(\"{text}\"): unable to parse IP");
        }

        if (text.Contains('%', StringComparison.Ordinal))
        {
            return new Failure($"IP address \"{text}\" with zone value is not allowed");
        }

        if (address.AddressFamily == AddressFamily.InterNetwork && !IsDotted(text))
        {
            return new Failure($"IP Address \"{text}\" parse error during conversion from string: ParseAddr(\"{text}\"): unable to parse IP");
        }

        return address.IsIPv4MappedToIPv6 ? new Failure($"IPv4-mapped IPv6 address \"{text}\" is not allowed") : address;
    }

    public static object ParseCidr(string text)
    {
        var slash = text.LastIndexOf('/');
        var digits = slash < 0 ? "" : text[(slash + 1)..];
        if (slash < 0 || digits.Length is 0 or > 3 || (digits[0] == '0' && digits.Length > 1) || !int.TryParse(digits, out var length) || !digits.All(char.IsAsciiDigit))
        {
            return new Failure($"network address parse error during conversion from string: netip.ParsePrefix(\"{text}\"): no '/'");
        }

        return ParseAddress(text[..slash]) switch
        {
            IPAddress address when length <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) => new CidrValue(address, length),
            IPAddress => new Failure($"network address parse error during conversion from string: netip.ParsePrefix(\"{text}\"): prefix length out of range"),
            var failure => failure,
        };
    }

    public static string Text(IPAddress address) => address.ToString();

    public static IPAddress Mask(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var bits = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - bits));
        }

        return new IPAddress(bytes);
    }

    public static bool Contains(CidrValue network, IPAddress address) =>
        address.AddressFamily == network.Address.AddressFamily && Mask(address, network.PrefixLength).Equals(Mask(network.Address, network.PrefixLength));

    public static bool IsLinkLocalMulticast(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes.Length == 4 ? bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0 : bytes[0] == 0xFF && (bytes[1] & 0x0F) == 2;
    }

    public static bool IsLinkLocalUnicast(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes.Length == 4 ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0x80;
    }

    public static bool IsMulticast(IPAddress address) => address.GetAddressBytes() is { Length: 4 } four ? (four[0] & 0xF0) == 0xE0 : address.GetAddressBytes()[0] == 0xFF;

    public static bool IsUnspecified(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static bool IsDotted(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 4 && parts.All(part => part.Length is > 0 and <= 3 && part.All(char.IsAsciiDigit) && (part.Length == 1 || part[0] != '0'));
    }
}
