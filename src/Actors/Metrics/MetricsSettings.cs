using Akka.Configuration;

namespace ActorOrchestrator.Actors.Metrics;

/// <summary>From <c>orchestrator.metrics</c>.</summary>
/// <param name="StaleAfter">Figures that are older are none.</param>
public sealed record MetricsSettings(TimeSpan StaleAfter)
{
    public static MetricsSettings From(Config config) => new(config.GetTimeSpan("stale-after"));
}
