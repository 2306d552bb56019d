using System.Net;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Deployments.Canaries;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers;

public sealed class CanaryTests
{
    private readonly ControllerWorld _world = new();

    private ReplicaSetView Of(string image) => _world.ReplicaSets.Single(set => set.Template.ToJson()["spec"]!["containers"]![0]!["image"]!.ToString() == image);

    private Condition? Canary => _world.Deployment.Status.Conditions.OfType("Canary");

    private (int Old, int New) Sizes => (Of("web:1").Replicas, Of("web:2").Replicas);

    private async Task StartAsync(string steps, int replicas = 10, params (string Name, string Value)[] more)
    {
        var deployment = ControllerWorld.NewDeployment(replicas);
        var annotations = new JsonObject { ["orchestrator/canary"] = steps };
        foreach (var (name, value) in more)
        {
            annotations[name] = value;
        }

        deployment["metadata"]!["annotations"] = annotations;
        await _world.CreateAsync(ResourceTypes.Deployments, deployment);
        await _world.FinishAsync();
        Assert.Equal(replicas, Of("web:1").Replicas);
        Assert.Null(Canary);
        await _world.EditAsync(spec => spec["template"] = ControllerWorld.Template("web:2"));
        Assert.True(await _world.SettleAsync());
    }

    private async Task ReadyAsync()
    {
        await _world.AllReadyAsync();
        Assert.True(await _world.SettleAsync());
    }

    private async Task LaterAsync(int seconds)
    {
        _world.Time.Advance(TimeSpan.FromSeconds(seconds));
        Assert.True(await _world.SettleAsync());
    }

    [Fact]
    public async Task A_share_goes_first_and_the_rest_follows_once_it_is_available()
    {
        await StartAsync("10%");
        Assert.Equal(1, Of("web:2").Replicas);
        Assert.True(Of("web:1").Replicas >= 9);
        Assert.Equal("Step 1 of 1: revision 2 gets 10% (1 of 10 replicas)", Canary!.Message);
        await ReadyAsync();
        Assert.True(Of("web:2").Replicas > 1);
        await _world.FinishAsync();
        Assert.Equal((0, 10), Sizes);
        Assert.Null(Canary);
        Assert.Equal("NewReplicaSetAvailable", _world.Deployment.Status.Progressing!.Reason);
        Assert.Contains("CanaryStep: Canary step 1 of 1 (10%) of revision 2: passed, all replicas follow", _world.Events.All);
        Assert.DoesNotContain("orchestrator/canary-progress", Of("web:2").Metadata.Annotations.Keys);
    }

    [Fact]
    public async Task Each_step_is_watched_for_its_time_and_no_deadline_runs_meanwhile()
    {
        await StartAsync("10%:20m,30%:5m,100%");
        await ReadyAsync();
        Assert.Equal((9, 1), Sizes);
        Assert.Equal(("Baking", "Step 1 of 3: revision 2 gets 10% (1 of 10 replicas); all available since 2026-01-01T00:00:00Z, watched until 2026-01-01T00:20:00Z"), (Canary!.Reason, Canary.Message));
        var plan = ActorOrchestrator.Actors.Controllers.Deployments.DeploymentController.Definition.Reconcile(
            Observed.At(ControllerWorld.Web, _world.Ledger.View.Current), _world.Time.GetUtcNow());
        Assert.Equal((true, _world.Time.GetUtcNow().AddMinutes(20)), (plan.IsNothing, plan.RequeueAt));

        await LaterAsync(1199);
        Assert.Equal((9, 1), Sizes);
        await LaterAsync(1);
        Assert.Equal(3, Of("web:2").Replicas);
        Assert.Equal("True", _world.Deployment.Status.Progressing!.Status);
        await ReadyAsync();
        Assert.Equal((7, 3), Sizes);
        await LaterAsync(300);
        await _world.FinishAsync();
        Assert.Equal((0, 10), Sizes);
    }

    [Fact]
    public async Task A_pod_that_loses_its_readiness_begins_the_watch_anew_and_not_coming_back_in_time_is_a_failure()
    {
        await StartAsync("20%:5m");
        await ReadyAsync();
        await LaterAsync(200);
        var pod = _world.ActivePods.First(item => item.Stored.Metadata.ControllerReference!.Uid == Of("web:2").Stored.Uid);
        await _world.SetReadyAsync(pod, ready: false);
        await _world.SettleAsync();
        await LaterAsync(200);
        Assert.Equal((8, 2), Sizes);
        Assert.Equal("Rolling", Canary!.Reason);
        await ReadyAsync();
        await LaterAsync(299);
        Assert.Equal((8, 2), Sizes);

        await _world.SetReadyAsync(_world.Pods.Single(item => item.Stored.Uid == pod.Stored.Uid), ready: false);
        await _world.SettleAsync();
        await LaterAsync(601);
        await _world.FinishAsync();
        Assert.Equal((10, 0), Sizes);
        Assert.Equal("ProgressDeadlineExceeded", _world.Deployment.Status.Conditions.OfType("RolledBack")!.Reason);
        Assert.Null(Canary);
    }

    [Fact]
    public async Task One_pod_of_a_canary_that_cannot_run_sends_it_back()
    {
        await StartAsync("30%:5m");
        var pods = _world.ActivePods.Where(pod => !pod.IsReady).ToArray();
        await _world.SetReadyAsync(pods[0], ready: true);
        await _world.WaitsAsync(pods[1], "CrashLoopBackOff", restarts: 2);
        await _world.SettleAsync();
        await _world.FinishAsync();
        Assert.Equal((10, 0), Sizes);
        Assert.Equal("CrashLoopBackOff", _world.Deployment.Status.Conditions.OfType("RolledBack")!.Reason);
    }

    [Fact]
    public async Task Too_many_restarts_fail_a_canary_even_when_its_pods_come_back()
    {
        await StartAsync("10%:5m", 10, ("orchestrator/canary-max-restarts", "0"));
        await ReadyAsync();
        var pod = _world.ActivePods.Single(item => item.Stored.Metadata.ControllerReference!.Uid == Of("web:2").Stored.Uid);
        await _world.WaitsAsync(pod, "ContainerCreating", restarts: 1);
        await _world.SettleAsync();
        await _world.FinishAsync();
        Assert.Equal((10, 0), Sizes);
        var condition = _world.Deployment.Status.Conditions.OfType("RolledBack")!;
        Assert.Equal("CanaryRestarts", condition.Reason);
        Assert.Contains($"canary step 1 of 1: pod {pod.Stored.Key.Name} restarted 1 times, at most 0 are allowed", condition.Message);
    }

    [Fact]
    public async Task The_pods_are_asked_while_they_are_watched_and_a_wrong_answer_sends_the_canary_back()
    {
        await StartAsync("20%:1m", 10, ("orchestrator/canary-http", "8080/healthz"));
        Assert.Empty(_world.Probe.Asked);
        foreach (var pod in _world.ActivePods)
        {
            await _world.ChangeAsync(pod.Stored.Key, obj => obj["status"]!["podIP"] = "10.42.0.7", "status");
        }

        await ReadyAsync();
        Assert.Equal(new Uri("http://10.42.0.7:8080/healthz"), _world.Probe.Asked[0]);
        Assert.Equal(0, _world.Probe.Asked.Count % 2);
        Assert.Equal((8, 2), Sizes);
        _world.Probe.Answer = "GET http://10.42.0.7:8080/healthz answered 500";
        await LaterAsync(10);
        await _world.FinishAsync();
        Assert.Equal((10, 0), Sizes);
        Assert.Contains("canary step 1 of 1: GET http://10.42.0.7:8080/healthz answered 500", _world.Deployment.Status.Conditions.OfType("RolledBack")!.Message);
    }

    [Fact]
    public async Task Good_answers_let_a_canary_pass()
    {
        await StartAsync("20%:30s", 5, ("orchestrator/canary-http", ":8080"));
        foreach (var pod in _world.ActivePods)
        {
            await _world.ChangeAsync(pod.Stored.Key, obj => obj["status"]!["podIP"] = "fd00::7", "status");
        }

        await ReadyAsync();
        await LaterAsync(30);
        await _world.FinishAsync();
        Assert.Equal((0, 5), Sizes);
        Assert.Contains(new Uri("http://[fd00::7]:8080/"), _world.Probe.Asked);
    }

    [Fact]
    public async Task A_step_that_pauses_waits_for_the_user_to_resume()
    {
        await StartAsync("10%:pause,50%:pause");
        await ReadyAsync();
        Assert.True(_world.Deployment.Paused);
        Assert.Equal("Paused", Canary!.Reason);
        Assert.Contains("kubectl rollout resume deployment/web", Canary.Message);
        await LaterAsync(100_000);
        Assert.Equal((9, 1), Sizes);

        await _world.EditAsync(spec => spec.Remove("paused"));
        await _world.SettleAsync();
        Assert.False(_world.Deployment.Paused);
        for (var round = 0; round < 5; round++)
        {
            await ReadyAsync();
        }

        Assert.Equal((5, 5), Sizes);
        Assert.True(_world.Deployment.Paused);
        await _world.EditAsync(spec => spec["paused"] = false);
        await _world.FinishAsync();
        Assert.Equal((0, 10), Sizes);
        Assert.Null(_world.Deployment.Status.Conditions.OfType("RolledBack"));
    }

    [Fact]
    public async Task Undo_in_the_middle_goes_back_without_another_canary()
    {
        await StartAsync("10%:1h");
        await ReadyAsync();
        await _world.EditAsync(spec => spec["template"] = ControllerWorld.Template("web:1"));
        await _world.FinishAsync();
        Assert.Equal((10, 0), Sizes);
        Assert.Null(Canary);
    }

    [Fact]
    public async Task Another_template_in_the_middle_begins_its_own_canary()
    {
        await StartAsync("10%:1h,50%");
        await ReadyAsync();
        await _world.EditAsync(spec => spec["template"] = ControllerWorld.Template("web:3"));
        await _world.SettleAsync();
        await ReadyAsync();
        await ReadyAsync();
        Assert.Equal(1, Of("web:3").Replicas);
        Assert.StartsWith("Step 1 of 2: revision 3 gets 10%", Canary!.Message);
    }

    [Fact]
    public async Task A_change_of_size_in_the_middle_keeps_the_canary_a_canary()
    {
        await StartAsync("10%:1h");
        await ReadyAsync();
        await _world.EditAsync(spec => spec["replicas"] = 30);
        await _world.FinishAsync();
        await _world.SettleAsync();
        Assert.InRange(Of("web:2").Replicas, 1, 4);
        Assert.Equal(30, Of("web:1").Replicas + Of("web:2").Replicas);
        await _world.EditAsync(spec => spec["replicas"] = 5);
        await _world.FinishAsync();
        Assert.InRange(Of("web:2").Replicas, 1, 2);
        await LaterAsync(3600);
        await _world.FinishAsync();
        Assert.Equal((0, 5), Sizes);
    }

    [Fact]
    public async Task What_cannot_be_understood_holds_the_rollout_and_says_why()
    {
        await StartAsync("10%:1h");
        await ReadyAsync();
        var bad = _world.Deployment.Stored.ToJson();
        bad["metadata"]!["annotations"]!["orchestrator/canary"] = "a few";
        var refused = await _world.Store.UpdateAsync(ControllerWorld.Web, (_, _) => bad, new ActorOrchestrator.Actors.Resources.WriteOptions("tester", "test"));
        Assert.Equal(422, refused.Failure!.Code);
        Assert.Contains("metadata.annotations[orchestrator/canary]: Invalid value: \"a few\": \"a few\" is no step", refused.Failure.Message);
    }

    [Theory]
    [InlineData(new[] { 200 }, null)]
    [InlineData(new[] { 500, 302 }, null)]
    [InlineData(new[] { 500, 500, 503 }, "answered 503")]
    public async Task The_probe_tries_three_times(int[] answers, string? failure)
    {
        using var handler = new Answers(answers);
        var told = await new HttpCanaryProbe(handler, TimeSpan.Zero).FailureAsync([new Uri("http://10.0.0.1:80/x")], CancellationToken.None);
        Assert.True(failure is null ? told is null : told!.Contains(failure, StringComparison.Ordinal), told);
    }

    private sealed class Answers(int[] statuses) : HttpMessageHandler
    {
        private int _next;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage((HttpStatusCode)statuses[_next++]));
    }
}
