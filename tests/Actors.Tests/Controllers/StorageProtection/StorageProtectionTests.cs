using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.StorageProtection;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers.StorageProtection;

public sealed class StorageProtectionTests
{
    private const string Leaving = ",\"deletionTimestamp\":\"2026-01-01T12:00:00Z\"";
    private readonly PlanWorld _world = new();

    private static ControllerDefinition Of(ResourceType type) => StorageProtectionReconciler.Definitions.Single(definition => definition.Observes[0] == type);

    private ObjectKey Claim(string more) => _world.Put(ResourceTypes.PersistentVolumeClaims, $$$"""{"metadata":{"name":"data","namespace":"default","uid":"c"{{{more}}}}}""");

    private ObjectKey Pod(string spec, string more = "") => _world.Put(ResourceTypes.Pods, $$$"""{"metadata":{"name":"p","namespace":"default","uid":"p"{{{more}}}},"spec":{{{spec}}}}""");

    [Fact]
    public void A_claim_that_came_without_protection_gets_it()
    {
        var key = Claim("");
        _world.Settle(Of(ResourceTypes.PersistentVolumeClaims), key);
        Assert.Equal("kubernetes.io/pvc-protection", Assert.Single(_world.Cluster.Find(key)!.Metadata.Finalizers));
    }

    [Theory]
    [InlineData("""{"nodeName":"n","volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"data"}}]}""", "", true)]
    [InlineData("""{"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"data"}}]}""", "", false)]
    [InlineData("""{"nodeName":"n","volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"other"}}]}""", "", false)]
    [InlineData("""{"nodeName":"n","volumes":[{"name":"v","emptyDir":{}}]}""", "", false)]
    [InlineData("""{"nodeName":"n","volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"data"}}]}""", Leaving + ",\"deletionGracePeriodSeconds\":0", true)]
    public void A_claim_that_is_being_deleted_stays_while_a_bound_pod_names_it(string spec, string metadata, bool stays)
    {
        var pod = Pod(spec, metadata);
        var key = Claim(Leaving + ",\"finalizers\":[\"kubernetes.io/pvc-protection\"]");
        var controller = Of(ResourceTypes.PersistentVolumeClaims);
        _world.Settle(controller, key);
        Assert.Equal(stays, _world.Cluster.Find(key) is not null);
        if (stays)
        {
            var last = _world.Cluster.Find(pod)!;
            _world.Remove(pod);
            Assert.Equal([key], controller.DirtiedBy(new Fact(FactVerb.Deleted, last, new Provenance("t", _world.Now, "t", Revision.None), last), _world.Cluster));
            _world.Settle(controller, key);
            Assert.Null(_world.Cluster.Find(key));
        }
    }

    [Theory]
    [InlineData("Bound", true)]
    [InlineData("Released", false)]
    public void A_volume_stays_while_it_is_bound(string phase, bool stays)
    {
        var key = _world.Put(
            ResourceTypes.PersistentVolumes, $$$"""{"metadata":{"name":"v","finalizers":["kubernetes.io/pv-protection"]{{{Leaving}}}},"status":{"phase":"{{{phase}}}"}}""");
        _world.Settle(Of(ResourceTypes.PersistentVolumes), key);
        Assert.Equal(stays, _world.Cluster.Find(key) is not null);
    }

    [Fact]
    public void An_attributes_class_stays_while_a_claim_has_it()
    {
        var key = _world.Put(ResourceTypes.VolumeAttributesClasses, $$$"""{"metadata":{"name":"fast","finalizers":["kubernetes.io/vac-protection"]{{{Leaving}}}}}""");
        var claim = _world.Put(ResourceTypes.PersistentVolumeClaims, """{"metadata":{"name":"c","namespace":"default"},"status":{"currentVolumeAttributesClassName":"fast"}}""");
        var controller = Of(ResourceTypes.VolumeAttributesClasses);
        _world.Settle(controller, key);
        Assert.NotNull(_world.Cluster.Find(key));
        _world.Remove(claim);
        _world.Settle(controller, key);
        Assert.Null(_world.Cluster.Find(key));
    }
}
