using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.NodeAgent.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.NodeAgent.Probes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.NodeAgent.Simulation;

/// <summary>
/// A machine that is only memory: an engine, a disk, a network and the facts about itself behind the ports of a node agent. Like a machine it
/// outlives the agents that run on it.
/// </summary>
/// <param name="settings">The agent's, with the node's name.</param>
/// <param name="plane">The control plane as this node sees it.</param>
/// <param name="time">Virtual or real.</param>
/// <param name="latency">Of the engine; null answers at once.</param>
public sealed class SimulatedNode(NodeAgentSettings settings, SimulatedControlPlane plane, TimeProvider time, SimulatedLatency? latency = null) : INodeMachine, IProber
{
    private static readonly ProbeOutcome Success = new(true, "");
    private SimulatedUsage? _usage;

    public string Name => settings.NodeName;

    public SimulatedEngine Engine { get; } = new(time, latency);

    /// <summary>What its containers use.</summary>
    public SimulatedUsage Usage => _usage ??= new SimulatedUsage(Engine, time);

    public InMemoryNodeFiles Files { get; init; } = new();

    /// <summary>What a probe of an address is answered.</summary>
    public Func<string, ProbeOutcome> Probe { get; set; } = _ => Success;

    public NodeAgentPorts Ports => new(plane, Engine, Files, this, this, settings, time) { Usage = Usage };

    Task<MachineFacts> INodeMachine.ReadAsync(CancellationToken cancellation) => Task.FromResult(
        new MachineFacts(Name, "6.0", "Simulated", Name, Name, "boot", "192.0.2.10", 1500, 8L << 30, 100L << 30, 90L << 30));

    Task<ProbeOutcome> IProber.HttpAsync(HttpProbe probe, CancellationToken cancellation) => Task.FromResult(Probe(probe.Host));

    Task<ProbeOutcome> IProber.TcpAsync(string host, int port, CancellationToken cancellation) => Task.FromResult(Probe(host));

    Task<ProbeOutcome> IProber.GrpcAsync(string host, int port, string service, CancellationToken cancellation) => Task.FromResult(Probe(host));
}

/// <summary>The control plane in the same process as the simulated nodes, without a network between.</summary>
/// <param name="heartbeat">Gets the names of the nodes that are alive.</param>
/// <param name="report">Gets what they use; null where nobody asks.</param>
public sealed class SimulatedControlPlane(
    IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time, Action<string> heartbeat, Action<UsageReport>? report = null) : IControlPlane, IServiceAccountTokens
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(1);

    public IClusterReader Reader => reader;

    public IResourceClient Client => client;

    public IEventRecorder Events => events;

    public IServiceAccountTokens Tokens => this;

    public void Heartbeat(string nodeName) => heartbeat(nodeName);

    public void Report(UsageReport usage) => report?.Invoke(usage);

    /// <summary>Nobody checks a simulated token.</summary>
    Task<TokenGrant> IServiceAccountTokens.RequestAsync(ObjectKey account, TokenSpec spec, CancellationToken cancellation) =>
        Task.FromResult(new TokenGrant($"simulated:{account.Namespace}:{account.Name}", time.GetUtcNow() + TokenLife, null));
}
