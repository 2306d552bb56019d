using System.Net;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Actors.ServiceNetworking.Proxy;
using ActorOrchestrator.Host.Kernel;

namespace ActorOrchestrator.Host.Tests.Kernel;

[Collection("Kernel")]
public sealed class ServiceRulesInKernelTests
{
    private const uint Mark = 0x00800000;

    private static readonly NetworkSettings Network = new(
        Cidr.Parse("10.42.0.0/16"), Cidr.Parse("10.43.0.0/16"), "cluster.local", IPAddress.Parse("10.43.0.10"), NodeNamespace.Bridge);

    private static readonly ServiceProxySettings Settings = new(
        "orctest", Mark, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));

    private static readonly NodeNetwork Node = new("n1", Cidr.Parse("10.42.7.0/24"), BridgeNetfilter: true);

    private static readonly ServiceSpec Web = new()
    {
        Namespace = "guestbook",
        Name = "web",
        ClusterIp = IPAddress.Parse("10.43.0.77"),
        Ports = [new ServicePort("http", Protocol.Tcp, 80, 30080)],
    };

    [KernelFact]
    public async Task Every_replica_answers_in_turn_through_the_cluster_ip_and_the_node_port()
    {
        await using var machine = await NodeNamespace.StartAsync(pods: 3);
        await ReplaceAsync(machine, Rules(Web, 0, 1, 2));
        await HairpinAsync(machine);

        Assert.Equal(["pod0", "pod1", "pod2"], await TurnAsync(machine, machine.Node, "10.43.0.77", 3));
        Assert.Equal(["pod0", "pod1", "pod2"], await TurnAsync(machine, machine.Pod(0), "10.43.0.77", 3));
        Assert.Equal(["pod0", "pod1", "pod2"], await TurnAsync(machine, machine.Client, "192.0.2.8:30080", 3));
        Assert.Equal(["pod0", "pod1", "pod2"], await TurnAsync(machine, machine.Node, "127.0.0.1:30080", 3));
        Assert.Equal(["pod0", "pod1", "pod2"], await TurnAsync(machine, machine.Node, "192.0.2.8:30080", 3));
    }

    [KernelFact]
    public async Task A_pod_reaches_itself_through_its_own_service()
    {
        await using var machine = await NodeNamespace.StartAsync(pods: 1);
        await ReplaceAsync(machine, Rules(Web, 0));
        await HairpinAsync(machine);

        Assert.Equal("pod0", await machine.GetAsync(machine.Pod(0), "10.43.0.77"));
    }

    [KernelFact]
    public async Task A_service_without_endpoints_refuses_at_once_and_works_as_soon_as_it_has_one()
    {
        await using var machine = await NodeNamespace.StartAsync(pods: 2);
        var netfilter = new NftNetfilter(machine.InNode);
        var none = Rules(Web);
        await ReplaceAsync(machine, none);
        await RefusedAsync(machine, machine.Node, "10.43.0.77");
        await RefusedAsync(machine, machine.Pod(1), "10.43.0.77");
        await RefusedAsync(machine, machine.Pod(1), "10.43.0.77:81");
        await RefusedAsync(machine, machine.Client, "192.0.2.8:30080");

        var one = Rules(Web, 0);
        await netfilter.ApplyAsync(NftScript.Change("orctest", none, one), CancellationToken.None);
        Assert.Equal("pod0", await machine.GetAsync(machine.Pod(1), "10.43.0.77"));
        Assert.Equal("pod0", await machine.GetAsync(machine.Client, "192.0.2.8:30080"));

        await netfilter.ApplyAsync(NftScript.Change("orctest", one, NftRuleset.Empty), CancellationToken.None);
        Assert.Equal(BaseTable.Chains.Order(), (await netfilter.ChainsAsync("orctest", CancellationToken.None))!.Order());
    }

    [KernelFact]
    public async Task A_client_with_affinity_stays_with_its_pod_even_when_the_table_is_replaced()
    {
        await using var machine = await NodeNamespace.StartAsync(pods: 3);
        var sticky = Rules(Web with { AffinitySeconds = 600 }, 0, 1, 2);
        await ReplaceAsync(machine, sticky);
        var first = Assert.Single((await TurnAsync(machine, machine.Client, "192.0.2.8:30080", 4)).Distinct());

        var netfilter = new NftNetfilter(machine.InNode);
        var affinities = await netfilter.AffinitiesAsync("orctest", CancellationToken.None);
        Assert.Contains(affinities, entry => entry.Client == "192.0.2.9" && entry.ExpiresSeconds is > 500 and <= 600);
        await netfilter.ApplyAsync(NftScript.Replace(Settings, Network, Node, sticky, affinities), CancellationToken.None);
        Assert.Equal([first], (await TurnAsync(machine, machine.Client, "192.0.2.8:30080", 4)).Distinct());
    }

    [KernelFact]
    public async Task The_local_policy_keeps_the_clients_address_and_drops_where_there_is_no_local_endpoint()
    {
        await using var machine = await NodeNamespace.StartAsync(pods: 2);
        await ReplaceAsync(machine, Rules(Web with { ExternalLocal = true }, 0, 1));
        Assert.Equal(["pod0", "pod1"], await TurnAsync(machine, machine.Client, "192.0.2.8:30080", 2));
    }

    [KernelFact]
    public async Task A_change_by_somebody_else_is_reported_and_our_own_is_not()
    {
        await using var machine = await NodeNamespace.StartAsync(pods: 0);
        var netfilter = new NftNetfilter(machine.InNode);
        var foreign = new TaskCompletionSource();
        await ReplaceAsync(netfilter, Rules(Web));
        var transactions = new NftMonitor.Transactions("orctest", id => id == 7, () => foreign.TrySetResult());
        transactions.OnLine("add rule ip orctest svc-1 accept");
        transactions.OnLine("# new generation 4 by process 7 (nft)");
        transactions.OnLine("add rule ip other svc-1 accept");
        transactions.OnLine("# new generation 5 by process 8 (nft)");
        Assert.False(foreign.Task.IsCompleted);
        transactions.OnLine("delete table ip orctest");
        transactions.OnLine("# new generation 6 by process 8 (nft)");
        Assert.True(foreign.Task.IsCompleted);
    }

    private static NftRuleset Rules(ServiceSpec service, params int[] pods)
    {
        var endpoints = pods.Select(pod => new EndpointSpec(
            "http", Protocol.Tcp, IPAddress.Parse(NodeNamespace.PodAddress(pod)), 8080, "n1", Ready: true, Serving: true, Terminating: false));
        var slice = new EndpointSliceSpec(service.Name, [.. endpoints]);
        return ServiceRules.Build([service], new[] { slice }.ToLookup(one => ("guestbook", one.Service)), Node, Network, Mark);
    }

    private static Task ReplaceAsync(NodeNamespace machine, NftRuleset ruleset) => ReplaceAsync(new NftNetfilter(machine.InNode), ruleset);

    private static Task ReplaceAsync(INetfilter netfilter, NftRuleset ruleset) =>
        netfilter.ApplyAsync(NftScript.Replace(Settings, Network, Node, ruleset, []), CancellationToken.None);

    private static async Task HairpinAsync(NodeNamespace machine)
    {
        var routes = new IpRoutes(machine.InNode, 86);
        await routes.SetHairpinAsync(await routes.PortsWithoutHairpinAsync(NodeNamespace.Bridge, CancellationToken.None), CancellationToken.None);
        Assert.Empty(await routes.PortsWithoutHairpinAsync(NodeNamespace.Bridge, CancellationToken.None));
    }

    private static async Task RefusedAsync(NodeNamespace machine, string from, string authority)
    {
        var started = TimeProvider.System.GetTimestamp();
        Assert.Null(await machine.GetAsync(from, authority));
        var took = TimeProvider.System.GetElapsedTime(started);
        Assert.True(took < TimeSpan.FromSeconds(8), $"{authority} hung for {took} instead of being refused from {from}");
    }

    private static async Task<List<string?>> TurnAsync(NodeNamespace machine, string from, string authority, int times)
    {
        var answers = new List<string?>();
        for (var time = 0; time < times; time++)
        {
            answers.Add(await machine.GetAsync(from, authority));
        }

        answers.Sort(StringComparer.Ordinal);
        return answers;
    }
}
