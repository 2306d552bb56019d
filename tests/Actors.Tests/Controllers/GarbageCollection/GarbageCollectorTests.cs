using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.GarbageCollection;
using ActorOrchestrator.Actors.Controllers.Namespaces;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Tests.Controllers.GarbageCollection;

public sealed class GarbageCollectorTests
{
    private readonly ControllerDefinition _collector = new GarbageCollectorReconciler(ResourceCatalog.BuiltIn).Definition;
    private readonly PlanWorld _world = new();

    private static string Owned(string name, params (string Kind, string Name, string Uid)[] owners)
    {
        var references = owners.Select(owner =>
            $$"""{"apiVersion":"apps/v1","kind":"{{owner.Kind}}","name":"{{owner.Name}}","uid":"{{owner.Uid}}","blockOwnerDeletion":true}""");
        return $$$"""{"metadata":{"name":"{{{name}}}","namespace":"default","uid":"{{{name}}}","ownerReferences":[{{{string.Join(',', references)}}}]}}""";
    }

    private ObjectKey ReplicaSet(string name, string more = "") =>
        _world.Put(ResourceTypes.ReplicaSets, $$$"""{"metadata":{"name":"{{{name}}}","namespace":"default","uid":"{{{name}}}"{{{more}}}}}""");

    [Fact]
    public void What_has_lost_its_only_owner_goes()
    {
        var pod = _world.Put(ResourceTypes.Pods, Owned("p", ("ReplicaSet", "gone", "gone")));
        _world.Settle(_collector, pod);
        Assert.Null(_world.Cluster.Find(pod));
    }

    [Fact]
    public void Another_object_of_the_owners_name_is_not_the_owner()
    {
        ReplicaSet("rs");
        var pod = _world.Put(ResourceTypes.Pods, Owned("p", ("ReplicaSet", "rs", "an-earlier-uid")));
        _world.Settle(_collector, pod);
        Assert.Null(_world.Cluster.Find(pod));
    }

    [Fact]
    public void An_owner_in_another_namespace_does_not_count()
    {
        _world.Put(ResourceTypes.ReplicaSets, """{"metadata":{"name":"rs","namespace":"other","uid":"rs"}}""");
        var pod = _world.Put(ResourceTypes.Pods, Owned("p", ("ReplicaSet", "rs", "rs")));
        var notice = _collector.Reconcile(Observed.At(pod, _world.Cluster), _world.Now).Steps.SelectMany(step => step.Actions).OfType<RecordEvent>().Single();
        Assert.Equal(
            ("OwnerRefInvalidNamespace", "ownerRef [apps/v1/ReplicaSet, namespace: default, name: rs, uid: rs] does not exist in namespace \"default\""), (notice.Reason, notice.Message));
        _world.Settle(_collector, pod);
        Assert.Null(_world.Cluster.Find(pod));
    }

    [Fact]
    public void An_owner_of_a_kind_that_is_not_served_is_left_alone()
    {
        var pod = _world.Put(ResourceTypes.Pods, Owned("p", ("Gizmo", "g", "g")));
        _world.Settle(_collector, pod);
        Assert.NotNull(_world.Cluster.Find(pod));
    }

    [Fact]
    public void With_one_owner_left_only_the_reference_to_the_other_goes()
    {
        ReplicaSet("stays");
        var pod = _world.Put(ResourceTypes.Pods, Owned("p", ("ReplicaSet", "stays", "stays"), ("ReplicaSet", "gone", "gone")));
        _world.Settle(_collector, pod);
        Assert.Equal("stays", Assert.Single(_world.Cluster.Find(pod)!.Metadata.OwnerReferences).Name);
    }

    [Fact]
    public void In_the_foreground_the_owner_goes_after_what_blocks_it()
    {
        var owner = ReplicaSet("rs", ""","deletionTimestamp":"2026-01-01T12:00:00Z","finalizers":["foregroundDeletion"]""");
        var pod = _world.Put(ResourceTypes.Pods, Owned("p", ("ReplicaSet", "rs", "rs")));
        _world.Settle(_collector, owner);
        Assert.NotNull(_world.Cluster.Find(owner));
        _world.Settle(_collector, pod);
        Assert.Null(_world.Cluster.Find(pod));
        _world.Settle(_collector, owner);
        Assert.Null(_world.Cluster.Find(owner));
    }

    [Fact]
    public void Owners_in_a_circle_do_not_wait_for_each_other()
    {
        const string Going = ""","deletionTimestamp":"2026-01-01T12:00:00Z","finalizers":["foregroundDeletion"]""";
        ObjectKey[] circle =
        [
            ReplicaSet("a", Going + Owners("c")), ReplicaSet("b", Going + Owners("a")), ReplicaSet("c", Going + Owners("b")),
        ];
        var outside = _world.Put(ResourceTypes.Pods, Owned("p", ("ReplicaSet", "a", "a")));
        _world.Settle(_collector, circle[0]);
        Assert.NotNull(_world.Cluster.Find(circle[0]));
        foreach (var key in (ObjectKey[])[outside, circle[0], circle[2], circle[1]])
        {
            _world.Settle(_collector, key);
        }

        Assert.All(circle, key => Assert.Null(_world.Cluster.Find(key)));
    }

    private static string Owners(string owner) =>
        $$""","ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"{{owner}}","uid":"{{owner}}","blockOwnerDeletion":true}]""";

    [Fact]
    public void Orphans_lose_the_reference_and_stay()
    {
        var owner = ReplicaSet("rs", ""","deletionTimestamp":"2026-01-01T12:00:00Z","finalizers":["orphan"]""");
        var pod = _world.Put(ResourceTypes.Pods, Owned("p", ("ReplicaSet", "rs", "rs")));
        _world.Settle(_collector, owner);
        Assert.Null(_world.Cluster.Find(owner));
        Assert.Empty(_world.Cluster.Find(pod)!.Metadata.OwnerReferences);
    }

    [Fact]
    public void Pods_of_a_vanished_node_go_after_the_quarantine_and_not_before()
    {
        var sweep = new PodGarbageSweep(TimeSpan.FromSeconds(40), 1);
        var pod = _world.Put(ResourceTypes.Pods, """{"metadata":{"name":"p","namespace":"default"},"spec":{"nodeName":"gone"},"status":{"phase":"Running"}}""");
        _world.Carry(sweep.Sweep(_world.Cluster, _world.Now));
        _world.Carry(sweep.Sweep(_world.Cluster, _world.Now.AddSeconds(39)));
        Assert.NotNull(_world.Cluster.Find(pod));
        _world.Carry(sweep.Sweep(_world.Cluster, _world.Now.AddSeconds(40)));
        Assert.Null(_world.Cluster.Find(pod));
    }

    [Theory]
    [InlineData("Unknown", "node.kubernetes.io/out-of-service", true, true)]
    [InlineData("False", "node.kubernetes.io/out-of-service", true, true)]
    [InlineData("True", "node.kubernetes.io/out-of-service", true, false)]
    [InlineData("Unknown", "node.kubernetes.io/unreachable", true, false)]
    [InlineData("Unknown", "node.kubernetes.io/out-of-service", false, false)]
    public void Of_a_node_that_is_out_of_service_pods_that_are_being_deleted_go(string ready, string taint, bool deleting, bool goes)
    {
        _world.Put(
            ResourceTypes.Nodes,
            $$$"""{"metadata":{"name":"n"},"spec":{"taints":[{"key":"{{{taint}}}","effect":"NoExecute"}]},"status":{"conditions":[{"type":"Ready","status":"{{{ready}}}"}]}}""");
        var when = deleting ? "\"2026-01-01T12:00:00Z\"" : "null";
        var pod = _world.Put(ResourceTypes.Pods, $$$"""{"metadata":{"name":"p","namespace":"default","deletionTimestamp":{{{when}}}},"spec":{"nodeName":"n"},"status":{"phase":"Running"}}""");
        _world.Carry(new PodGarbageSweep(TimeSpan.FromSeconds(40), 0).Sweep(_world.Cluster, _world.Now));
        Assert.Equal(goes, _world.Cluster.Find(pod) is null);
    }

    [Fact]
    public void Of_too_many_terminated_pods_the_evicted_go_first_and_then_the_oldest()
    {
        void Pod(string name, int hour, string status) =>
            _world.Put(ResourceTypes.Pods, $$$"""{"metadata":{"name":"{{{name}}}","namespace":"default","creationTimestamp":"2026-01-01T0{{{hour}}}:00:00Z"},"status":{{{status}}}}""");
        Pod("old", 1, """{"phase":"Succeeded"}""");
        Pod("older", 0, """{"phase":"Running"}""");
        Pod("young", 5, """{"phase":"Failed"}""");
        Pod("evicted", 6, """{"phase":"Failed","reason":"Evicted"}""");
        string[] Left() => [.. _world.Cluster.All(ResourceTypes.Pods).Select(pod => pod.Key.Name)];
        _world.Carry(new PodGarbageSweep(TimeSpan.FromSeconds(40), 3).Sweep(_world.Cluster, _world.Now));
        Assert.Equal(["evicted", "old", "older", "young"], Left());
        _world.Carry(new PodGarbageSweep(TimeSpan.FromSeconds(40), 2).Sweep(_world.Cluster, _world.Now));
        Assert.Equal(["old", "older", "young"], Left());
        _world.Carry(new PodGarbageSweep(TimeSpan.FromSeconds(40), 1).Sweep(_world.Cluster, _world.Now));
        Assert.Equal(["older", "young"], Left());
    }

    [Fact]
    public void A_terminating_namespace_is_emptied_pods_first_and_then_let_go()
    {
        var namespaces = new NamespaceReconciler(ResourceCatalog.BuiltIn).Definition;
        var key = _world.Put(ResourceTypes.Namespaces, """{"metadata":{"name":"shop","deletionTimestamp":"2026-01-01T12:00:00Z"},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Terminating"}}""");
        var pod = _world.Put(ResourceTypes.Pods, """{"metadata":{"name":"p","namespace":"shop"}}""");
        var config = _world.Put(ResourceTypes.ConfigMaps, """{"metadata":{"name":"c","namespace":"shop","finalizers":["example.com/hold"]}}""");
        _world.Carry(namespaces.Reconcile(Observed.At(key, _world.Cluster), _world.Now));
        Assert.Null(_world.Cluster.Find(pod));
        Assert.Null(_world.Cluster.Find(config)!.Metadata.DeletionTimestamp);
        _world.Settle(namespaces, key);
        var conditions = _world.Cluster.Find(key)!.ToJson()["status"]!["conditions"]!.ToJsonString();
        Assert.Contains("Some resources are remaining: configmaps. has 1 resource instances", conditions);
        Assert.Contains("Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances", conditions);
        _world.Remove(config);
        _world.Settle(namespaces, key);
        Assert.Null(_world.Cluster.Find(key));
    }
}
