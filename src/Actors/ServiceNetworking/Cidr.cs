using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ActorOrchestrator.Actors.ServiceNetworking;

/// <summary>An IPv4 network in canonical form. Texts that come from objects pass through here before they reach a rule.</summary>
public readonly record struct Cidr(uint Network, int PrefixLength)
{
    public IPAddress Address => FromNumber(Network);

    /// <summary>How many addresses it spans.</summary>
    public long Size => 1L << (32 - PrefixLength);

    /// <summary>The address at an index: 1 is the gateway of a node's pod network.</summary>
    public IPAddress At(uint index) => FromNumber(Network + index);

    public bool Contains(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork && (ToNumber(address) & Mask(PrefixLength)) == Network;

    public bool Overlaps(Cidr other) => Contains(other.Address) || other.Contains(Address);

    public static Cidr Parse(string text) =>
        TryParse(text, out var cidr) ? cidr : throw new FormatException($"\"{text}\" is not an IPv4 network such as 10.42.0.0/16.");

    public static bool TryParse(string? text, out Cidr cidr)
    {
        cidr = default;
        var slash = text?.IndexOf('/') ?? -1;
        if (slash < 0
            || ParseAddress(text![..slash]) is not { } address
            || !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > 32)
        {
            return false;
        }

        cidr = new Cidr(ToNumber(address) & Mask(length), length);
        return true;
    }

    /// <summary>Four decimal numbers and nothing else; null for every other text.</summary>
    public static IPAddress? ParseAddress(string? text) =>
        text is { Length: >= 7 and <= 15 } && text.Count(c => c == '.') == 3
        && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork
            ? address
            : null;

    public static uint ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    public override string ToString() => $"{Address}/{PrefixLength}";

    private static uint Mask(int length) => length == 0 ? 0 : uint.MaxValue << (32 - length);

    private static IPAddress FromNumber(uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes);
    }
}
