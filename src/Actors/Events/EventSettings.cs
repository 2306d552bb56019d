using Akka.Configuration;

namespace ActorOrchestrator.Actors.Events;

/// <summary>The bounds of the event recorder, from <c>orchestrator.events</c>. The defaults of the correlation are upstream's (client-go, tools/record).</summary>
public sealed record EventSettings
{
    public int Queue { get; init; } = 8192;
    public int Writes { get; init; } = 32;
    public int Memory { get; init; } = 4096;
    public int Similar { get; init; } = 10;
    public TimeSpan SimilarWindow { get; init; } = TimeSpan.FromMinutes(10);
    public int Burst { get; init; } = 25;
    public TimeSpan Refill { get; init; } = TimeSpan.FromMinutes(5);

    /// <param name="config">The section <c>orchestrator.events</c>.</param>
    public static EventSettings From(Config config) => new()
    {
        Queue = config.GetInt("queue"),
        Writes = config.GetInt("writes"),
        Memory = config.GetInt("memory"),
        Similar = config.GetInt("similar"),
        SimilarWindow = config.GetTimeSpan("similar-window"),
        Burst = config.GetInt("burst"),
        Refill = config.GetTimeSpan("refill"),
    };
}
