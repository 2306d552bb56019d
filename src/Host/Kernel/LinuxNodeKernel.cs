using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using ActorOrchestrator.Actors.ServiceNetworking.Routes;

namespace ActorOrchestrator.Host.Kernel;

/// <summary><see cref="INodeKernel"/> on Linux: /proc/sys, <c>ip</c> and <c>iptables</c>.</summary>
public sealed class LinuxNodeKernel(KernelCommand command, IpRoutes routes, DockerUserRules firewall, KernelSettingsJournal settings) : INodeKernel
{
    private const string BridgeNetfilterSetting = "net/bridge/bridge-nf-call-iptables";

    public async Task<NodeKernelReport> EnsureAsync(NodeKernelWish wish, CancellationToken cancellation)
    {
        var changes = ImmutableArray.CreateBuilder<string>();
        var warnings = ImmutableArray.CreateBuilder<string>();
        var bridge = wish.Network.Bridge;
        var bridgeUp = KernelSettingsJournal.Read($"net/ipv4/conf/{bridge}/route_localnet") is not null;
        Set("net/ipv4/ip_forward", "1", changes);
        var bridgeNetfilter = await EnsureBridgeNetfilterAsync(changes, warnings, cancellation);
        if (bridgeUp)
        {
            Set($"net/ipv4/conf/{bridge}/route_localnet", "1", changes);
            await firewall.EnsureAsync(wish.Network, changes, warnings, cancellation);
        }

        await EnsureRoutesAsync(wish, bridgeUp, changes, warnings, cancellation);
        return new NodeKernelReport(bridgeUp, bridgeNetfilter, changes.ToImmutable(), warnings.ToImmutable());
    }

    public async Task EnsureHairpinAsync(string bridge, CancellationToken cancellation)
    {
        if (KernelSettingsJournal.Read($"net/ipv4/conf/{bridge}/route_localnet") is null)
        {
            return;
        }

        var ports = await routes.PortsWithoutHairpinAsync(bridge, cancellation);
        if (ports.Count > 0)
        {
            await routes.SetHairpinAsync(ports, cancellation);
        }
    }

    /// <summary>
    /// Without it, the answer of a pod to a neighbour on the same bridge does not pass the translation back. Where the kernel has no
    /// br_netfilter the proxy translates the source of such traffic instead.
    /// </summary>
    private async Task<bool> EnsureBridgeNetfilterAsync(
        ImmutableArray<string>.Builder changes, ImmutableArray<string>.Builder warnings, CancellationToken cancellation)
    {
        if (KernelSettingsJournal.Read(BridgeNetfilterSetting) is null)
        {
            await command.RunAsync("modprobe", ["br_netfilter"], null, cancellation);
        }

        if (KernelSettingsJournal.Read(BridgeNetfilterSetting) is null)
        {
            warnings.Add("This kernel has no br_netfilter: a pod that calls a service answered by a pod of the same node is seen there with the node's address instead of its own.");
            return false;
        }

        Set(BridgeNetfilterSetting, "1", changes);
        return true;
    }

    private async Task EnsureRoutesAsync(
        NodeKernelWish wish, bool bridgeUp, ImmutableArray<string>.Builder changes, ImmutableArray<string>.Builder warnings, CancellationToken cancellation)
    {
        var (put, remove) = NodeRoutes.Plan(wish, bridgeUp, LocalAddresses(), await routes.OursAsync(cancellation));
        foreach (var route in remove)
        {
            await routes.RemoveAsync(route, cancellation);
            changes.Add($"removed the route to {route.Destination}");
        }

        foreach (var route in put)
        {
            try
            {
                await routes.ReplaceAsync(route, cancellation);
                changes.Add($"routed {route.Destination} {(route.Via is { } via ? $"via {via}" : $"to {route.Device}")}");
            }
            catch (NodeKernelException e)
            {
                // One node that is not on our network must not keep the others unreachable.
                warnings.Add($"The pods at {route.Destination} are unreachable: {e.Message}");
            }
        }

        foreach (var device in await DevicesAsync(wish.Routes.Select(route => route.Via), cancellation))
        {
            Set($"net/ipv4/conf/{device}/route_localnet", "1", changes);
        }
    }

    /// <summary>A node port on 127.0.0.1 may lead to a pod of another node; the kernel sends such packets only from interfaces that are told to.
    /// Packets that arrive for 127.0.0.0/8 from outside are dropped by our table.</summary>
    private async Task<IReadOnlyCollection<string>> DevicesAsync(IEnumerable<IPAddress> addresses, CancellationToken cancellation)
    {
        var devices = new HashSet<string>(StringComparer.Ordinal);
        foreach (var address in addresses.Except(LocalAddresses()))
        {
            try
            {
                if (await routes.DeviceToAsync(address, cancellation) is { } device && device != "lo")
                {
                    devices.Add(device);
                }
            }
            catch (NodeKernelException)
            {
                // There is no way to that node; the warning about its route says so already.
            }
        }

        return devices;
    }

    private void Set(string setting, string value, ImmutableArray<string>.Builder changes)
    {
        try
        {
            if (settings.Ensure(setting, value))
            {
                changes.Add($"set {setting.Replace('/', '.')} = {value}");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NodeKernelException($"The kernel setting {setting.Replace('/', '.')} cannot be set to {value}: {e.Message}", e);
        }
    }

    public static IReadOnlySet<IPAddress> LocalAddresses() =>
        NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(nic => nic.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .ToHashSet();
}
