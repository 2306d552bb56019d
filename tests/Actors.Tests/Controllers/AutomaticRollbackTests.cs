using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers;

public sealed class AutomaticRollbackTests
{
    private readonly ControllerWorld _world = new();

    private ReplicaSetView Of(string image) => _world.ReplicaSets.Single(set => set.Template.ToJson()["spec"]!["containers"]![0]!["image"]!.ToString() == image);

    private Condition? RolledBack => _world.Deployment.Status.Conditions.OfType("RolledBack");

    private async Task StartAsync(int replicas = 4, string strategy = "RollingUpdate", Action<JsonObject>? spec = null)
    {
        var deployment = ControllerWorld.NewDeployment(replicas, strategy: strategy);
        spec?.Invoke(deployment["spec"]!.AsObject());
        await _world.CreateAsync(ResourceTypes.Deployments, deployment);
        await _world.FinishAsync();
    }

    private async Task ApplyAsync(string image)
    {
        await _world.EditAsync(spec => spec["template"] = ControllerWorld.Template(image));
        await _world.SettleAsync();
    }

    private async Task BreakAsync(string image, string reason)
    {
        foreach (var pod in _world.ActivePods.Where(pod => pod.Stored.Metadata.ControllerReference?.Uid == Of(image).Stored.Uid).ToArray())
        {
            await _world.WaitsAsync(pod, reason);
        }

        await _world.SettleAsync();
    }

    [Theory]
    [InlineData("CrashLoopBackOff")]
    [InlineData("ErrImagePull")]
    [InlineData("ImagePullBackOff")]
    [InlineData("InvalidImageName")]
    [InlineData("ErrImageNeverPull")]
    public async Task New_pods_that_cannot_run_send_the_deployment_back_at_once(string reason)
    {
        await StartAsync();
        await ApplyAsync("web:bad");
        await BreakAsync("web:bad", reason);

        Assert.Equal((4, 0), (Of("web:1").Replicas, Of("web:bad").Replicas));
        Assert.Equal((reason, "True"), (RolledBack!.Reason, RolledBack.Status));
        Assert.StartsWith("Rolled back from revision 2 to revision 1: ", RolledBack.Message);
        Assert.Contains($"is in {reason}: the message of {reason}", RolledBack.Message);
        Assert.Equal(("False", "ProgressDeadlineExceeded"), (_world.Deployment.Status.Progressing!.Status, _world.Deployment.Status.Progressing.Reason));
        Assert.Single(_world.Events.All, text => text.StartsWith("DeploymentRollback: Rolled back from revision 2 to revision 1: ", StringComparison.Ordinal));

        await _world.FinishAsync();
        Assert.Equal(4, _world.Ready);
        Assert.Equal(4, _world.Deployment.Status.Available);
        Assert.Equal("web:bad", _world.Deployment.Template.ToJson()["spec"]!["containers"]![0]!["image"]!.ToString());
        Assert.True(await _world.SettleAsync(1), "a second look wrote something");
    }

    [Fact]
    public async Task A_control_plane_that_dies_after_any_write_tells_of_it_once_and_never_not_at_all()
    {
        await StartAsync();
        await ApplyAsync("web:bad");
        foreach (var pod in _world.ActivePods.Where(pod => !pod.IsReady).ToArray())
        {
            await _world.WaitsAsync(pod, "CrashLoopBackOff");
        }

        // A look that dies writes, and says nothing of it; only the event that is awaited is.
        while (RolledBack is null)
        {
            Assert.True(await _world.DyingLookAsync(ActorOrchestrator.Actors.Controllers.Deployments.DeploymentController.With(_world.Probe), ControllerWorld.Web));
        }

        Assert.Single(_world.Events.All, text => text.StartsWith("DeploymentRollback: Rolled back from revision 2 to revision 1: ", StringComparison.Ordinal));
        await _world.FinishAsync();
        Assert.Single(_world.Events.All, text => text.StartsWith("DeploymentRollback: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_rollout_that_makes_no_progress_in_time_is_rolled_back_however_little_its_pods_say()
    {
        await StartAsync();
        await ApplyAsync("web:2");
        _world.Time.Advance(TimeSpan.FromSeconds(601));
        await _world.SettleAsync();
        Assert.Equal((4, 0), (Of("web:1").Replicas, Of("web:2").Replicas));
        Assert.Equal("ProgressDeadlineExceeded", RolledBack!.Reason);
        Assert.Contains("0 of 2 new pods are available and there was no progress for 600 seconds", RolledBack.Message);
    }

    [Fact]
    public async Task What_is_waited_for_with_reason_is_left_to_the_deadline()
    {
        await StartAsync();
        await ApplyAsync("web:2");
        await BreakAsync("web:2", "CreateContainerConfigError");
        Assert.Null(RolledBack);
    }

    [Fact]
    public async Task One_bad_pod_among_good_ones_is_not_the_templates_fault()
    {
        await StartAsync(replicas: 8);
        await ApplyAsync("web:2");
        var pods = _world.ActivePods.Where(pod => !pod.IsReady).ToArray();
        Assert.True(pods.Length >= 3);
        await _world.SetReadyAsync(pods[0], ready: true);
        await _world.SetReadyAsync(pods[1], ready: true);
        await _world.WaitsAsync(pods[2], "CrashLoopBackOff");
        await _world.SettleAsync();
        Assert.Null(RolledBack);
        Assert.True(Of("web:2").Replicas >= 3);
    }

    [Fact]
    public async Task When_the_old_pods_fail_too_nothing_would_be_gained()
    {
        await StartAsync();
        await ApplyAsync("web:2");
        await BreakAsync("web:1", "ImagePullBackOff");
        await BreakAsync("web:2", "ImagePullBackOff");
        Assert.Null(RolledBack);
    }

    [Fact]
    public async Task The_first_revision_has_nothing_to_go_back_to()
    {
        await _world.CreateAsync(ResourceTypes.Deployments, ControllerWorld.NewDeployment(2));
        await _world.SettleAsync();
        await BreakAsync("web:1", "ImagePullBackOff");
        _world.Time.Advance(TimeSpan.FromSeconds(601));
        await _world.SettleAsync();
        Assert.Null(RolledBack);
        Assert.Equal("ProgressDeadlineExceeded", _world.Deployment.Status.Progressing!.Reason);
        Assert.Equal(2, Of("web:1").Replicas);

        // Nor has the next one, since the first never worked.
        await ApplyAsync("web:2");
        await BreakAsync("web:2", "ImagePullBackOff");
        Assert.Null(RolledBack);
        await ApplyAsync("web:3");
        await _world.FinishAsync();
        Assert.Equal("NewReplicaSetAvailable", _world.Deployment.Status.Progressing!.Reason);
    }

    [Fact]
    public async Task It_goes_back_over_templates_that_never_worked_to_the_last_one_that_did()
    {
        await StartAsync();
        await ApplyAsync("web:bad");
        await ApplyAsync("web:worse");
        await BreakAsync("web:worse", "CrashLoopBackOff");
        await _world.FinishAsync();
        Assert.Equal([4, 0, 0], new[] { Of("web:1").Replicas, Of("web:bad").Replicas, Of("web:worse").Replicas });
        Assert.Contains("from revision 3 to revision 1", RolledBack!.Message);
    }

    [Fact]
    public async Task Turned_off_it_does_nothing_and_turning_it_off_lets_a_refused_template_through()
    {
        await StartAsync();
        await ApplyAsync("web:bad");
        await BreakAsync("web:bad", "CrashLoopBackOff");
        Assert.NotNull(RolledBack);

        await _world.ChangeAsync(ControllerWorld.Web, obj => obj["metadata"]!["annotations"]!["orchestrator/auto-rollback"] = "false");
        await _world.SettleAsync();
        Assert.Null(RolledBack);
        Assert.True(Of("web:bad").Replicas > 0);
        await BreakAsync("web:bad", "CrashLoopBackOff");
        Assert.Null(RolledBack);

        await _world.FinishAsync();
        Assert.Equal(4, Of("web:bad").Replicas);
        Assert.DoesNotContain(Of("web:bad").Metadata.Annotations.Keys, key => key.StartsWith("orchestrator/failed", StringComparison.Ordinal));
        Assert.Equal("NewReplicaSetAvailable", _world.Deployment.Status.Progressing!.Reason);
    }

    [Fact]
    public async Task A_failed_template_that_comes_back_is_refused_and_says_so_until_anything_in_it_changes()
    {
        await StartAsync();
        await ApplyAsync("web:bad");
        await BreakAsync("web:bad", "CrashLoopBackOff");
        await ApplyAsync("web:1");
        await _world.FinishAsync();
        Assert.Null(RolledBack);
        Assert.Equal("NewReplicaSetAvailable", _world.Deployment.Status.Progressing!.Reason);

        await ApplyAsync("web:bad");
        Assert.Equal((4, 0), (Of("web:1").Replicas, Of("web:bad").Replicas));
        Assert.StartsWith("Revision 4 is refused, revision 3 runs: its template failed as revision 2 (", RolledBack!.Message);
        Assert.Contains("kubectl rollout restart deployment/web", RolledBack.Message);
        Assert.Equal("ProgressDeadlineExceeded", _world.Deployment.Status.Progressing!.Reason);
        Assert.Single(_world.Events.All, text => text.StartsWith("DeploymentRollback: Revision 4 is refused", StringComparison.Ordinal));

        await _world.EditAsync(spec => spec["template"]!["metadata"]!["annotations"] = new JsonObject { ["kubectl.kubernetes.io/restartedAt"] = "now" });
        await _world.FinishAsync();
        Assert.Null(RolledBack);
        Assert.Equal(4, _world.Deployment.Status.Updated);
        Assert.Equal("NewReplicaSetAvailable", _world.Deployment.Status.Progressing!.Reason);
    }

    [Fact]
    public async Task A_template_after_a_failed_one_has_its_own_deadline_even_when_it_was_there_before()
    {
        await StartAsync();
        await ApplyAsync("web:2");
        await ApplyAsync("web:bad");
        _world.Time.Advance(TimeSpan.FromSeconds(601));
        await _world.SettleAsync();
        Assert.NotNull(RolledBack);
        await ApplyAsync("web:2");
        Assert.Null(RolledBack);
        Assert.Equal("True", _world.Deployment.Status.Progressing!.Status);
        await _world.FinishAsync();
        Assert.Equal(4, Of("web:2").Replicas);
    }

    [Fact]
    public async Task Recreate_goes_back_too_and_never_runs_both()
    {
        await StartAsync(2, "Recreate");
        await ApplyAsync("web:bad");
        Assert.Equal((0, 2), (Of("web:1").Replicas, Of("web:bad").Replicas));
        await BreakAsync("web:bad", "ImagePullBackOff");
        await _world.FinishAsync();
        Assert.Equal((2, 0), (Of("web:1").Replicas, Of("web:bad").Replicas));
        Assert.Equal(2, _world.Ready);
    }

    [Fact]
    public async Task Paused_nothing_moves_and_resumed_it_goes_back()
    {
        await StartAsync();
        await ApplyAsync("web:bad");
        await _world.EditAsync(spec => spec["paused"] = true);
        await BreakAsync("web:bad", "ImagePullBackOff");
        Assert.Null(RolledBack);
        Assert.True(Of("web:bad").Replicas > 0);
        await _world.EditAsync(spec => spec.Remove("paused"));
        await _world.SettleAsync();
        Assert.NotNull(RolledBack);
        Assert.Equal(4, Of("web:1").Replicas);
    }

    [Fact]
    public async Task A_change_of_size_while_rolled_back_is_the_proven_revisions()
    {
        await StartAsync();
        await ApplyAsync("web:bad");
        await BreakAsync("web:bad", "ImagePullBackOff");
        await _world.EditAsync(spec => spec["replicas"] = 7);
        await _world.FinishAsync();
        Assert.Equal((7, 0), (Of("web:1").Replicas, Of("web:bad").Replicas));
        await _world.EditAsync(spec => spec["replicas"] = 0);
        await _world.FinishAsync();
        await _world.EditAsync(spec => spec["replicas"] = 3);
        await _world.FinishAsync();
        Assert.Equal((3, 0), (Of("web:1").Replicas, Of("web:bad").Replicas));
    }

    [Fact]
    public async Task A_scale_in_the_middle_of_a_rollout_that_fails_ends_at_the_proven_revision_in_the_new_size()
    {
        await StartAsync(10);
        await ApplyAsync("web:bad");
        await _world.EditAsync(spec => spec["replicas"] = 15);
        await _world.SettleAsync();
        await BreakAsync("web:bad", "CrashLoopBackOff");
        await _world.FinishAsync();
        Assert.Equal((15, 0), (Of("web:1").Replicas, Of("web:bad").Replicas));
    }

    [Fact]
    public async Task Without_a_history_the_way_back_is_kept_until_the_new_revision_is_proven()
    {
        await StartAsync(2, "RollingUpdate", spec => spec["revisionHistoryLimit"] = 0);
        await ApplyAsync("web:bad");
        await BreakAsync("web:bad", "ImagePullBackOff");
        await _world.FinishAsync();
        Assert.Equal((2, 0), (Of("web:1").Replicas, Of("web:bad").Replicas));
        await ApplyAsync("web:3");
        await _world.FinishAsync();
        Assert.Equal(Of("web:3").Name, Assert.Single(_world.ReplicaSets).Name);
    }

    [Fact]
    public async Task What_breaks_after_a_rollout_has_ended_is_no_reason_to_go_back()
    {
        await StartAsync();
        await ApplyAsync("web:2");
        await _world.FinishAsync();
        foreach (var pod in _world.ActivePods)
        {
            await _world.SetReadyAsync(pod, ready: false);
        }

        await BreakAsync("web:2", "CrashLoopBackOff");
        Assert.Null(RolledBack);
        Assert.Equal(4, Of("web:2").Replicas);
    }

    [Fact]
    public async Task Undo_to_the_revision_that_runs_changes_no_pod()
    {
        await StartAsync();
        await ApplyAsync("web:bad");
        await BreakAsync("web:bad", "ImagePullBackOff");
        await _world.FinishAsync();
        var pods = _world.ActivePods.Select(pod => pod.Stored.Uid).Order().ToArray();
        await ApplyAsync("web:1");
        Assert.Equal(pods, _world.ActivePods.Select(pod => pod.Stored.Uid).Order());
        Assert.Null(RolledBack);
        Assert.Equal("3", _world.Deployment.Metadata.Annotations["deployment.kubernetes.io/revision"]);
    }
}
