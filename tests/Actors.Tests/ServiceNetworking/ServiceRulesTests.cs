using System.Collections.Immutable;
using System.Net;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Actors.ServiceNetworking.Proxy;

namespace ActorOrchestrator.Actors.Tests.ServiceNetworking;

public sealed class ServiceRulesTests
{
    private const uint Mark = 0x00800000;

    private static readonly NetworkSettings Network = new(
        Cidr.Parse("10.42.0.0/16"), Cidr.Parse("10.43.0.0/16"), "cluster.local", IPAddress.Parse("10.43.0.10"), "orc0");

    private static readonly NodeNetwork Node = new("n1", Cidr.Parse("10.42.7.0/29"), BridgeNetfilter: true);

    private static readonly ServicePort Http = new("http", Protocol.Tcp, 80, 30080);

    private static readonly ServiceSpec Web = new()
    {
        Namespace = "guestbook",
        Name = "web",
        ClusterIp = IPAddress.Parse("10.43.0.77"),
        Ports = [Http],
    };

    public static TheoryData<string> Cases => new("cluster", "no-endpoints", "affinity", "external-local", "internal-local-elsewhere");

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_service_becomes_exactly_these_rules(string name)
    {
        var ruleset = name switch
        {
            "cluster" => Rules(Web, Ready(2), Ready(3, "n2")),
            "no-endpoints" => Rules(Web),
            "affinity" => Rules(Web with { AffinitySeconds = 600 }, Ready(2), Ready(3, "n2")),
            "external-local" => Rules(Web with { ExternalLocal = true, ExternalIps = [IPAddress.Parse("198.51.100.4")] }, Ready(2), Ready(3, "n2")),
            _ => Rules(Web with { InternalLocal = true }, Ready(3, "n2")),
        };

        Golden.Matches($"{name}.nft", NftScript.Change("orchestrator", NftRuleset.Empty, ruleset));
    }

    [Fact]
    public void The_fixed_part_is_exactly_this()
    {
        var settings = new ServiceProxySettings(
            "orchestrator", Mark, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));

        Golden.Matches("base.nft", BaseTable.Render(settings, Network, Node));
        Golden.Matches("base-without-br-netfilter.nft", BaseTable.Render(settings, Network, Node with { BridgeNetfilter = false }));
    }

    [Theory]
    [InlineData("n1", "east", "e/n1 e/n2 w/n3", "e/n1")]
    [InlineData("n9", "east", "e/n1 e/n2 w/n3", "e/n1 e/n2")]
    [InlineData("n9", "north", "e/n1 e/n2 w/n3", "e/n1 e/n2 w/n3")]
    [InlineData("n9", "", "e/n1 e/n2 w/n3", "e/n1 e/n2 w/n3")]
    [InlineData("n1", "east", "e/n1 e/n2 -/n3", "e/n1")]
    [InlineData("n9", "east", "e/n1 -/n2", "e/n1 -/n2")]
    [InlineData("n1", "east", "e/- w/-", "e/-")]
    [InlineData("n1", "east", "-/- w/n1", "-/- w/n1")]
    public void Hints_choose_the_near_endpoints_when_all_have_them_and_one_is_near(string node, string zone, string endpoints, string chosen)
    {
        ImmutableArray<string> Hint(string text, string full) => text == "-" ? [] : [full];
        EndpointSpec Spec(string text, int index)
        {
            var (forZone, forNode) = (text.Split('/')[0], text.Split('/')[1]);
            return Ready(index + 2) with { ForZones = Hint(forZone, forZone == "e" ? "east" : "west"), ForNodes = Hint(forNode, forNode) };
        }

        var all = endpoints.Split(' ');
        var specs = all.Select(Spec).ToArray();
        var selected = EndpointSelection.Select(specs, Http, Node with { NodeName = node, Zone = zone });
        Assert.Equal(chosen, string.Join(' ', selected.Select(spec => all[Array.IndexOf(specs, spec)])));
        Assert.Equal(specs.Length, EndpointSelection.Select(specs, Http).Length);
        Assert.Empty(EndpointSelection.Select(specs.Select(spec => spec with { Ready = false }), Http, Node));
    }

    [Fact]
    public void A_change_of_endpoints_touches_one_chain_and_no_element() =>
        Golden.Matches("change.nft", NftScript.Change("orchestrator", Rules(Web, Ready(2)), Rules(Web, Ready(2), Ready(3))));

    [Fact]
    public void The_same_rules_need_no_script() =>
        Assert.Empty(NftScript.Change("orchestrator", Rules(Web, Ready(3), Ready(2)), Rules(Web, Ready(2), Ready(3))));

    [Fact]
    public void Any_two_rulesets_are_one_script_apart_and_every_step_keeps_what_others_point_at()
    {
        var random = new Random(4711);
        var before = NftRuleset.Empty;
        for (var step = 0; step < 200; step++)
        {
            var endpoints = Enumerable.Range(2, random.Next(0, 5)).Select(index => Random(random, index)).ToArray();
            var service = Web with { AffinitySeconds = random.Next(3) == 0 ? 100 * random.Next(1, 3) : null, ExternalLocal = random.Next(2) == 0, InternalLocal = random.Next(3) == 0 };
            var after = Rules(service, endpoints);
            AssertWhole(after);
            AssertOnlyChosen(after, endpoints);
            Assert.Equal(after.Chains.Keys.Except(before.Chains.Keys).Count(), Lines(before, after, "add chain "));
            Assert.Equal(before.Chains.Keys.Except(after.Chains.Keys).Count(), Lines(before, after, "delete chain "));
            before = after;
        }
    }

    [Fact]
    public void A_stale_datagram_flow_is_one_that_goes_to_no_present_endpoint()
    {
        var dns = Web with { Ports = [new ServicePort("dns", Protocol.Udp, 53, 30053)] };
        var endpoint = Ready(2) with { PortName = "dns", Protocol = Protocol.Udp };
        var targets = UdpTargets.Of([dns], _ => [new EndpointSliceSpec("web", [endpoint])], []);
        UdpFlow Flow(string destination, int port, string replier, int replyPort) =>
            new(IPAddress.Parse("10.42.7.5"), 4000, IPAddress.Parse(destination), port, IPAddress.Parse(replier), replyPort);
        UdpFlow[] stale = [Flow("10.43.0.77", 53, "10.42.7.9", 8080), Flow("10.43.0.77", 53, "10.43.0.77", 53), Flow("192.0.2.1", 30053, "192.0.2.1", 30053)];
        UdpFlow[] good = [Flow("10.43.0.77", 53, "10.42.7.2", 8080), Flow("192.0.2.1", 30053, "10.42.7.2", 8080), Flow("192.0.2.7", 30053, "192.0.2.7", 30053), Flow("10.43.0.78", 53, "10.42.7.9", 53)];

        Assert.Equal(stale, targets.Stale([.. stale, .. good], new HashSet<IPAddress> { IPAddress.Parse("192.0.2.1") }));
    }

    /// <summary>Everything that is jumped to exists.</summary>
    private static void AssertWhole(NftRuleset ruleset)
    {
        foreach (var verdict in ruleset.Elements.Values.Concat(ruleset.Chains.Values.SelectMany(rules => rules)).Where(text => text.Contains("goto ")))
        {
            foreach (var target in verdict.Split("goto ").Skip(1).Select(rest => rest.Split(' ', ',')[0]))
            {
                Assert.True(target == ServiceRules.RefuseChain || ruleset.Chains.ContainsKey(target), $"{target} does not exist");
            }
        }
    }

    private static void AssertOnlyChosen(NftRuleset ruleset, EndpointSpec[] endpoints)
    {
        var anyReady = endpoints.Any(endpoint => endpoint.Ready);
        foreach (var endpoint in endpoints.Where(endpoint => anyReady ? !endpoint.Ready : !(endpoint.Serving && endpoint.Terminating)))
        {
            var chosenLocally = endpoint is { Serving: true, Terminating: true, NodeName: "n1" };
            Assert.True(chosenLocally || !ruleset.Chains.Values.Any(rules => rules.Any(rule => rule.Contains($"{endpoint.Address} ") || rule.Contains($"{endpoint.Address}:"))));
        }
    }

    private static int Lines(NftRuleset from, NftRuleset to, string start) =>
        NftScript.Change("orchestrator", from, to).Split('\n').Count(line => line.StartsWith(start, StringComparison.Ordinal));

    private static EndpointSpec Random(Random random, int index) => Ready(index, random.Next(2) == 0 ? "n1" : "n2") with
    {
        Ready = random.Next(2) == 0,
        Serving = random.Next(2) == 0,
        Terminating = random.Next(2) == 0,
    };

    private static EndpointSpec Ready(int index, string node = "n1") =>
        new("http", Protocol.Tcp, IPAddress.Parse($"10.42.7.{index}"), 8080, node, Ready: true, Serving: true, Terminating: false);

    private static NftRuleset Rules(ServiceSpec service, params EndpointSpec[] endpoints) =>
        ServiceRules.Of(service, [new EndpointSliceSpec(service.Name, [.. endpoints])], Node, Network, Mark);
}
