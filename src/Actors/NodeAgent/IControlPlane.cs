using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.Resources;

namespace ActorOrchestrator.Actors.NodeAgent;

/// <summary>
/// What a node knows of the control plane. The reader keeps its last state while the control plane is away; writes then fail
/// with <see cref="LedgerUnavailableException"/> and are made again when the link is back.
/// </summary>
public interface IControlPlane
{
    IClusterReader Reader { get; }
    IResourceClient Client { get; }
    IEventRecorder Events { get; }

    /// <summary>The tokens that pods' volumes hold; where there is nobody to ask, every request is refused.</summary>
    IServiceAccountTokens Tokens => UnreachableTokens.Instance;

    void Heartbeat(string nodeName);

    /// <summary>What this node uses; lost while nobody leads, as the next one says it all again. Where nobody asks for it, nobody hears it.</summary>
    void Report(UsageReport report)
    {
    }
}
