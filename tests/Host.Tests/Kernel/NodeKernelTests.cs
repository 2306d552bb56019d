using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Actors.ServiceNetworking.Routes;
using ActorOrchestrator.Host.Kernel;

namespace ActorOrchestrator.Host.Tests.Kernel;

[Collection("Kernel")]
public sealed class NodeKernelTests
{
    private static readonly NetworkSettings Network = new(
        Cidr.Parse("10.42.0.0/16"), Cidr.Parse("10.43.0.0/16"), "cluster.local", IPAddress.Parse("10.43.0.10"), NodeNamespace.Bridge);

    [KernelFact]
    public async Task Our_rules_in_docker_user_are_added_once_and_removed_without_touching_others()
    {
        await using var machine = await NodeNamespace.StartAsync(pods: 0);
        await machine.RunAsync(machine.Node, "iptables", "-N", "DOCKER-USER");
        await machine.RunAsync(machine.Node, "iptables", "-A", "DOCKER-USER", "-s", "198.51.100.0/24", "-m", "comment", "--comment", "the users own", "-j", "DROP");
        await machine.RunAsync(machine.Node, "iptables", "-A", "DOCKER-USER", "-j", "RETURN");
        var before = (await machine.RunAsync(machine.Node, "iptables", "-S", "DOCKER-USER")).Output;
        var rules = new DockerUserRules(machine.InNode, "orctest");

        Assert.Equal(2, (await EnsureAsync(rules)).Length);
        Assert.Empty(await EnsureAsync(rules));
        await rules.RemoveAsync(CancellationToken.None);

        Assert.Equal(before, (await machine.RunAsync(machine.Node, "iptables", "-S", "DOCKER-USER")).Output);
    }

    [KernelFact]
    public async Task Routes_of_ours_are_read_back_as_they_were_written()
    {
        await using var machine = await NodeNamespace.StartAsync(pods: 0);
        var routes = new IpRoutes(machine.InNode, 86);
        var route = new KernelRoute(Cidr.Parse("10.42.9.0/24"), IPAddress.Parse("192.0.2.9"), "up0", IPAddress.Parse("10.42.7.1"), 8607);

        await routes.ReplaceAsync(route with { Device = "" }, CancellationToken.None);
        Assert.Equal([route], await routes.OursAsync(CancellationToken.None));
        await routes.RemoveAsync(route, CancellationToken.None);
        Assert.Empty(await routes.OursAsync(CancellationToken.None));
    }

    [KernelFact]
    public async Task A_change_by_another_process_is_noticed()
    {
        await using var machine = await NodeNamespace.StartAsync(pods: 0);
        var netfilter = new NftNetfilter(machine.InNode);
        await netfilter.ApplyAsync("add table ip orctest\nadd chain ip orctest one\n", CancellationToken.None);
        Assert.Equal(["one"], (await netfilter.ChainsAsync("orctest", CancellationToken.None))!);
        await machine.RunAsync(machine.Node, "nft", "delete", "table", "ip", "orctest");
        Assert.Null(await netfilter.ChainsAsync("orctest", CancellationToken.None));
    }

    [KernelFact]
    public async Task The_kernel_lists_a_datagram_flow_and_forgets_it_when_told()
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var (to, from) = ((IPEndPoint)server.Client.LocalEndPoint!, (IPEndPoint)client.Client.LocalEndPoint!);
        await client.SendAsync(new byte[] { 1 }, to);
        var conntrack = new ConntrackNetlink();

        var flows = (await conntrack.UdpFlowsAsync(CancellationToken.None)).Where(flow => flow.SourcePort == from.Port && flow.DestinationPort == to.Port).ToArray();
        if (flows.Length == 0 && !File.Exists("/proc/sys/net/netfilter/nf_conntrack_count"))
        {
            return;
        }

        Assert.Equal(IPAddress.Loopback, Assert.Single(flows).ReplySource);
        await conntrack.DeleteAsync(flows, CancellationToken.None);
        await conntrack.DeleteAsync(flows, CancellationToken.None);
        Assert.DoesNotContain(flows[0], await conntrack.UdpFlowsAsync(CancellationToken.None));
    }

    private static async Task<ImmutableArray<string>> EnsureAsync(DockerUserRules rules)
    {
        var changes = ImmutableArray.CreateBuilder<string>();
        await rules.EnsureAsync(Network, changes, ImmutableArray.CreateBuilder<string>(), CancellationToken.None);
        return changes.ToImmutable();
    }
}
