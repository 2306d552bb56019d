namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <summary>What this engine can do on this machine, found out once by trying. A plain container host can do all of it.</summary>
/// <param name="NegativeOomScore">The runtime may protect processes from the out-of-memory killer.</param>
/// <param name="Privileged">The runtime may start privileged containers.</param>
public sealed record EngineAbilities(bool NegativeOomScore, bool Privileged)
{
    public static readonly EngineAbilities All = new(true, true);

    public bool IsLimited => !NegativeOomScore || !Privileged;

    public string Limits => string.Join(" and ", new[]
    {
        NegativeOomScore ? "" : "no container can be protected from the out-of-memory killer (a negative OOM score is raised to 0)",
        Privileged ? "" : "privileged containers are refused",
    }.Where(limit => limit.Length > 0));

    public int OomScore(int wanted) => NegativeOomScore ? wanted : Math.Max(0, wanted);
}
