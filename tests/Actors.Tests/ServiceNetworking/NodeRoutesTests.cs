using System.Net;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Actors.ServiceNetworking.Routes;

namespace ActorOrchestrator.Actors.Tests.ServiceNetworking;

public sealed class NodeRoutesTests
{
    private static readonly NetworkSettings Network = new(
        Cidr.Parse("10.42.0.0/16"), Cidr.Parse("10.43.0.0/16"), "cluster.local", IPAddress.Parse("10.43.0.10"), "orc0");

    private static readonly IPAddress Gateway = IPAddress.Parse("10.42.0.1");
    private static readonly IPAddress Other = IPAddress.Parse("192.0.2.2");
    private static readonly NodeKernelWish Wish = new(Network, Cidr.Parse("10.42.0.0/24"), Gateway, [new NodeRoute(Cidr.Parse("10.42.1.0/24"), Other)]);
    private static readonly KernelRoute ToOther = new(Cidr.Parse("10.42.1.0/24"), Other, "eth0", Gateway, 8600);
    private static readonly KernelRoute ToServices = new(Cidr.Parse("10.43.0.0/16"), null, "orc0", Gateway, 8600);

    [Fact]
    public void Every_other_node_with_a_pod_network_gets_a_route_and_nothing_outside_the_cluster_is_rerouted()
    {
        NodeAddress[] nodes =
        [
            new("self", Cidr.Parse("10.42.0.0/24"), IPAddress.Parse("192.0.2.1")),
            new("other", Cidr.Parse("10.42.1.0/24"), Other),
            new("liar", Cidr.Parse("192.0.2.0/24"), IPAddress.Parse("192.0.2.3")),
            new("greedy", Cidr.Parse("10.42.0.0/16"), IPAddress.Parse("192.0.2.4")),
        ];

        Assert.Equal(Wish.Routes.AsEnumerable(), NodeRoutes.Desired(nodes, "self", Network));
    }

    [Fact]
    public void What_is_there_is_left_alone_and_what_is_not_wanted_goes()
    {
        var stale = ToOther with { Destination = Cidr.Parse("10.42.9.0/24") };
        var neighbours = ToOther with { Metric = 8601 };

        var (put, remove) = NodeRoutes.Plan(Wish, bridgeUp: true, new HashSet<IPAddress>(), [ToOther, ToServices, stale, neighbours]);

        Assert.Empty(put);
        Assert.Equal([stale], remove.AsEnumerable());
    }

    [Fact]
    public void A_node_on_this_machine_needs_no_route()
    {
        var (put, remove) = NodeRoutes.Plan(Wish, bridgeUp: true, new HashSet<IPAddress> { Other }, []);

        Assert.Equal([ToServices], put.AsEnumerable());
        Assert.Empty(remove);
    }
}
