using ActorOrchestrator.Actors.Controllers.Bootstrap;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers.Bootstrap;

public sealed class NamespaceDefaultsTests
{
    private static readonly ObjectKey Shop = new(ResourceTypes.Namespaces, "", "shop");
    private static readonly ObjectKey Account = new(ResourceTypes.ServiceAccounts, "shop", "default");
    private static readonly ObjectKey Authority = new(ResourceTypes.ConfigMaps, "shop", "kube-root-ca.crt");
    private readonly ControllerDefinition _defaults = new NamespaceDefaultsReconciler("PEM").Definition;
    private readonly PlanWorld _world = new();

    public NamespaceDefaultsTests()
    {
        _world.Put(ResourceTypes.Namespaces, """{"metadata":{"name":"shop"}}""");
        _world.Settle(_defaults, Shop);
    }

    [Fact]
    public void A_namespace_has_an_account_and_knows_the_authority()
    {
        Assert.NotNull(_world.Cluster.Find(Account));
        var authority = _world.Cluster.Find(Authority)!;
        Assert.Equal("PEM", (string?)authority.ToJson()["data"]!["ca.crt"]);
        Assert.StartsWith("Contains a CA bundle that can be used to verify the kube-apiserver", authority.Metadata.Annotations["kubernetes.io/description"], StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_deleted_or_changed_is_put_right()
    {
        foreach (var key in (ObjectKey[])[Account, Authority])
        {
            var last = _world.Cluster.Find(key)!;
            _world.Remove(key);
            Assert.Equal([Shop], _defaults.DirtiedBy(new Fact(FactVerb.Deleted, last, new Provenance("t", _world.Now, "t", Revision.None), last), _world.Cluster));
            _world.Settle(_defaults, Shop);
            Assert.NotNull(_world.Cluster.Find(key));
        }

        var spoilt = _world.Cluster.Find(Authority)!.ToJson();
        spoilt["data"] = new System.Text.Json.Nodes.JsonObject { ["ca.crt"] = "another" };
        _world.Put(ResourceTypes.ConfigMaps, spoilt);
        _world.Settle(_defaults, Shop);
        Assert.Equal("PEM", (string?)_world.Cluster.Find(Authority)!.ToJson()["data"]!["ca.crt"]);
    }

    [Fact]
    public void A_namespace_that_goes_gets_nothing()
    {
        _world.Put(ResourceTypes.Namespaces, """{"metadata":{"name":"going","deletionTimestamp":"2026-01-01T12:00:00Z"}}""");
        Assert.True(_defaults.Reconcile(Observed.At(Shop with { Name = "going" }, _world.Cluster), _world.Now).IsNothing);
    }
}
