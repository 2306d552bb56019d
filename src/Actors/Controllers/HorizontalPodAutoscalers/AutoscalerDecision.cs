using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;

/// <summary>An event about the autoscaler.</summary>
public readonly record struct AutoscalerNotice(string Reason, string Message);

/// <summary>What one look at an autoscaler comes to.</summary>
/// <param name="Status">As it is to be before the target is scaled.</param>
/// <param name="Replicas">What the target is to ask for.</param>
/// <param name="Rescales">Whether that is written.</param>
/// <param name="Why">The reason of the change, for its event.</param>
/// <param name="Warnings">What went wrong, in order.</param>
/// <param name="History">With this look in it.</param>
public sealed record AutoscalerDecision(
    AutoscalerStatus Status, int Replicas, bool Rescales, string Why, ImmutableArray<AutoscalerNotice> Warnings, AutoscalerHistory History)
{
    private const string AbleToScale = "AbleToScale";
    private const string ScalingActive = "ScalingActive";
    private const string ScalingLimited = "ScalingLimited";

    /// <summary>There is no scale to look at.</summary>
    public static AutoscalerDecision NoScale(AutoscalerView autoscaler, AutoscalerHistory history, string problem, DateTimeOffset now) => new(
        autoscaler.Status.With(AbleToScale, false, "FailedGetScale", $"the HPA controller was unable to get the target's current scale: {problem}", now),
        autoscaler.Status.DesiredReplicas, false, "", [new AutoscalerNotice("FailedGetScale", problem)], history);

    /// <param name="selection">What is wrong with the scale's selector, as (reason, condition, event and message); null when nothing is.</param>
    public static AutoscalerDecision Of(
        AutoscalerView autoscaler, AutoscalerHistory history, MetricWorld world, SelectionProblem? selection, AutoscalerSettings settings, DateTimeOffset now)
    {
        var status = autoscaler.Status.With(AbleToScale, true, "SucceededGetScale", "the HPA controller was able to get the target's current scale", now);
        var current = world.Wanted;
        if (current == 0 && autoscaler.MinReplicas != 0)
        {
            status = status.With(ScalingActive, false, "ScalingDisabled", "scaling is disabled since the replica count of the target is zero", now);
            return new AutoscalerDecision(status with { CurrentReplicas = 0, DesiredReplicas = 0, Metrics = null }, 0, false, "", [], history);
        }

        if (current > autoscaler.MaxReplicas || current < autoscaler.MinReplicas)
        {
            var above = current > autoscaler.MaxReplicas;
            return new AutoscalerDecision(
                status with { CurrentReplicas = current, Metrics = null }, above ? autoscaler.MaxReplicas : autoscaler.MinReplicas, true,
                above ? "Current number of replicas above Spec.MaxReplicas" : "Current number of replicas below Spec.MinReplicas", [], history);
        }

        if (selection is { } wrong)
        {
            return Unable(status.With(ScalingActive, false, wrong.Reason, wrong.Condition, now) with { CurrentReplicas = current, Metrics = null }, history, [wrong.Event], wrong.Event.Message);
        }

        return ByMetrics(autoscaler, history, world, status, settings, now);
    }

    private static AutoscalerDecision ByMetrics(
        AutoscalerView autoscaler, AutoscalerHistory history, MetricWorld world, AutoscalerStatus status, AutoscalerSettings settings, DateTimeOffset now)
    {
        var tolerances = new Tolerances(autoscaler.Behavior?.Down.Tolerance ?? settings.Tolerance, autoscaler.Behavior?.Up.Tolerance ?? settings.Tolerance);
        var evaluation = new MetricEvaluation(new ReplicaCalculator(settings.CpuInitializationPeriod, settings.InitialReadinessDelay), tolerances);
        MetricOutcome[] outcomes = [.. autoscaler.Metrics.Select((metric, index) => evaluation.Of(metric, index, world, now))];
        ImmutableArray<AutoscalerNotice> warnings = [.. outcomes.Where(outcome => outcome.Failed).Select(outcome => new AutoscalerNotice(outcome.Reason, outcome.Failure))];
        status = status with { CurrentReplicas = world.Wanted, Metrics = outcomes.Length == 0 ? null : new JsonArray([.. outcomes.Select(outcome => (JsonNode)outcome.Status)]) };

        // The most that any metric asks for; the first of those that ask for the same. Zero is less than anything.
        MetricOutcome? largest = null;
        foreach (var outcome in outcomes.Where(outcome => !outcome.Failed))
        {
            largest = largest is null || largest.Replicas == 0 || outcome.Replicas > largest.Replicas ? outcome : largest;
        }

        if (largest is null || (warnings.Length > 0 && largest.Replicas < world.Wanted))
        {
            // Fewer on the word of some while others cannot be heard: no.
            var first = outcomes.FirstOrDefault(outcome => outcome.Failed);
            var condition = first is null ? status : status.With(ScalingActive, false, first.Reason, $"the HPA was unable to compute the replica count: {first.Failure}", now);
            return Unable(condition, history, warnings, $"invalid metrics ({warnings.Length} invalid out of {outcomes.Length}), first error is: {first?.Told}");
        }

        status = status.With(ScalingActive, true, "ValidMetricFound", $"the HPA was able to successfully calculate a replica count from {largest.Name}", now);
        var wanted = Math.Max(largest.Replicas, 0);
        var why = wanted > world.Wanted ? $"{(wanted > 0 ? largest.Name : "")} above target" : wanted < world.Wanted ? "All metrics below target" : "";
        var normal = ReplicaNormalizer.Normalize(autoscaler, history, world.Wanted, wanted, settings.DownscaleStabilization, now);
        status = status
            .With(AbleToScale, true, normal.Able.Reason, normal.Able.Message, now)
            .With(ScalingLimited, normal.IsLimited, normal.Limit.Reason, normal.Limit.Message, now);
        var rescales = normal.Replicas != world.Wanted;
        return new AutoscalerDecision(rescales ? status : status with { DesiredReplicas = world.Wanted }, normal.Replicas, rescales, why, warnings, normal.History);
    }

    private static AutoscalerDecision Unable(AutoscalerStatus status, AutoscalerHistory history, ImmutableArray<AutoscalerNotice> warnings, string error) =>
        new(status, status.DesiredReplicas, false, "", warnings.Add(new AutoscalerNotice("FailedComputeMetricsReplicas", error)), history);

    /// <summary>The status once the target has been scaled.</summary>
    public AutoscalerStatus Rescaled(DateTimeOffset now) => Status.With(
        AbleToScale, true, "SucceededRescale", $"the HPA controller was able to update the target scale to {Replicas}", now) with { DesiredReplicas = Replicas, LastScaleTime = Seconds(now) };

    /// <summary>The status once that was refused.</summary>
    public AutoscalerStatus NotRescaled(string error, DateTimeOffset now) =>
        Status.With(AbleToScale, false, "FailedUpdateScale", $"the HPA controller was unable to update the target scale: {error}", now);

    private static DateTimeOffset Seconds(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), time.Offset);
}

/// <summary>Why the pods of a scale cannot be told.</summary>
/// <param name="Reason">Of the condition ScalingActive.</param>
/// <param name="Condition">Its message.</param>
/// <param name="Event">What is told besides.</param>
public sealed record SelectionProblem(string Reason, string Condition, AutoscalerNotice Event);
