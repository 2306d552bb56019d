using Akka.Configuration;

namespace ActorOrchestrator.Actors.Controllers.Framework;

/// <summary>The waits of the controllers, from <c>orchestrator.controllers</c>.</summary>
public sealed record ControllersSettings
{
    /// <summary>Between tries of a plan that was refused.</summary>
    public required Backoff Retry { get; init; }

    /// <summary>Between an actor's crash and its successor's start.</summary>
    public required Backoff Restart { get; init; }

    /// <summary>Lost races in a row that are answered by looking again at once; after that they are failures.</summary>
    public required int Conflicts { get; init; }

    public static ControllersSettings Default { get; } = new()
    {
        Retry = new Backoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1)),
        Restart = new Backoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30)),
        Conflicts = 16,
    };

    /// <param name="config">The section <c>orchestrator.controllers</c>.</param>
    public static ControllersSettings From(Config config) => new()
    {
        Retry = new Backoff(config.GetTimeSpan("retry-min"), config.GetTimeSpan("retry-max")),
        Restart = new Backoff(config.GetTimeSpan("restart-min"), config.GetTimeSpan("restart-max")),
        Conflicts = config.GetInt("conflicts"),
    };
}
