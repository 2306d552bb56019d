using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;

/// <summary>What one metric of an autoscaler has come to.</summary>
/// <param name="Replicas">The proposal.</param>
/// <param name="Name">How the metric is called in messages.</param>
/// <param name="Status">Its entry of <c>currentMetrics</c>.</param>
public sealed record MetricOutcome(int Replicas, string Name, JsonObject Status)
{
    /// <summary>The reason of the event and of the condition when there is no proposal; empty when there is one.</summary>
    public string Reason { get; private init; } = "";

    /// <summary>What failed, as the event says it.</summary>
    public string Failure { get; private init; } = "";

    /// <summary>What failed, as the sum of all metrics says it.</summary>
    public string Told { get; private init; } = "";

    public bool Failed => Reason.Length > 0;

    internal static MetricOutcome Impossible(string reason, string failure, string told) =>
        new(0, "", new JsonObject { ["type"] = "" }) { Reason = reason, Failure = failure, Told = told };
}

/// <summary>The world of one look: everything that metrics are measured against.</summary>
/// <param name="Namespace">The autoscaler's.</param>
/// <param name="Wanted">Replicas that the scale asks for.</param>
/// <param name="Present">Replicas that it says are there.</param>
/// <param name="Pods">Those that its selector selects.</param>
/// <param name="Metrics">Use of resources; null where nobody measures.</param>
/// <param name="Answers">Of servers of metrics, by the place in the specification.</param>
public sealed record MetricWorld(
    string Namespace, int Wanted, int Present, IReadOnlyList<AutoscaledPod> Pods, IResourceMetrics? Metrics, IReadOnlyDictionary<int, MetricAnswer> Answers);

/// <summary>Upstream's computeReplicasForMetric: one metric of any type.</summary>
public sealed record MetricEvaluation(ReplicaCalculator Calculator, Tolerances Tolerances)
{
    public MetricOutcome Of(MetricSpec metric, int index, MetricWorld world, DateTimeOffset now) => metric.Type switch
    {
        "Resource" or "ContainerResource" => Resource(metric, world, now),
        "Pods" => OfPods(metric, world, Answer(world, index), now),
        "Object" => Described(metric, world, Answer(world, index)),
        "External" => External(metric, world, Answer(world, index)),
        _ => MetricOutcome.Impossible("InvalidMetricSourceType", $"unknown metric source type \"{metric.Type}\"", $"unknown metric source type \"{metric.Type}\""),
    };

    private static MetricAnswer Answer(MetricWorld world, int index) => world.Answers.TryGetValue(index, out var answer) ? answer : MetricAnswer.None("nobody was asked");

    private MetricOutcome Resource(MetricSpec metric, MetricWorld world, DateTimeOffset now)
    {
        var ofContainer = metric.Type == "ContainerResource";
        MetricOutcome Fail(string failure) => MetricOutcome.Impossible(
            ofContainer ? "FailedGetContainerResourceMetric" : "FailedGetResourceMetric",
            failure,
            ofContainer ? $"failed to get {metric.Container} container metric value: {failure}" : $"failed to get {metric.Name} resource metric value: {failure}");

        if (metric.AverageValue is null && metric.AverageUtilization is null)
        {
            return Fail("invalid resource metric source: neither an average utilization target nor an average value (usage) target was set");
        }

        var what = metric.AverageValue is null ? "utilization" : "usage";
        var (samples, problem) = ResourceSamples.Of(metric.Name, metric.Container, world.Namespace, world.Pods, world.Metrics);
        if (problem is not null)
        {
            return Fail($"failed to get {metric.Name} {what}: unable to get metrics for resource {metric.Name}: {problem}");
        }

        var proposal = metric.AverageValue is { } average
            ? Calculator.ByAverage(world.Wanted, average.MilliValue, metric.Name, Tolerances, samples, world.Pods, now)
            : Calculator.ByUtilization(world.Wanted, metric.AverageUtilization!.Value, metric.Name, metric.Container, Tolerances, samples, world.Pods, now);
        if (proposal.Problem is { } impossible)
        {
            return Fail($"failed to get {metric.Name} {what}: {impossible}");
        }

        var current = new JsonObject { ["averageValue"] = Written(proposal.Usage) };
        if (metric.AverageValue is null)
        {
            current["averageUtilization"] = proposal.Utilization;
        }

        var source = new JsonObject { ["name"] = metric.Name, ["current"] = current };
        if (ofContainer)
        {
            source["container"] = metric.Container;
        }

        var name = metric.AverageValue is not null ? $"{metric.Name} resource"
            : $"{metric.Name} {(ofContainer ? "container resource" : "resource")} utilization (percentage of request)";
        return new MetricOutcome(proposal.Replicas, name, Status(metric, source));
    }

    private MetricOutcome OfPods(MetricSpec metric, MetricWorld world, MetricAnswer answer, DateTimeOffset now)
    {
        static MetricOutcome Fail(string failure) => MetricOutcome.Impossible("FailedGetPodsMetric", failure, $"failed to get pods metric value: {failure}");
        if (answer.Problem is { } unanswered)
        {
            return Fail($"unable to get metric {metric.Name}: {unanswered}");
        }

        var samples = new Dictionary<string, PodSample>(StringComparer.Ordinal);
        foreach (var value in answer.Values)
        {
            samples[value.Of] = value.Sample;
        }

        var proposal = Calculator.ByAverage(world.Wanted, metric.AverageValue?.MilliValue ?? 0, "", Tolerances, samples, world.Pods, now);
        return proposal.Problem is { } impossible
            ? Fail(impossible)
            : new MetricOutcome(proposal.Replicas, $"pods metric {metric.Name}", Status(metric, Identified(metric, "averageValue", proposal.Usage)));
    }

    private MetricOutcome Described(MetricSpec metric, MetricWorld world, MetricAnswer answer)
    {
        static MetricOutcome Fail(string failure, string told) => MetricOutcome.Impossible("FailedGetObjectMetric", failure, $"failed to get object metric value: {told}");
        var byValue = metric is { TargetType: "Value", Value: not null };
        if (!byValue && metric is not { TargetType: "AverageValue", AverageValue: not null })
        {
            const string Neither = "invalid object metric source: neither a value target nor an average value target was set";
            return Fail(Neither, Neither);
        }

        if (answer.Problem is { } unanswered)
        {
            // The order of these is upstream's.
            var failure = $"unable to get metric {metric.Name}: {metric.Described.Kind} on {world.Namespace} {metric.Described.Name}/{unanswered}";
            return Fail(failure, byValue ? failure : $"failed to get {metric.Name} object metric: {failure}");
        }

        var usage = answer.Values.IsEmpty ? 0 : answer.Values[0].Sample.Value;
        var proposal = byValue
            ? ReplicaCalculator.ByValue(world.Wanted, usage, metric.Value!.Value.MilliValue, Tolerances, world.Pods)
            : ReplicaCalculator.ByShare(world.Present, usage, metric.AverageValue!.Value.MilliValue, Tolerances);
        if (proposal.Problem is { } impossible)
        {
            return Fail(impossible, impossible);
        }

        var source = Identified(metric, byValue ? "value" : "averageValue", proposal.Usage);
        var described = new JsonObject { ["kind"] = metric.Described.Kind, ["name"] = metric.Described.Name };
        if (metric.Described.ApiVersion.Length > 0)
        {
            described["apiVersion"] = metric.Described.ApiVersion;
        }

        source["describedObject"] = described;
        var name = byValue ? $"{metric.Described.Kind} metric {metric.Name}" : $"external metric {metric.Name}({metric.SelectorText()})";
        return new MetricOutcome(proposal.Replicas, name, Status(metric, source));
    }

    private MetricOutcome External(MetricSpec metric, MetricWorld world, MetricAnswer answer)
    {
        MetricOutcome Fail(string failure, string told) =>
            MetricOutcome.Impossible("FailedGetExternalMetric", failure, $"failed to get {metric.Name} external metric value: {told}");
        if (metric.AverageValue is null && metric.Value is null)
        {
            const string Neither = "invalid external metric source: neither a value target nor an average value target was set";
            return Fail(Neither, Neither);
        }

        MetricOutcome Unable(string failure) =>
            Fail(failure, metric.AverageValue is null ? $"failed to get external metric {metric.Name}: {failure}" : $"failed to get {metric.Name} external metric: {failure}");
        if (answer.Problem is { } unanswered)
        {
            return Unable($"unable to get external metric {world.Namespace}/{metric.Name}/{metric.SelectorText()}: {unanswered}");
        }

        var usage = (long)Int128.Clamp(answer.Values.Aggregate(Int128.Zero, (sum, value) => sum + value.Sample.Value), long.MinValue, long.MaxValue);
        var proposal = metric.AverageValue is { } average
            ? ReplicaCalculator.ByShare(world.Present, usage, average.MilliValue, Tolerances)
            : ReplicaCalculator.ByValue(world.Wanted, usage, metric.Value!.Value.MilliValue, Tolerances, world.Pods);
        return proposal.Problem is { } impossible
            ? Unable(impossible)
            : new MetricOutcome(
                proposal.Replicas,
                $"external metric {metric.Name}({metric.SelectorText()})",
                Status(metric, Identified(metric, metric.AverageValue is null ? "value" : "averageValue", proposal.Usage)));
    }

    private static JsonObject Status(MetricSpec metric, JsonObject source) => new() { ["type"] = metric.Type, [MetricSpec.SourceOf(metric.Type)] = source };

    private static JsonObject Identified(MetricSpec metric, string figure, long usage)
    {
        var identity = new JsonObject { ["name"] = metric.Name };
        if (metric.Selector.ValueKind == System.Text.Json.JsonValueKind.Object)
        {
            identity["selector"] = JsonObject.Create(metric.Selector);
        }

        return new JsonObject { ["metric"] = identity, ["current"] = new JsonObject { [figure] = Written(usage) } };
    }

    private static string Written(long milli) => Quantity.OfMilli(milli).ToString();
}
