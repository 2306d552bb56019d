using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Namespaces;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Tests.Controllers.Namespaces;

public sealed class NamespaceReconcilerTests
{
    private static readonly ObjectKey Shop = new(ResourceTypes.Namespaces, "", "shop");
    private readonly ControllerDefinition _namespaces = new NamespaceReconciler(ResourceCatalog.BuiltIn).Definition;
    private readonly PlanWorld _world = new();

    public NamespaceReconcilerTests() => _world.Put(
        ResourceTypes.Namespaces,
        """{"metadata":{"name":"shop","deletionTimestamp":"2026-01-01T12:00:00Z"},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Terminating"}}""");

    private Plan Look() => _namespaces.Reconcile(Observed.At(Shop, _world.Cluster), _world.Now);

    private string Condition(string type)
    {
        var condition = _world.Cluster.Find(Shop)!.ToJson()["status"]!["conditions"]!.AsArray().Single(item => (string?)item!["type"] == type)!;
        return $"{condition["status"]} {condition["reason"]}: {condition["message"]}";
    }

    [Fact]
    public void While_pods_remain_nothing_else_is_counted_or_touched()
    {
        _world.Put(ResourceTypes.Pods, """{"metadata":{"name":"p","namespace":"shop","deletionTimestamp":"2026-01-01T12:00:00Z","deletionGracePeriodSeconds":30,"finalizers":["example.com/hold"]},"status":{"phase":"Running"}}""");
        var config = _world.Put(ResourceTypes.ConfigMaps, """{"metadata":{"name":"c","namespace":"shop"}}""");
        _world.Settle(_namespaces, Shop);
        Assert.NotNull(_world.Cluster.Find(config));
        Assert.Equal("True SomeResourcesRemain: Some resources are remaining: pods. has 1 resource instances", Condition("NamespaceContentRemaining"));
        Assert.Equal("True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances", Condition("NamespaceFinalizersRemaining"));
        Assert.Equal("False ContentDeleted: All content successfully deleted, may be waiting on finalization", Condition("NamespaceDeletionContentFailure"));
    }

    [Fact]
    public void A_pod_that_outlives_its_grace_is_told_as_a_failure()
    {
        _world.Put(ResourceTypes.Pods, """{"metadata":{"name":"p","namespace":"shop","deletionTimestamp":"2026-01-01T12:00:00Z","deletionGracePeriodSeconds":30},"status":{"phase":"Running"}}""");
        _world.Carry(Look());
        Assert.StartsWith("False", Condition("NamespaceDeletionContentFailure"), StringComparison.Ordinal);
        Assert.Equal(_world.Now.AddSeconds(35), Look().RequeueAt);
        _world.Now = _world.Now.AddSeconds(35);
        _world.Settle(_namespaces, Shop);
        Assert.Equal(
            "True ContentDeletionFailed: Failed to delete all resource types, 1 remaining: unexpected items still remain in namespace: shop for gvr: /v1, Resource=pods",
            Condition("NamespaceDeletionContentFailure"));
        Assert.Null(Look().RequeueAt);
    }

    [Fact]
    public void What_was_refused_is_told()
    {
        _world.Put(ResourceTypes.ConfigMaps, """{"metadata":{"name":"c","namespace":"shop"}}""");
        var plan = Look();
        var refusal = new PlanFailure(plan.Steps[0].Actions[0], ApiStatus.Unavailable("admission webhook \"no.example.com\" denied the request"));
        _world.Carry(plan.Then!(new PlanOutcome([refusal]), Observed.At(Shop, _world.Cluster), _world.Now));
        Assert.Equal(
            "True ContentDeletionFailed: Failed to delete all resource types, 1 remaining: admission webhook \"no.example.com\" denied the request", Condition("NamespaceDeletionContentFailure"));
        Assert.Equal("True SomeResourcesRemain: Some resources are remaining: configmaps. has 1 resource instances", Condition("NamespaceContentRemaining"));
        Assert.True(plan.Then(PlanOutcome.Success, Observed.At(Shop, _world.Cluster), _world.Now).IsNothing);
    }

    [Fact]
    public void A_server_behind_an_APIService_that_does_not_answer_holds_the_namespace_and_is_named()
    {
        void Server(string available) => _world.Put(
            ResourceTypes.ApiServices,
            $$$"""{"metadata":{"name":"v1.weather.example.com"},"spec":{"group":"weather.example.com","version":"v1","service":{"namespace":"a","name":"b"}},"status":{"conditions":[{"type":"Available","status":"{{{available}}}"}]}}""");
        Server("False");
        _world.Settle(_namespaces, Shop);
        Assert.Equal(
            "True DiscoveryFailed: Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: weather.example.com/v1: stale GroupVersion discovery: weather.example.com/v1",
            Condition("NamespaceDeletionDiscoveryFailure"));
        Server("True");
        var fact = new Fact(FactVerb.Updated, _world.Cluster.All(ResourceTypes.ApiServices).Single(), new Provenance("t", _world.Now, "t", Revision.None), null);
        Assert.Equal([Shop], _namespaces.DirtiedBy(fact, _world.Cluster));
        _world.Settle(_namespaces, Shop);
        Assert.Null(_world.Cluster.Find(Shop));
    }
}
