using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.TestSupport;
using k8s.Models;

namespace ActorOrchestrator.Actors.Tests.NodeAgent;

public sealed class NodeLeaseTests : PatientTestKit
{
    private static readonly ObjectKey Key = new(ResourceTypes.Leases, "kube-node-lease", "n1");
    private readonly AgentWorld _world;

    public NodeLeaseTests() : base(AgentWorld.Hocon)
    {
        var settings = new AgentWorld(Sys).Settings;
        _world = new AgentWorld(Sys) { Settings = settings with { LeaseDuration = TimeSpan.FromSeconds(40) } };
    }

    [Fact]
    public void A_node_renews_its_lease_four_times_in_its_duration_once_there_is_a_place_for_it()
    {
        _world.StartAgent();
        _world.Advance(TimeSpan.FromSeconds(3));
        Assert.Null(_world.Reader.Current.Find(Key));
        _world.Create(ResourceTypes.Namespaces, """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"kube-node-lease"}}""");
        Until(() =>
        {
            _world.Advance(TimeSpan.FromSeconds(1));
            return _world.Reader.Current.Find(Key) is not null;
        });
        var first = Lease();
        Assert.Equal(("n1", 40), (first.Spec.HolderIdentity, first.Spec.LeaseDurationSeconds));
        Assert.Equal(("Node", "n1"), (first.Metadata.OwnerReferences[0].Kind, first.Metadata.OwnerReferences[0].Name));
        _world.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(first.Spec.RenewTime, Lease().Spec.RenewTime);
        _world.Advance(TimeSpan.FromSeconds(2));
        Until(() => Lease().Spec.RenewTime > first.Spec.RenewTime);
    }

    [Fact]
    public void A_renewal_that_failed_is_made_again_soon()
    {
        _world.Create(ResourceTypes.Namespaces, """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"kube-node-lease"}}""");
        _world.StartAgent();
        Until(() => _world.Reader.Current.Find(Key) is not null);
        var first = Lease();
        _world.Ledger.IsDown = true;
        _world.Advance(TimeSpan.FromSeconds(15));
        _world.Ledger.IsDown = false;
        Until(() =>
        {
            _world.Advance(TimeSpan.FromSeconds(1));
            return Lease().Spec.RenewTime > first.Spec.RenewTime;
        });
        Assert.True(Lease().Spec.RenewTime < first.Spec.RenewTime!.Value.AddSeconds(40));
    }

    private V1Lease Lease() => _world.Reader.Current.Find(Key)!.As<V1Lease>();

    private void Until(Func<bool> holds) => AwaitAssert(() => Assert.True(holds()), null, TimeSpan.FromMilliseconds(5));
}
