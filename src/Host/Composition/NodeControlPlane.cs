using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.NodeAgent;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Host.Cluster;

namespace ActorOrchestrator.Host.Composition;

/// <summary>The control plane as this host's node sees it, over whatever clustered system there is now.</summary>
internal sealed class NodeControlPlane(IClusterReader reader, IResourceClient client, IEventRecorder events, IServiceAccountTokens tokens, ClusterLink link) : IControlPlane
{
    public IClusterReader Reader => reader;

    public IResourceClient Client => client;

    public IEventRecorder Events => events;

    public IServiceAccountTokens Tokens => tokens;

    public void Heartbeat(string nodeName) => link.Heartbeat(nodeName);

    public void Report(UsageReport report) => link.Report(report);
}
