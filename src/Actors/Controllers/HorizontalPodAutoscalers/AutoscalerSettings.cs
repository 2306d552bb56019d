using Akka.Configuration;

namespace ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;

/// <summary>From <c>orchestrator.horizontal-pod-autoscaler</c>: upstream's <c>--horizontal-pod-autoscaler-*</c> flags.</summary>
public sealed record AutoscalerSettings
{
    /// <summary>How often each autoscaler looks at its metrics. Never more often, whatever happens meanwhile, but for a change of its own specification.</summary>
    public required TimeSpan SyncPeriod { get; init; }

    /// <summary>The window of an autoscaler that sets none itself: the largest recommendation within it holds a scale-down back.</summary>
    public required TimeSpan DownscaleStabilization { get; init; }

    /// <summary>How far use may be from its target, as a share of the target, without anything being done.</summary>
    public required double Tolerance { get; init; }

    /// <summary>After a pod's start: the time in which its processor use may be that of starting.</summary>
    public required TimeSpan CpuInitializationPeriod { get; init; }

    /// <summary>After a pod's start: a pod that became unready within it counts as never having been ready.</summary>
    public required TimeSpan InitialReadinessDelay { get; init; }

    /// <summary>How long a server of custom or external metrics may take to answer.</summary>
    public required TimeSpan MetricsTimeout { get; init; }

    public static AutoscalerSettings Default { get; } = new()
    {
        SyncPeriod = TimeSpan.FromSeconds(15),
        DownscaleStabilization = TimeSpan.FromMinutes(5),
        Tolerance = 0.1,
        CpuInitializationPeriod = TimeSpan.FromMinutes(5),
        InitialReadinessDelay = TimeSpan.FromSeconds(30),
        MetricsTimeout = TimeSpan.FromSeconds(5),
    };

    /// <param name="config">The section <c>orchestrator.horizontal-pod-autoscaler</c>.</param>
    public static AutoscalerSettings From(Config config) => new()
    {
        SyncPeriod = config.GetTimeSpan("sync-period"),
        DownscaleStabilization = config.GetTimeSpan("downscale-stabilization"),
        Tolerance = config.GetDouble("tolerance"),
        CpuInitializationPeriod = config.GetTimeSpan("cpu-initialization-period"),
        InitialReadinessDelay = config.GetTimeSpan("initial-readiness-delay"),
        MetricsTimeout = config.GetTimeSpan("metrics-timeout"),
    };
}
