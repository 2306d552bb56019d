using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;

/// <summary>One value of a custom or external metric.</summary>
/// <param name="Of">The name of what it describes; empty for external metrics.</param>
/// <param name="Sample">In thousandths, with its time.</param>
public readonly record struct MetricValue(string Of, PodSample Sample);

/// <summary>What a server of metrics has answered.</summary>
/// <param name="Values">In its order.</param>
/// <param name="Problem">Why there is no answer; null when there is one.</param>
public sealed record MetricAnswer(ImmutableArray<MetricValue> Values, string? Problem)
{
    public static MetricAnswer None(string problem) => new([], problem);
}

/// <summary>The APIs <c>custom.metrics.k8s.io</c> and <c>external.metrics.k8s.io</c>, where an APIService stands for them.</summary>
public interface IMetricsServers
{
    /// <summary>Values of metrics of type Pods, Object and External.</summary>
    /// <param name="metric">Which; any other type is a mistake.</param>
    /// <param name="selector">Of the pods, for the type Pods.</param>
    Task<MetricAnswer> AskAsync(MetricSpec metric, string @namespace, LabelSelector selector, CancellationToken cancellation);
}
