using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers;

public sealed class ReplicaSetReconcilerTests
{
    private static readonly ObjectKey Key = new(ResourceTypes.ReplicaSets, ControllerWorld.Namespace, "web");
    private readonly ControllerWorld _world = new();

    private static JsonObject NewSet(int replicas, int minReadySeconds = 0) => new()
    {
        ["apiVersion"] = "apps/v1",
        ["kind"] = "ReplicaSet",
        ["metadata"] = new JsonObject { ["name"] = "web" },
        ["spec"] = new JsonObject
        {
            ["replicas"] = replicas,
            ["minReadySeconds"] = minReadySeconds,
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "web" } },
            ["template"] = ControllerWorld.Template("web:1"),
        },
    };

    private ReplicaSetView Set => _world.ReplicaSets.Single();

    private Task<bool> LookAsync() => _world.LookAsync(ReplicaSetController.Definition, Key);

    [Fact]
    public async Task One_look_creates_every_missing_pod_and_counts_them()
    {
        await _world.CreateAsync(ResourceTypes.ReplicaSets, NewSet(20));
        await LookAsync();
        Assert.Equal(20, _world.ActivePods.Length);
        Assert.Equal((20, 20, 0, 0), (Set.Status.Replicas, Set.Status.FullyLabeled, Set.Status.Ready, Set.Status.Available));
        Assert.Equal(1, Set.Status.ObservedGeneration);
        Assert.False(await LookAsync(), "a second look wrote something");
    }

    [Fact]
    public async Task A_ReplicationController_keeps_its_replicas_by_the_map_that_selects_them_and_takes_orphans()
    {
        var key = new ObjectKey(ResourceTypes.ReplicationControllers, ControllerWorld.Namespace, "old");
        await _world.CreateAsync(ResourceTypes.ReplicationControllers, new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ReplicationController",
            ["metadata"] = new JsonObject { ["name"] = "old" },
            ["spec"] = new JsonObject
            {
                ["replicas"] = 3, ["selector"] = new JsonObject { ["app"] = "web" }, ["template"] = ControllerWorld.Template("web:1"),
            },
        });
        var orphan = ControllerWorld.Template("web:1");
        (orphan["apiVersion"], orphan["kind"]) = ("v1", "Pod");
        orphan["metadata"]!["name"] = "orphan";
        await _world.CreateAsync(ResourceTypes.Pods, orphan);

        await _world.LookAsync(ReplicaSetController.OfReplicationControllers, key);

        Assert.Equal(3, _world.ActivePods.Length);
        Assert.All(_world.ActivePods, pod => Assert.Equal(("ReplicationController", "v1"), (pod.Stored.Metadata.ControllerReference!.Kind, pod.Stored.Metadata.ControllerReference!.ApiVersion)));
        Assert.Contains(_world.ActivePods, pod => pod.Stored.Key.Name == "orphan");
    }

    [Fact]
    public async Task A_pod_that_failed_succeeded_or_is_being_deleted_is_replaced()
    {
        await _world.CreateAsync(ResourceTypes.ReplicaSets, NewSet(3));
        await LookAsync();
        await _world.FailAsync(_world.ActivePods[0]);
        await _world.KillAsync(_world.ActivePods[0]);
        await LookAsync();
        Assert.Equal(3, _world.ActivePods.Length);
        Assert.Equal(4, _world.Pods.Count());
    }

    [Fact]
    public async Task Too_many_pods_are_deleted_and_reported()
    {
        await _world.CreateAsync(ResourceTypes.ReplicaSets, NewSet(5));
        await LookAsync();
        await _world.SetReadyAsync(_world.ActivePods[1], ready: true);
        var ready = _world.ActivePods.Single(pod => pod.IsReady).Stored.Uid;
        await _world.ChangeAsync(Key, obj => obj["spec"]!["replicas"] = 1);
        await LookAsync();
        Assert.Equal(ready, Assert.Single(_world.ActivePods).Stored.Uid);
        Assert.Equal(4, _world.Events.All.Count(text => text.StartsWith("SuccessfulDelete: Deleted pod: web-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_pod_whose_labels_no_longer_match_is_released_and_replaced()
    {
        await _world.CreateAsync(ResourceTypes.ReplicaSets, NewSet(2));
        await LookAsync();
        var released = _world.ActivePods[0].Stored.Key;
        await _world.ChangeAsync(released, obj => obj["metadata"]!["labels"]!["app"] = "debug");
        await LookAsync();
        Assert.Equal(3, _world.ActivePods.Length);
        Assert.Empty(_world.Ledger.View.Current.Find(released)!.Metadata.OwnerReferences);
        Assert.Equal(2, Set.Status.Replicas);
    }

    [Fact]
    public async Task An_orphan_that_matches_is_adopted_instead_of_creating_another()
    {
        var orphan = ControllerWorld.Template("web:1");
        orphan["metadata"]!["name"] = "orphan";
        orphan["apiVersion"] = "v1";
        orphan["kind"] = "Pod";
        await _world.CreateAsync(ResourceTypes.Pods, orphan);
        await _world.CreateAsync(ResourceTypes.ReplicaSets, NewSet(2));
        await LookAsync();
        Assert.Equal(2, _world.ActivePods.Length);
        var adopted = _world.ActivePods.Single(pod => pod.Stored.Key.Name == "orphan").Stored.Metadata.ControllerReference!;
        Assert.Equal(("apps/v1", "ReplicaSet", "web", Set.Stored.Uid, true), (adopted.ApiVersion, adopted.Kind, adopted.Name, adopted.Uid, adopted.BlockOwnerDeletion));
    }

    [Fact]
    public async Task A_refused_creation_is_tried_once_and_shows_as_a_condition_until_it_works()
    {
        var set = NewSet(50);
        set["spec"]!["template"]!["spec"]!["priorityClassName"] = "nobody-made-this";
        await _world.CreateAsync(ResourceTypes.ReplicaSets, set);
        await LookAsync();
        var failed = Assert.Single(_world.Events.All);
        Assert.StartsWith("FailedCreate: Error creating: pods \"web-", failed);
        var condition = Set.Status.Conditions.OfType("ReplicaFailure")!;
        Assert.Equal(("True", "FailedCreate"), (condition.Status, condition.Reason));
        Assert.Contains("no PriorityClass with name nobody-made-this was found", condition.Message);

        await _world.ChangeAsync(Key, obj => obj["spec"]!["template"]!["spec"]!.AsObject().Remove("priorityClassName"));
        await LookAsync();
        Assert.Equal(50, _world.ActivePods.Length);
        Assert.Null(Set.Status.Conditions.OfType("ReplicaFailure"));
    }

    [Fact]
    public async Task A_ready_pod_is_available_only_after_min_ready_seconds_and_the_set_looks_again_then()
    {
        await _world.CreateAsync(ResourceTypes.ReplicaSets, NewSet(1, minReadySeconds: 30));
        await LookAsync();
        await _world.SetReadyAsync(_world.ActivePods[0], ready: true);
        await LookAsync();
        Assert.Equal((1, 0), (Set.Status.Ready, Set.Status.Available));
        var plan = ReplicaSetReconciler.Reconcile(Observed.At(Key, _world.Ledger.View.Current), _world.Time.GetUtcNow());
        Assert.True(plan.IsNothing);
        Assert.Equal(_world.Time.GetUtcNow().AddSeconds(30), plan.RequeueAt);
        _world.Time.Advance(TimeSpan.FromSeconds(30));
        await LookAsync();
        Assert.Equal(1, Set.Status.Available);
    }

    [Fact]
    public async Task A_set_that_is_being_deleted_neither_creates_nor_deletes()
    {
        await _world.CreateAsync(ResourceTypes.ReplicaSets, NewSet(2));
        await LookAsync();
        var marked = await _world.Store.DeleteAsync(Key, new DeleteRequest(PropagationPolicy: "Foreground"), new WriteOptions("tester", "delete"));
        Assert.True(marked.Ok);
        await _world.KillAsync(_world.ActivePods[0]);
        await LookAsync();
        Assert.Single(_world.ActivePods);
    }
}
