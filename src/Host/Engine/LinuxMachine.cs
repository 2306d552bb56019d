using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ActorOrchestrator.Actors.NodeAgent.Nodes;

namespace ActorOrchestrator.Host.Engine;

/// <summary>The machine as /proc, /sys and /etc describe it.</summary>
/// <param name="dataDirectory">Its file system is the node's disk.</param>
public sealed class LinuxMachine(string dataDirectory) : INodeMachine
{
    public async Task<MachineFacts> ReadAsync(CancellationToken cancellation = default)
    {
        var (address, mtu) = Uplink();
        var disk = new DriveInfo(Directory.Exists(dataDirectory) ? dataDirectory : "/");
        return new MachineFacts(
            System.Net.Dns.GetHostName(),
            (await TextAsync("/proc/sys/kernel/osrelease", cancellation)).Trim(),
            OsImage(await TextAsync("/etc/os-release", cancellation)),
            (await TextAsync("/etc/machine-id", cancellation)).Trim(),
            (await TextAsync("/sys/class/dmi/id/product_uuid", cancellation)).Trim(),
            (await TextAsync("/proc/sys/kernel/random/boot_id", cancellation)).Trim(),
            address,
            mtu,
            MemoryAvailable(await TextAsync("/proc/meminfo", cancellation)),
            disk.TotalSize,
            disk.AvailableFreeSpace);
    }

    /// <summary>The interface of the default route; without one, the first that is up and not loopback; without that, loopback itself.</summary>
    private static (string Address, int Mtu) Uplink()
    {
        var usable = NetworkInterface.GetAllNetworkInterfaces()
            .Where(card => card.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
            .Select(card => (Card: card, Properties: card.GetIPProperties()))
            .Where(entry => entry.Properties.UnicastAddresses.Any(unicast => unicast.Address.AddressFamily == AddressFamily.InterNetwork))
            .ToArray();
        var chosen = usable.FirstOrDefault(entry => entry.Properties.GatewayAddresses.Any(gateway => gateway.Address.AddressFamily == AddressFamily.InterNetwork && !gateway.Address.Equals(IPAddress.Any)));
        if (chosen.Card is null)
        {
            // Bridges are made by engines, ours among them; they lead nowhere.
            chosen = usable.FirstOrDefault(entry => entry.Card.NetworkInterfaceType != NetworkInterfaceType.Loopback && !Directory.Exists($"/sys/class/net/{entry.Card.Name}/bridge"));
        }

        if (chosen.Card is null)
        {
            return (IPAddress.Loopback.ToString(), 1500);
        }

        var address = chosen.Properties.UnicastAddresses.First(unicast => unicast.Address.AddressFamily == AddressFamily.InterNetwork).Address;
        return (address.ToString(), chosen.Properties.GetIPv4Properties().Mtu);
    }

    private static string OsImage(string osRelease) => osRelease.Split('\n')
        .FirstOrDefault(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?["PRETTY_NAME=".Length..].Trim().Trim('"') ?? "Linux";

    private static long MemoryAvailable(string meminfo) => meminfo.Split('\n')
        .Where(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024)
        .FirstOrDefault(long.MaxValue);

    private static async Task<string> TextAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellation);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // A container or a small machine has no DMI tables and no machine id; an empty fact says so.
            return "";
        }
    }
}
