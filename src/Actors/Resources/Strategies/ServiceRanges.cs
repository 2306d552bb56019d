using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Akka.Configuration;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>Where Service addresses and node ports come from.</summary>
/// <param name="Network">An IPv4 network; its first and last address are never given out.</param>
/// <param name="FirstNodePort">The lowest node port.</param>
/// <param name="LastNodePort">The highest node port.</param>
/// <param name="StaticBand">How many of the lowest addresses are given only to those who ask for them (the API's own Service, DNS).</param>
public sealed record ServiceRanges(IPNetwork Network, int FirstNodePort, int LastNodePort, int StaticBand)
{
    public static readonly ServiceRanges Default = new(IPNetwork.Parse("10.43.0.0/16"), 30000, 32767, 16);

    /// <summary>Reads <c>orchestrator.services</c> and the range of <c>orchestrator.network</c>.</summary>
    public static ServiceRanges From(Config config) => new(
        IPNetwork.Parse(config.GetString("orchestrator.network.service-cidr")),
        config.GetInt("orchestrator.services.first-node-port"),
        config.GetInt("orchestrator.services.last-node-port"),
        config.GetInt("orchestrator.services.static-addresses"));

    public bool Contains(string address) =>
        IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetwork && Network.Contains(parsed);

    public bool ContainsPort(long port) => port >= FirstNodePort && port <= LastNodePort;

    /// <summary>A free address: from a random place onwards, so that two writers rarely want the same. Null when none is left.</summary>
    public string? FreeAddress(Func<string, bool> isTaken)
    {
        var first = BinaryPrimitives.ReadUInt32BigEndian(Network.BaseAddress.GetAddressBytes());
        var count = (int)Math.Min((1L << (32 - Network.PrefixLength)) - 2, 1 << 20);
        var band = Math.Min(StaticBand, count / 2);
        var usable = count - band;
        var start = RandomNumberGenerator.GetInt32(Math.Max(usable, 1));
        Span<byte> bytes = stackalloc byte[4];
        for (var i = 0; i < usable; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, first + 1 + (uint)band + (uint)((start + i) % usable));
            var address = new IPAddress(bytes).ToString();
            if (!isTaken(address))
            {
                return address;
            }
        }

        return null;
    }

    public int? FreePort(Func<int, bool> isTaken)
    {
        var count = LastNodePort - FirstNodePort + 1;
        var start = RandomNumberGenerator.GetInt32(count);
        for (var i = 0; i < count; i++)
        {
            var port = FirstNodePort + ((start + i) % count);
            if (!isTaken(port))
            {
                return port;
            }
        }

        return null;
    }
}
