using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers;

public sealed class DeploymentReconcilerTests
{
    private readonly ControllerWorld _world = new();

    [Fact]
    public async Task A_new_deployment_gets_a_replica_set_named_by_its_template_and_pods_named_by_that()
    {
        await _world.CreateAsync(ResourceTypes.Deployments, ControllerWorld.NewDeployment(3));
        await _world.FinishAsync();
        var set = Assert.Single(_world.ReplicaSets);
        var hash = set.Metadata.Labels[PodTemplate.HashLabel];
        Assert.Equal($"web-{hash}", set.Name);
        Assert.Equal(3, _world.ActivePods.Length);
        Assert.All(_world.Pods, pod => Assert.Matches($"^web-{hash}-[bcdfghjklmnpqrstvwxz2456789]{{5}}$", pod.Stored.Key.Name));
        Assert.Contains($"ScalingReplicaSet: Scaled up replica set web-{hash} from 0 to 3", _world.Events.All);
        Assert.Equal(3, _world.Events.All.Count(text => text.StartsWith("SuccessfulCreate: Created pod: web-", StringComparison.Ordinal)));
        var deployment = _world.Deployment;
        Assert.Equal("1", deployment.Metadata.Annotations["deployment.kubernetes.io/revision"]);
        Assert.Equal("3", set.Metadata.Annotations["deployment.kubernetes.io/desired-replicas"]);
        Assert.Equal("4", set.Metadata.Annotations["deployment.kubernetes.io/max-replicas"]);
        Assert.Equal((3, 3, 3, 3, 0), (deployment.Status.Replicas, deployment.Status.Updated, deployment.Status.Ready, deployment.Status.Available, deployment.Status.Unavailable));
        Assert.Equal("NewReplicaSetAvailable", deployment.Status.Progressing!.Reason);
        Assert.Equal($"ReplicaSet \"{set.Name}\" has successfully progressed.", deployment.Status.Progressing.Message);
        Assert.Equal("MinimumReplicasAvailable", deployment.Status.Conditions.OfType("Available")!.Reason);
        Assert.False(await _world.SettleAsync(0));
        Assert.True(await _world.SettleAsync(1), "a second look wrote something");
    }

    [Fact]
    public async Task The_first_status_says_that_the_replica_set_was_created()
    {
        await _world.CreateAsync(ResourceTypes.Deployments, ControllerWorld.NewDeployment(3));
        await _world.DeploymentLooksAsync();
        Assert.Equal("NewReplicaSetCreated", _world.Deployment.Status.Progressing!.Reason);
        Assert.Equal($"Created new replica set \"{_world.ReplicaSets.Single().Name}\"", _world.Deployment.Status.Progressing.Message);
        Assert.Equal("MinimumReplicasUnavailable", _world.Deployment.Status.Conditions.OfType("Available")!.Reason);
    }

    [Fact]
    public async Task A_rollout_that_is_paused_while_old_pods_are_yet_to_be_deleted_does_not_grow_into_their_room()
    {
        await _world.CreateAsync(ResourceTypes.Deployments, ControllerWorld.NewDeployment(4, surge: 2, unavailable: 3));
        await _world.FinishAsync();
        await _world.EditAsync(spec => spec["template"] = ControllerWorld.Template("web:2"));
        await _world.DeploymentLooksAsync();
        await NewSetLooksAsync();
        await _world.DeploymentLooksAsync();
        Assert.Equal([1, 2], _world.ReplicaSets.Select(set => set.Replicas).Order());
        Assert.Equal(6, _world.ActivePods.Length);

        await _world.EditAsync(spec => spec["paused"] = true);
        await _world.DeploymentLooksAsync();
        await NewSetLooksAsync();
        Assert.Equal(6, _world.ActivePods.Length);

        Assert.True(await _world.SettleAsync());
        Assert.Equal(6, _world.ReplicaSets.Sum(set => set.Replicas));
        Assert.Equal(6, _world.ActivePods.Length);

        Task NewSetLooksAsync() => _world.LookAsync(
            ReplicaSetController.Definition, _world.ReplicaSets.Single(set => set.Template.IsSameAs(_world.Deployment.Template)).Stored.Key);
    }

    [Fact]
    public async Task A_template_that_comes_back_reuses_its_replica_set_under_a_new_revision()
    {
        await _world.CreateAsync(ResourceTypes.Deployments, ControllerWorld.NewDeployment(4));
        await _world.FinishAsync();
        var first = _world.ReplicaSets.Single().Name;
        await _world.EditAsync(spec => spec["template"] = ControllerWorld.Template("web:2"));
        await _world.FinishAsync();
        Assert.Equal(2, _world.ReplicaSets.Count());
        Assert.Equal("2", _world.Deployment.Metadata.Annotations["deployment.kubernetes.io/revision"]);
        Assert.Equal(0, _world.ReplicaSets.Single(set => set.Name == first).Replicas);

        await _world.EditAsync(spec => spec["template"] = ControllerWorld.Template("web:1"));
        await _world.FinishAsync();
        var back = _world.ReplicaSets.Single(set => set.Name == first);
        Assert.Equal(4, back.Replicas);
        Assert.Equal("3", back.Metadata.Annotations["deployment.kubernetes.io/revision"]);
        Assert.Equal("1", back.Metadata.Annotations["deployment.kubernetes.io/revision-history"]);
        Assert.Equal("3", _world.Deployment.Metadata.Annotations["deployment.kubernetes.io/revision"]);
        Assert.Equal(4, _world.Ready);
    }

    [Fact]
    public async Task Old_replica_sets_beyond_the_history_limit_are_deleted_lowest_revision_first()
    {
        var deployment = ControllerWorld.NewDeployment(1);
        deployment["spec"]!["revisionHistoryLimit"] = 1;
        await _world.CreateAsync(ResourceTypes.Deployments, deployment);
        for (var version = 1; version <= 4; version++)
        {
            var image = $"web:{version}";
            await _world.EditAsync(spec => spec["template"] = ControllerWorld.Template(image));
            await _world.FinishAsync();
        }

        Assert.Equal(["3", "4"], _world.ReplicaSets.Select(set => set.Metadata.Annotations["deployment.kubernetes.io/revision"]).Order());
    }

    [Fact]
    public async Task Recreate_starts_nothing_new_before_the_last_old_pod_is_gone()
    {
        await _world.CreateAsync(ResourceTypes.Deployments, ControllerWorld.NewDeployment(2, strategy: "Recreate"));
        await _world.SettleAsync();
        foreach (var pod in _world.ActivePods)
        {
            // A bound pod terminates gracefully: it stays until the kubelet is done with it.
            await BindAsync(pod);
        }

        await _world.FinishAsync();
        await _world.EditAsync(spec => spec["template"] = ControllerWorld.Template("web:2"));
        await _world.SettleAsync();
        Assert.Empty(_world.ActivePods);
        Assert.Equal(2, _world.Pods.Count());
        Assert.Single(_world.ReplicaSets);
        foreach (var pod in _world.Pods.ToArray())
        {
            await _world.KillAsync(pod);
        }

        await _world.FinishAsync();
        Assert.Equal(2, _world.Ready);
        Assert.Equal(2, _world.ReplicaSets.Count());
    }

    [Fact]
    public async Task A_paused_deployment_scales_but_does_not_roll()
    {
        await _world.CreateAsync(ResourceTypes.Deployments, ControllerWorld.NewDeployment(2));
        await _world.FinishAsync();
        await _world.EditAsync(spec =>
        {
            spec["paused"] = true;
            spec["template"] = ControllerWorld.Template("web:2");
            spec["replicas"] = 5;
        });
        await _world.FinishAsync();
        Assert.Equal(5, Assert.Single(_world.ReplicaSets).Replicas);
        Assert.Equal(("Unknown", "DeploymentPaused"), (_world.Deployment.Status.Progressing!.Status, _world.Deployment.Status.Progressing.Reason));

        await _world.EditAsync(spec => spec.Remove("paused"));
        await _world.FinishAsync();
        Assert.Equal(2, _world.ReplicaSets.Count());
        Assert.Equal("NewReplicaSetAvailable", _world.Deployment.Status.Progressing!.Reason);
        Assert.Equal(5, _world.Deployment.Status.Updated);
    }

    [Fact]
    public async Task A_change_of_size_in_the_middle_of_a_rollout_is_shared_by_the_replica_sets()
    {
        await _world.CreateAsync(ResourceTypes.Deployments, ControllerWorld.NewDeployment(10, surge: 3, unavailable: 2));
        await _world.FinishAsync();
        await _world.EditAsync(spec => spec["template"] = ControllerWorld.Template("web:2"));
        await _world.SettleAsync();
        Assert.Equal([5, 8], _world.ReplicaSets.Select(set => set.Replicas).Order());
        await _world.EditAsync(spec => spec["replicas"] = 15);
        await _world.DeploymentLooksAsync();

        // The example of the Kubernetes documentation: 13 become 18, the larger set gets 3 and the smaller 2.
        Assert.Equal([7, 11], _world.ReplicaSets.Select(set => set.Replicas).Order());
    }

    [Fact]
    public async Task A_rollout_that_does_not_move_times_out_and_says_when_to_look_again()
    {
        var deployment = ControllerWorld.NewDeployment(1);
        deployment["spec"]!["progressDeadlineSeconds"] = 60;
        await _world.CreateAsync(ResourceTypes.Deployments, deployment);
        await _world.SettleAsync();
        var plan = Actors.Controllers.Deployments.DeploymentController.Definition.Reconcile(
            Observed.At(ControllerWorld.Web, _world.Ledger.View.Current), _world.Time.GetUtcNow());
        Assert.True(plan.IsNothing);
        Assert.Equal(_world.Time.GetUtcNow().AddSeconds(61), plan.RequeueAt);
        _world.Time.Advance(TimeSpan.FromSeconds(61));
        await _world.SettleAsync();
        var progressing = _world.Deployment.Status.Progressing!;
        Assert.Equal(("False", "ProgressDeadlineExceeded"), (progressing.Status, progressing.Reason));
        Assert.Equal($"ReplicaSet \"{_world.ReplicaSets.Single().Name}\" has timed out progressing.", progressing.Message);
        await _world.FinishAsync();
        Assert.Equal("NewReplicaSetAvailable", _world.Deployment.Status.Progressing!.Reason);
    }

    [Fact]
    public async Task A_name_that_is_taken_raises_the_collision_count_and_another_name_is_found()
    {
        await _world.CreateAsync(ResourceTypes.Deployments, ControllerWorld.NewDeployment(1));
        var taken = ControllerWorld.NewDeployment(1);
        var name = $"web-{_world.Deployment.Template.Hash(null)}";
        await _world.CreateAsync(ResourceTypes.ReplicaSets, new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "ReplicaSet",
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["app"] = "other" } },
            ["spec"] = new JsonObject
            {
                ["replicas"] = 0,
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "other" } },
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "other" } },
                    ["spec"] = taken["spec"]!["template"]!["spec"]!.DeepClone(),
                },
            },
        });
        await _world.FinishAsync();
        Assert.Equal(1, _world.Deployment.Status.CollisionCount);
        Assert.Equal(1, _world.Deployment.Status.Updated);
        Assert.Equal(2, _world.ReplicaSets.Count());
    }

    [Fact]
    public async Task An_orphaned_replica_set_that_is_selected_is_adopted_with_its_pods()
    {
        await _world.CreateAsync(ResourceTypes.Deployments, ControllerWorld.NewDeployment(2));
        await _world.FinishAsync();
        var set = _world.ReplicaSets.Single();
        await _world.ChangeAsync(set.Stored.Key, obj => obj["metadata"]!.AsObject().Remove("ownerReferences"));
        await _world.FinishAsync();
        Assert.Equal(_world.Deployment.Stored.Uid, _world.ReplicaSets.Single().Metadata.ControllerReference!.Uid);
        Assert.Equal(2, _world.ActivePods.Length);
    }

    [Theory]
    [InlineData(10, "25%", "25%", 3, 2)]
    [InlineData(1, "25%", "25%", 1, 0)]
    [InlineData(3, "0%", "10%", 0, 1)]
    [InlineData(4, "50%", "100%", 2, 4)]
    [InlineData(0, "25%", "25%", 0, 0)]
    public async Task Surge_rounds_up_and_unavailable_rounds_down_and_one_of_them_is_not_zero(int replicas, string surge, string unavailable, int maxSurge, int maxUnavailable)
    {
        await _world.CreateAsync(ResourceTypes.Deployments, ControllerWorld.NewDeployment(replicas, surge, unavailable));
        Assert.Equal((maxSurge, maxUnavailable), (_world.Deployment.MaxSurge, _world.Deployment.MaxUnavailable));
    }

    [Theory]
    [InlineData("""{"replicas":2,"updatedReplicas":3}""", "status.updatedReplicas: Invalid value: 3: cannot be greater than status.replicas")]
    [InlineData("""{"replicas":2,"readyReplicas":3}""", "status.readyReplicas: Invalid value: 3: cannot be greater than status.replicas")]
    [InlineData("""{"replicas":2,"readyReplicas":1,"availableReplicas":2}""", "status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas")]
    [InlineData("""{"replicas":-1}""", "status.replicas: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("""{"replicas":1,"collisionCount":1}""", "status.collisionCount: Invalid value: 1: cannot be decremented")]
    public async Task A_status_that_cannot_be_is_refused(string status, string why)
    {
        await _world.CreateAsync(ResourceTypes.Deployments, ControllerWorld.NewDeployment(1));
        await _world.ChangeAsync(ControllerWorld.Web, obj => obj["status"] = new JsonObject { ["collisionCount"] = 2 }, "status");
        var result = await _world.Store.UpdateAsync(
            ControllerWorld.Web,
            (_, obj) =>
            {
                obj["status"] = JsonNode.Parse(status);
                obj["status"]!["collisionCount"] ??= 2;
                return obj;
            },
            new ActorOrchestrator.Actors.Resources.WriteOptions("tester", "test") { Subresource = "status" });
        Assert.Contains(why, result.Failure!.Message);
    }

    private async Task BindAsync(PodView pod)
    {
        var result = await _world.Store.UpdateAsync(
            pod.Stored.Key,
            (_, tree) =>
            {
                tree["spec"]!["nodeName"] = "n1";
                return tree;
            },
            new ActorOrchestrator.Actors.Resources.WriteOptions("system:kube-scheduler", "bind") { Subresource = "binding" });
        Assert.True(result.Ok, result.Failure?.Message);
    }
}
