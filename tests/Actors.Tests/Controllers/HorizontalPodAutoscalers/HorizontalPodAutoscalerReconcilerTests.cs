using ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers.HorizontalPodAutoscalers;

public sealed class HorizontalPodAutoscalerReconcilerTests
{
    private const string OneToTen = $""" "minReplicas":1,"maxReplicas":10,"metrics":[{AutoscalerWorld.Cpu}]""";
    private static readonly TimeSpan Period = AutoscalerWorld.Period;
    private readonly AutoscalerWorld _world = new();

    [Fact]
    public async Task It_scales_up_by_what_pods_use_and_down_once_no_recommendation_of_the_window_speaks_against_it()
    {
        await _world.BeginAsync(2);
        await _world.CreateAsync(OneToTen);
        _world.Milli = 100;
        await _world.LookAsync();

        Assert.Equal(4, _world.Replicas);
        Assert.Contains("SuccessfulRescale: New size: 4; reason: cpu resource utilization (percentage of request) above target", _world.World.Events.All);
        Assert.Equal((2, 4), (_world.View.Status.CurrentReplicas, _world.View.Status.DesiredReplicas));
        Assert.Equal(("True", "SucceededRescale", "the HPA controller was able to update the target scale to 4"), Told("AbleToScale"));
        Assert.Equal(("True", "ValidMetricFound", "the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)"), Told("ScalingActive"));
        Assert.Equal(("False", "DesiredWithinRange", "the desired count is within the acceptable range"), Told("ScalingLimited"));
        Assert.Equal(
            """[{"type":"Resource","resource":{"name":"cpu","current":{"averageValue":"100m","averageUtilization":100}}}]""", _world.View.Status.Metrics!.ToJsonString());

        _world.Milli = 50;
        await _world.PassAsync(Period);
        Assert.Equal(("True", "ReadyForNewScale", "recommended size matches current size"), Told("AbleToScale"));

        _world.Milli = 1;
        await _world.PassAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(4, _world.Replicas);
        Assert.Equal("ScaleDownStabilized", Told("AbleToScale").Reason);

        await _world.PassAsync(Period * 2);
        Assert.Equal(1, _world.Replicas);
        Assert.Contains("SuccessfulRescale: New size: 1; reason: All metrics below target", _world.World.Events.All);
    }

    [Fact]
    public async Task A_change_of_leader_only_ever_makes_a_scale_down_wait()
    {
        await _world.BeginAsync(4);
        await _world.CreateAsync(OneToTen);
        _world.Milli = 1;
        await _world.LookAsync();
        await _world.PassAsync(TimeSpan.FromMinutes(4.5));
        _world.ChangeLeader();

        var begun = _world.World.Time.GetUtcNow();
        Assert.InRange(_world.Due()!.Value - begun, Period, Period * 2);
        Assert.False(await _world.LookAsync(), "the new leader looked before figures can have arrived");
        await _world.PassAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(4, _world.Replicas);
        await _world.PassAsync(Period * 3);
        Assert.Equal(1, _world.Replicas);
        Assert.DoesNotContain(_world.World.Events.All, told => told.StartsWith("Failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_of_leader_does_not_keep_it_from_scaling_up()
    {
        await _world.BeginAsync(2);
        await _world.CreateAsync(OneToTen);
        _world.Milli = 50;
        await _world.LookAsync();
        _world.ChangeLeader();
        _world.Milli = 200;
        await _world.PassAsync(Period * 2);
        Assert.Equal(4, _world.Replicas);
        await _world.PassAsync(Period);
        Assert.Equal(8, _world.Replicas);
        Assert.Equal(("True", "ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate"), Told("ScalingLimited"));
    }

    [Fact]
    public async Task Nothing_is_written_while_nothing_changes_and_nothing_is_looked_at_before_it_is_due()
    {
        await _world.BeginAsync(2);
        await _world.CreateAsync(OneToTen);
        _world.Milli = 50;
        Assert.True(await _world.LookAsync());
        var revision = _world.World.Ledger.View.Current.Revision;
        await _world.PassAsync(TimeSpan.FromMinutes(20));
        Assert.Equal(revision, _world.World.Ledger.View.Current.Revision);

        // Full of work now, but the period is not over; a change of the specification is looked at at once.
        _world.Milli = 200;
        Assert.False(await _world.LookAsync());
        await _world.World.ChangeAsync(AutoscalerWorld.Autoscaler, obj => obj["spec"]!["maxReplicas"] = 3);
        Assert.True(await _world.LookAsync());
        Assert.Equal(3, _world.Replicas);
        Assert.Equal(("True", "TooManyReplicas", "the desired replica count is more than the maximum replica count"), Told("ScalingLimited"));
    }

    [Fact]
    public async Task What_nobody_measures_is_told_and_changes_nothing()
    {
        await _world.BeginAsync(2);
        await _world.CreateAsync(OneToTen);
        await _world.LookAsync();

        const string Why = "failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API";
        Assert.Equal(2, _world.Replicas);
        Assert.Equal(("False", "FailedGetResourceMetric", $"the HPA was unable to compute the replica count: {Why}"), Told("ScalingActive"));
        Assert.Equal(
            [$"FailedGetResourceMetric: {Why}", $"FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: {Why}"],
            _world.World.Events.All.Where(told => told.StartsWith("Failed", StringComparison.Ordinal)));
        Assert.Equal("""[{"type":""}]""", _world.View.Status.Metrics!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"type":"Pods","pods":{"metric":{"name":"rps"},"target":{"type":"AverageValue","averageValue":"1"}}}""", "FailedGetPodsMetric", "unable to get metric rps: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered")]
    [InlineData("""{"type":"Object","object":{"describedObject":{"apiVersion":"v1","kind":"Service","name":"s"},"metric":{"name":"rps"},"target":{"type":"Value","value":"1"}}}""", "FailedGetObjectMetric", "unable to get metric rps: Service on default s/unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered")]
    [InlineData("""{"type":"External","external":{"metric":{"name":"queue","selector":{"matchLabels":{"b":"2","a":"1"}}},"target":{"type":"Value","value":"1"}}}""", "FailedGetExternalMetric", "unable to get external metric default/queue/&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{},}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get queue.external.metrics.k8s.io)")]
    [InlineData("""{"type":"ContainerResource","containerResource":{"name":"cpu","container":"other","target":{"type":"Utilization","averageUtilization":50}}}""", "FailedGetContainerResourceMetric", "failed to get cpu utilization: unable to get metrics for resource cpu: failed to get container metrics: container other not present in metrics for pod default/{pod}")]
    public async Task Metrics_that_cannot_be_had_are_told_in_upstreams_words(string metric, string reason, string why)
    {
        await _world.BeginAsync(1);
        await _world.CreateAsync($""" "maxReplicas":10,"metrics":[{metric}]""");
        _world.Milli = 1;
        await _world.LookAsync();
        why = why.Replace("{pod}", _world.World.Pods.First().Stored.Key.Name);
        Assert.Equal(("False", reason, $"the HPA was unable to compute the replica count: {why}"), Told("ScalingActive"));
        Assert.Contains($"{reason}: {why}", _world.World.Events.All);
    }

    [Fact]
    public async Task The_largest_proposal_counts_and_some_that_cannot_be_heard_keep_it_from_going_down_only()
    {
        await _world.BeginAsync(4);
        await _world.CreateAsync($$$""" "maxReplicas":10,"metrics":[{{{AutoscalerWorld.Cpu}}},{"type":"Pods","pods":{"metric":{"name":"rps"},"target":{"type":"AverageValue","averageValue":"1"} } }]""");
        _world.Milli = 100;
        await _world.LookAsync();
        Assert.Equal((8, "ValidMetricFound"), (_world.Replicas, Told("ScalingActive").Reason));

        _world.Milli = 1;
        await _world.PassAsync(TimeSpan.FromMinutes(10));
        Assert.Equal((8, "FailedGetPodsMetric"), (_world.Replicas, Told("ScalingActive").Reason));
    }

    [Fact]
    public async Task At_zero_replicas_it_is_switched_off_and_outside_its_bounds_it_does_not_ask_for_metrics()
    {
        await _world.BeginAsync(0);
        await _world.CreateAsync(OneToTen);
        await _world.LookAsync();
        Assert.Equal(("False", "ScalingDisabled", "scaling is disabled since the replica count of the target is zero"), Told("ScalingActive"));

        await _world.World.EditAsync(spec => spec["replicas"] = 12);
        await _world.PassAsync(Period);
        Assert.Equal(10, _world.Replicas);
        Assert.Contains("SuccessfulRescale: New size: 10; reason: Current number of replicas above Spec.MaxReplicas", _world.World.Events.All);
        await _world.World.ChangeAsync(AutoscalerWorld.Autoscaler, obj => (obj["spec"]!["minReplicas"], obj["spec"]!["maxReplicas"]) = (11, 20));
        await _world.LookAsync();
        Assert.Contains("SuccessfulRescale: New size: 11; reason: Current number of replicas below Spec.MinReplicas", _world.World.Events.All);
    }

    [Theory]
    [InlineData("""{"apiVersion":"apps/v1","kind":"Deployment","name":"gone"}""", "deployments.apps \"gone\" not found")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","name":"web"}""", "the server could not find the requested resource")]
    [InlineData("""{"kind":"Deployment","name":"web"}""", "no matches for kind \"Deployment\" in group \"\"")]
    [InlineData("""{"apiVersion":"a/b/c","kind":"Deployment","name":"web"}""", "unexpected GroupVersion string: a/b/c")]
    public async Task What_cannot_be_scaled_is_told(string target, string why)
    {
        await _world.CreateAsync(OneToTen, target: target);
        await _world.LookAsync();
        Assert.Equal(("False", "FailedGetScale", $"the HPA controller was unable to get the target's current scale: {why}"), Told("AbleToScale"));
        Assert.Equal([$"FailedGetScale: {why}"], _world.World.Events.All);
    }

    [Fact]
    public async Task Pods_of_two_autoscalers_belong_to_neither()
    {
        await _world.BeginAsync(2);
        await _world.CreateAsync(OneToTen);
        await _world.CreateAsync(OneToTen, "again");
        _world.Milli = 100;
        await _world.LookAsync("again");
        await _world.World.EditAsync(spec => spec["replicas"] = 2);
        await _world.LookAsync();
        const string Why = "pods by selector app=web are controlled by multiple HPAs: [default/again default/web]";
        Assert.Equal(("False", "AmbiguousSelector", Why), Told("ScalingActive"));
        Assert.Contains($"AmbiguousSelector: {Why}", _world.World.Events.All);
        Assert.Contains($"FailedComputeMetricsReplicas: {Why}", _world.World.Events.All);
        Assert.Equal(2, _world.Replicas);
    }

    [Fact]
    public async Task Custom_and_external_metrics_come_from_whoever_serves_them()
    {
        var world = new AutoscalerWorld { Servers = new Servers() };
        world.ChangeLeader();
        await world.BeginAsync(2);
        await world.CreateAsync(""" "maxReplicas":10,"metrics":[{"type":"External","external":{"metric":{"name":"queue"},"target":{"type":"AverageValue","averageValue":"30"}}}]""");
        await world.LookAsync();
        Assert.Equal(4, world.Replicas);
        Assert.Contains("SuccessfulRescale: New size: 4; reason: external metric queue(nil) above target", world.World.Events.All);
        Assert.Equal("""[{"type":"External","external":{"metric":{"name":"queue"},"current":{"averageValue":"60"}}}]""", world.View.Status.Metrics!.ToJsonString());
    }

    private sealed class Servers : IMetricsServers
    {
        public Task<MetricAnswer> AskAsync(MetricSpec metric, string @namespace, LabelSelector selector, CancellationToken cancellation) =>
            Task.FromResult(new MetricAnswer([new MetricValue("", new PodSample(100_000, default, default)), new MetricValue("", new PodSample(20_000, default, default))], null));
    }

    private (string Status, string Reason, string Message) Told(string type) =>
        _world.Condition(type) is var told ? (told.Status, told.Reason, told.Message) : default;
}
