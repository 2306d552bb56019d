using Akka.Actor;

namespace ActorOrchestrator.Actors.NodeAgent.Probes;

public enum ProbeKind : byte
{
    Startup = 1,
    Readiness = 2,
    Liveness = 3,
}

/// <summary>A probe's result crossed its threshold.</summary>
/// <param name="RunId">The container that was probed: a verdict about an earlier one is worthless.</param>
public sealed record ProbeVerdict(ProbeKind Kind, string RunId, bool Success, string Output) : INoSerializationVerificationNeeded;

/// <summary>What a probe is aimed at.</summary>
/// <param name="Address">The pod's.</param>
/// <param name="Ports">The container's named ports.</param>
public sealed record ProbeTarget(string RunId, string Address, IReadOnlyDictionary<string, int> Ports, int? GraceSeconds);
