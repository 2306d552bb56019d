namespace ActorOrchestrator.Host.Api.Health;

/// <summary>One thing that must be so before the host serves.</summary>
/// <param name="Name">As shown by <c>/readyz?verbose</c>.</param>
/// <param name="Problem">Why it is not so; null when it is.</param>
public readonly record struct ReadinessCheck(string Name, string? Problem);

/// <summary>Whether this host is ready, in parts.</summary>
public interface IReadiness
{
    IReadOnlyList<ReadinessCheck> Check();
}
