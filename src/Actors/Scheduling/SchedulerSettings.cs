using ActorOrchestrator.Actors.Scheduling.Framework;
using Akka.Configuration;

namespace ActorOrchestrator.Actors.Scheduling;

/// <summary>From <c>orchestrator.scheduler</c>.</summary>
public sealed record SchedulerSettings
{
    /// <summary>The <c>spec.schedulerName</c> that it serves.</summary>
    public string SchedulerName { get; init; } = PodInfo.DefaultSchedulerName;

    public ScoringStrategy Scoring { get; init; } = ScoringStrategy.MostAllocated;

    /// <summary>0 adapts to the size of the cluster.</summary>
    public int PercentageOfNodesToScore { get; init; }

    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromSeconds(1);
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bindings on their way to the ledger. Many in flight become one batch there.</summary>
    public int BindsInFlight { get; init; } = 1024;

    /// <summary>Pods that are placed before facts that have arrived meanwhile are looked at.</summary>
    public int PodsPerTurn { get; init; } = 128;

    /// <summary>How often pods that nothing has helped are tried once more, should a fact have been judged wrongly.</summary>
    public TimeSpan UnschedulableRetry { get; init; } = TimeSpan.FromMinutes(5);

    /// <param name="config">The section <c>orchestrator.scheduler</c>.</param>
    public static SchedulerSettings From(Config config) => new()
    {
        SchedulerName = config.GetString("scheduler-name"),
        Scoring = ReadScoring(config.GetString("scoring")),
        PercentageOfNodesToScore = config.GetInt("percentage-of-nodes-to-score"),
        InitialBackoff = config.GetTimeSpan("initial-backoff"),
        MaxBackoff = config.GetTimeSpan("max-backoff"),
        BindsInFlight = config.GetInt("binds-in-flight"),
        PodsPerTurn = config.GetInt("pods-per-turn"),
        UnschedulableRetry = config.GetTimeSpan("unschedulable-retry"),
    };

    private static ScoringStrategy ReadScoring(string name) => name switch
    {
        "MostAllocated" => ScoringStrategy.MostAllocated,
        "LeastAllocated" => ScoringStrategy.LeastAllocated,
        _ => throw new ConfigurationException($"orchestrator.scheduler.scoring is \"{name}\"; MostAllocated or LeastAllocated is expected."),
    };
}
