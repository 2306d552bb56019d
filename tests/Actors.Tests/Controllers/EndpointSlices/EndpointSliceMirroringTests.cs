using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.EndpointSlices;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers.EndpointSlices;

public sealed class EndpointSliceMirroringTests
{
    private static readonly ObjectKey Key = new(ResourceTypes.Endpoints, "default", "db");
    private readonly ControllerDefinition _mirror = EndpointSliceMirroringReconciler.Definition;
    private readonly PlanWorld _world = new();

    private void Service(string spec = "{}") => _world.Put(ResourceTypes.Services, $$"""{"metadata":{"name":"db","namespace":"default"},"spec":{{spec}}}""");

    private void Endpoints(string subsets, string metadata = "") =>
        _world.Put(ResourceTypes.Endpoints, $$"""{"metadata":{"name":"db","namespace":"default"{{metadata}}},"subsets":{{subsets}}}""");

    private JsonObject[] Slices() => [.. _world.Cluster.All(ResourceTypes.EndpointSlices).Select(slice => slice.ToJson()).OrderBy(slice => (string?)slice["addressType"])];

    [Fact]
    public void Addresses_of_both_families_are_mirrored_with_what_is_known_of_them()
    {
        Service();
        Endpoints(
            """[{"addresses":[{"ip":"10.1.0.1","nodeName":"n1","hostname":"a","targetRef":{"kind":"Pod","name":"p"}},{"ip":"fd00::1"}],"notReadyAddresses":[{"ip":"10.1.0.2"}],"ports":[{"name":"sql","port":5432,"protocol":"TCP"}]}]""",
            ""","labels":{"team":"a"},"annotations":{"note":"x","kubectl.kubernetes.io/last-applied-configuration":"{}","endpoints.kubernetes.io/last-change-trigger-time":"t"}""");
        _world.Settle(_mirror, Key);
        var (four, six) = (Slices()[0], Slices()[1]);
        Assert.Equal(
            """[{"addresses":["10.1.0.1"],"conditions":{"ready":true},"targetRef":{"kind":"Pod","name":"p"},"nodeName":"n1","hostname":"a"},{"addresses":["10.1.0.2"],"conditions":{"ready":false}}]""",
            four["endpoints"]!.ToJsonString());
        Assert.Equal("""[{"name":"sql","port":5432,"protocol":"TCP"}]""", four["ports"]!.ToJsonString());
        Assert.Equal("""{"team":"a","kubernetes.io/service-name":"db","endpointslice.kubernetes.io/managed-by":"endpointslicemirroring-controller.k8s.io"}""", four["metadata"]!["labels"]!.ToJsonString());
        Assert.Equal("""{"note":"x"}""", four["metadata"]!["annotations"]!.ToJsonString());
        Assert.Equal("Endpoints", (string?)four["metadata"]!["ownerReferences"]![0]!["kind"]);
        Assert.Equal(("IPv6", "fd00::1"), ((string?)six["addressType"], (string?)six["endpoints"]![0]!["addresses"]![0]));
    }

    [Fact]
    public void A_change_is_one_write_and_a_slice_that_is_not_needed_becomes_another()
    {
        Service();
        Endpoints("""[{"addresses":[{"ip":"10.1.0.1"}],"ports":[{"name":"","port":1,"protocol":"TCP"}]}]""");
        _world.Settle(_mirror, Key);
        var name = (string?)Slices()[0]["metadata"]!["name"];
        var before = _world.Writes;
        Endpoints("""[{"addresses":[{"ip":"10.1.0.9"}],"ports":[{"name":"","port":2,"protocol":"TCP"}]}]""");
        _world.Settle(_mirror, Key);
        var slice = Assert.Single(Slices());
        Assert.Equal((1, name, 2, "10.1.0.9"), (_world.Writes - before, (string?)slice["metadata"]!["name"], (int)slice["ports"]![0]!["port"]!, (string?)slice["endpoints"]![0]!["addresses"]![0]));
    }

    [Theory]
    [InlineData(""","labels":{"endpointslice.kubernetes.io/skip-mirror":"true"}""", "{}")]
    [InlineData(""","annotations":{"control-plane.alpha.kubernetes.io/leader":"{}"}""", "{}")]
    [InlineData("", """{"selector":{"app":"db"}}""")]
    [InlineData("", null)]
    public void Not_everything_is_mirrored_and_what_was_goes(string metadata, string? service)
    {
        const string Subsets = """[{"addresses":[{"ip":"10.1.0.1"}]}]""";
        Service();
        Endpoints(Subsets);
        _world.Settle(_mirror, Key);
        Assert.Single(Slices());
        Endpoints(Subsets, metadata);
        _world.Remove(Key with { Type = ResourceTypes.Services });
        if (service is not null)
        {
            Service(service);
        }

        _world.Settle(_mirror, Key);
        Assert.Empty(Slices());
    }

    [Fact]
    public void Beyond_a_thousand_addresses_and_for_what_is_no_address_an_event_tells()
    {
        Service();
        var addresses = Enumerable.Range(0, 1002).Select(i => i == 5 ? """{"ip":"nowhere"}""" : $$"""{"ip":"10.1.{{i / 250}}.{{i % 250}}"}""");
        Endpoints($$"""[{"addresses":[{{string.Join(',', addresses)}}]}]""");
        var plan = _mirror.Reconcile(Observed.At(Key, _world.Cluster), _world.Now);
        Assert.Equal(
            [
                "InvalidIPAddress: Skipped 1 invalid IP addresses when mirroring to EndpointSlices",
                "TooManyAddressesToMirror: A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 2 addresses were skipped",
            ],
            plan.Steps.SelectMany(step => step.Actions).OfType<RecordEvent>().Select(notice => $"{notice.Reason}: {notice.Message}"));
        _world.Settle(_mirror, Key);
        Assert.Equal(1000, Assert.Single(Slices())["endpoints"]!.AsArray().Count);
        Assert.True(_mirror.Reconcile(Observed.At(Key, _world.Cluster), _world.Now).IsNothing);
    }
}
