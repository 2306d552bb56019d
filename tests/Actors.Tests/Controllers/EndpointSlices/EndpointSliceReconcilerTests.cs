using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Endpoints;
using ActorOrchestrator.Actors.Controllers.EndpointSlices;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Actors.Tests.Controllers.EndpointSlices;

public sealed class EndpointSliceReconcilerTests
{
    private readonly ControllerDefinition _slices = EndpointSliceReconciler.Definition;
    private readonly PlanWorld _world = new();

    public EndpointSliceReconcilerTests() => Node(_world);

    private static void Node(PlanWorld world, string labels = "{}") => world.Put(ResourceTypes.Nodes, $$$"""{"metadata":{"name":"n1","labels":{{{labels}}}}}""");

    private static string Service(string more = "") =>
        $$$"""{"metadata":{"name":"web","namespace":"default","labels":{"team":"a"}},"spec":{"clusterIP":"10.43.0.9","selector":{"app":"web"},"ports":[{"name":"http","port":80,"targetPort":"http","protocol":"TCP"}]{{{more}}}}}""";

    private static JsonObject Pod(int number, bool ready = true, bool terminating = false, int port = 8080, string app = "web", string phase = "Running", string? ip = null) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = $"p{number}",
            ["namespace"] = "default",
            ["uid"] = $"u{number}",
            ["labels"] = new JsonObject { ["app"] = app },
            ["deletionTimestamp"] = terminating ? "2026-01-01T12:00:00Z" : null,
        },
        ["spec"] = new JsonObject
        {
            ["nodeName"] = "n1",
            ["containers"] = new JsonArray(new JsonObject { ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["containerPort"] = port, ["protocol"] = "TCP" }) }),
        },
        ["status"] = new JsonObject
        {
            ["phase"] = phase,
            ["podIP"] = ip ?? $"10.42.{number / 250}.{1 + (number % 250)}",
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = ready ? "True" : "False" }),
        },
    };

    private JsonObject[] Slices() => [.. _world.Cluster.All(ResourceTypes.EndpointSlices).Select(slice => slice.ToJson())];

    private static IEnumerable<JsonObject> EndpointsIn(JsonObject slice) => slice["endpoints"]!.AsArray().Select(endpoint => endpoint!.AsObject());

    [Fact]
    public void A_ready_pod_is_an_endpoint_with_everything_that_upstream_says_of_it()
    {
        var key = _world.Put(ResourceTypes.Services, Service());
        _world.Put(ResourceTypes.Nodes, """{"metadata":{"name":"n1","labels":{"topology.kubernetes.io/zone":"z"}}}""");
        _world.Put(ResourceTypes.Pods, Pod(1));
        _world.Settle(_slices, key);
        var slice = Assert.Single(Slices());
        Assert.Equal("web", (string?)slice["metadata"]!["labels"]![EndpointSliceReconciler.ServiceNameLabel]);
        Assert.Equal(EndpointSliceReconciler.Manager, (string?)slice["metadata"]!["labels"]![EndpointSliceReconciler.ManagedByLabel]);
        Assert.Equal("a", (string?)slice["metadata"]!["labels"]!["team"]);
        Assert.Equal("""[{"name":"http","port":8080,"protocol":"TCP"}]""", slice["ports"]!.ToJsonString());
        Assert.Equal(
            """[{"addresses":["10.42.0.2"],"conditions":{"ready":true,"serving":true,"terminating":false},"targetRef":{"kind":"Pod","name":"p1","namespace":"default","uid":"u1"},"nodeName":"n1","zone":"z"}]""",
            slice["endpoints"]!.ToJsonString());
    }

    [Theory]
    [InlineData(true, false, "", true, true, false)]
    [InlineData(false, false, "", false, false, false)]
    [InlineData(true, true, "", false, true, true)]
    [InlineData(false, true, ""","publishNotReadyAddresses":true""", true, false, true)]
    public void Conditions_follow_the_pods_readiness_and_end(bool podReady, bool leaving, string service, bool ready, bool serving, bool terminating)
    {
        var key = _world.Put(ResourceTypes.Services, Service(service));
        _world.Put(ResourceTypes.Pods, Pod(1, podReady, leaving));
        _world.Settle(_slices, key);
        var conditions = EndpointsIn(Assert.Single(Slices())).Single()["conditions"]!;
        Assert.Equal((ready, serving, terminating), ((bool)conditions["ready"]!, (bool)conditions["serving"]!, (bool)conditions["terminating"]!));
    }

    [Fact]
    public void Pods_whose_port_of_that_name_differs_are_in_a_slice_of_their_own()
    {
        var key = _world.Put(ResourceTypes.Services, Service());
        _world.Put(ResourceTypes.Pods, Pod(1, port: 8080));
        _world.Put(ResourceTypes.Pods, Pod(2, port: 9090));
        _world.Settle(_slices, key);
        Assert.Equal([8080, 9090], Slices().Select(slice => (int)slice["ports"]![0]!["port"]!).Order());
    }

    [Fact]
    public void Two_hundred_and_fifty_pods_need_three_slices_and_one_change_writes_one_of_them()
    {
        var key = _world.Put(ResourceTypes.Services, Service());
        for (var i = 0; i < 250; i++)
        {
            _world.Put(ResourceTypes.Pods, Pod(i));
        }

        _world.Settle(_slices, key);
        Assert.Equal([50, 100, 100], Slices().Select(slice => EndpointsIn(slice).Count()).Order());
        var before = _world.Writes;
        _world.Put(ResourceTypes.Pods, Pod(7, ready: false));
        _world.Settle(_slices, key);
        Assert.Equal(1, _world.Writes - before);
    }

    [Fact]
    public void A_node_that_gets_another_zone_moves_its_endpoints_and_one_that_goes_takes_them_along()
    {
        var key = _world.Put(ResourceTypes.Services, Service());
        _world.Put(ResourceTypes.Pods, Pod(1));
        _world.Settle(_slices, key);
        Assert.Null(EndpointsIn(Slices()[0]).Single()["zone"]);

        var before = _world.Cluster;
        Node(_world, """{"topology.kubernetes.io/zone":"east"}""");
        var node = new ObjectKey(ResourceTypes.Nodes, "", "n1");
        Fact Change(FactVerb verb) => new(verb, (_world.Cluster.Find(node) ?? before.Find(node))!, new Provenance("t", _world.Now, "t", Revision.None), before.Find(node));
        Assert.Equal([key], _slices.DirtiedBy(Change(FactVerb.Updated), _world.Cluster));
        _world.Settle(_slices, key);
        Assert.Equal("east", (string?)EndpointsIn(Slices()[0]).Single()["zone"]);

        before = _world.Cluster;
        Assert.Empty(_slices.DirtiedBy(Change(FactVerb.Updated), _world.Cluster));
        _world.Remove(node);
        Assert.Equal([key], _slices.DirtiedBy(Change(FactVerb.Deleted), _world.Cluster));
        _world.Settle(_slices, key);
        Assert.Empty(EndpointsIn(Slices()[0]));
    }

    [Theory]
    [InlineData("", true, null)]
    [InlineData("PreferClose", true, """{"forZones":[{"name":"east"}]}""")]
    [InlineData("PreferSameZone", true, """{"forZones":[{"name":"east"}]}""")]
    [InlineData("PreferSameNode", true, """{"forZones":[{"name":"east"}],"forNodes":[{"name":"n1"}]}""")]
    [InlineData("PreferSameNode", false, null)]
    public void Hints_say_whom_a_ready_endpoint_is_for_first(string distribution, bool ready, string? hints)
    {
        Node(_world, """{"topology.kubernetes.io/zone":"east"}""");
        var key = _world.Put(ResourceTypes.Services, Service($",\"trafficDistribution\":\"{distribution}\""));
        _world.Put(ResourceTypes.Pods, Pod(1, ready));
        _world.Settle(_slices, key);
        Assert.Equal(hints, EndpointsIn(Slices()[0]).Single()["hints"]?.ToJsonString());
    }

    [Fact]
    public void Slices_of_a_service_that_is_gone_or_selects_nothing_go_too()
    {
        var key = _world.Put(ResourceTypes.Services, Service());
        _world.Put(ResourceTypes.Pods, Pod(1));
        _world.Settle(_slices, key);
        _world.Remove(key);
        _world.Settle(_slices, key);
        Assert.Empty(Slices());
    }

    [Fact]
    public void Slices_of_somebody_else_are_left_alone()
    {
        var key = _world.Put(ResourceTypes.Services, Service());
        _world.Put(ResourceTypes.EndpointSlices, """{"metadata":{"name":"mine","namespace":"default","labels":{"kubernetes.io/service-name":"web"}},"addressType":"IPv4","endpoints":[]}""");
        _world.Settle(_slices, key);
        _world.Remove(key);
        _world.Settle(_slices, key);
        Assert.Equal("mine", (string?)Assert.Single(Slices())["metadata"]!["name"]);
    }

    [Fact]
    public void Ready_endpoints_are_always_a_subset_of_the_ready_pods_and_no_pod_is_missing_or_doubled()
    {
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 1 << 20)).Resize(60).ToArbitrary(), steps =>
        {
            var world = new PlanWorld();
            Node(world);
            var key = world.Put(ResourceTypes.Services, Service());
            foreach (var number in steps)
            {
                var (pod, what) = (number % 40, number / 40);
                if (what % 7 == 0)
                {
                    world.Remove(new ObjectKey(ResourceTypes.Pods, "default", $"p{pod}"));
                }
                else
                {
                    world.Put(ResourceTypes.Pods, Pod(
                        pod, ready: what % 2 == 0, terminating: what % 5 == 0, port: 8080 + (what % 3), app: what % 11 == 0 ? "other" : "web",
                        phase: what % 13 == 0 ? "Failed" : "Running", ip: what % 17 == 0 ? "" : null));
                }

                if (what % 3 == 0)
                {
                    world.Settle(_slices, key);
                    Check(world);
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Touched_services_are_those_that_select_the_pod_before_or_after()
    {
        _world.Put(ResourceTypes.Services, Service());
        var pod = _world.Put(ResourceTypes.Pods, Pod(1));
        var before = _world.Cluster.Find(pod)!;
        _world.Put(ResourceTypes.Pods, Pod(1, app: "other"));
        var fact = new Contracts.Ledger.Fact(Contracts.Ledger.FactVerb.Updated, _world.Cluster.Find(pod)!, null!, before);
        Assert.Equal("web", Assert.Single(_slices.DirtiedBy(fact, _world.Cluster)).Name);
        var unchanged = fact with { Previous = fact.Object };
        Assert.Empty(_slices.DirtiedBy(unchanged, _world.Cluster));
    }

    [Fact]
    public void Endpoints_list_ready_and_unready_addresses_apart_and_settle()
    {
        var endpoints = EndpointsReconciler.Definition;
        var key = _world.Put(ResourceTypes.Services, Service());
        _world.Put(ResourceTypes.Pods, Pod(1));
        _world.Put(ResourceTypes.Pods, Pod(2, ready: false));
        _world.Put(ResourceTypes.Pods, Pod(3, terminating: true));
        _world.Settle(endpoints, key);
        var subset = Assert.Single(_world.Cluster.All(ResourceTypes.Endpoints)).ToJson()["subsets"]!.AsArray().Single()!;
        Assert.Equal("10.42.0.2", (string?)subset["addresses"]!.AsArray().Single()!["ip"]);
        Assert.Equal("10.42.0.3", (string?)subset["notReadyAddresses"]!.AsArray().Single()!["ip"]);
        Assert.Equal("""[{"port":8080,"protocol":"TCP","name":"http"}]""", subset["ports"]!.ToJsonString());
    }

    private static void Check(PlanWorld world)
    {
        var slices = world.Cluster.All(ResourceTypes.EndpointSlices).Select(slice => slice.ToJson()).ToArray();
        var all = slices.SelectMany(EndpointsIn).ToArray();
        var listed = all.Select(endpoint => (string)endpoint["targetRef"]!["uid"]!).Order().ToArray();
        var pods = world.Cluster.All(ResourceTypes.Pods).Select(PodEndpoint.Of).ToDictionary(pod => pod.Uid);
        var expected = world.Cluster.All(ResourceTypes.Pods).Where(pod => pod.Metadata.Labels["app"] == "web").Select(PodEndpoint.Of)
            .Where(pod => !pod.IsTerminated && pod.Address.Length > 0).Select(pod => pod.Uid).Order();
        Assert.Equal(expected, listed);
        Assert.All(slices, slice => Assert.True(EndpointsIn(slice).Count() <= 100));
        Assert.All(all.Where(endpoint => (bool)endpoint["conditions"]!["ready"]!), endpoint =>
        {
            var pod = pods[(string)endpoint["targetRef"]!["uid"]!];
            Assert.True(pod.IsReady && !pod.IsTerminating, $"{pod.Key} is listed as ready");
        });
    }
}
