using System.Security.Cryptography.X509Certificates;
using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.NodeAgent;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.NodeAgent.Shutdown;
using ActorOrchestrator.Actors.NodeAgent.Usage;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Actors.ServiceNetworking.Dns;
using ActorOrchestrator.Actors.ServiceNetworking.Proxy;
using ActorOrchestrator.Actors.ServiceNetworking.Routes;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Certificates;
using ActorOrchestrator.Host.Cluster;
using ActorOrchestrator.Host.Dns;
using ActorOrchestrator.Host.Engine;
using ActorOrchestrator.Host.Engine.Cgroups;
using ActorOrchestrator.Host.Kernel;
using ActorOrchestrator.Host.Logging;
using ActorOrchestrator.Host.NodeEndpoint;
using Akka.Actor;
using Akka.Configuration;

namespace ActorOrchestrator.Host.Composition;

/// <summary>
/// The node's half of a host: an actor system of its own with the agent, the service proxy and DNS. It is local, so that it outlives every
/// membership of the cluster. Ending it leaves containers, rules and routes as they are.
/// </summary>
public sealed class LocalNode : IAsyncDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    /// <summary>What the agent may take beyond the pods' own periods before it is not waited for any more.</summary>
    private static readonly TimeSpan ShutdownMargin = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan MeasurePatience = TimeSpan.FromSeconds(5);

    private readonly NodeServer _server;
    private readonly NodeShutdownSettings _shutdown;
    private readonly IActorRef _agent;

    private LocalNode(ActorSystem system, NodeServer server, NodeShutdownSettings shutdown, IActorRef agent)
    {
        System = system;
        _server = server;
        _shutdown = shutdown;
        _agent = agent;
    }

    public ActorSystem System { get; }

    public sealed record Parts(
        OrchestratorOptions Options, HostFolder Folder, HostConfig Config, NetworkSettings Network, DockerEngine Engine, HostIdentity Identity,
        LedgerView View, IResourceClient Client, IServiceAccountTokens Tokens, ICatalogSource Catalog, ClusterLink Link, TimeProvider Time);

    /// <exception cref="HostException">The node's port is taken.</exception>
    public static async Task<LocalNode> StartAsync(Parts parts, CancellationToken cancellation)
    {
        var settings = AgentSettings(parts);
        var started = new TaskCompletionSource<IActorRef>(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = await StartServerAsync(parts, settings, limit => MeasureAsync(started.Task, limit), cancellation).ConfigureAwait(false);
        var config = parts.Config.Local;
        var system = ActorSystem.Create("node", config);
        StartNetworking(system, parts);
        var agent = StartAgent(system, parts, settings);
        started.SetResult(agent);
        return new LocalNode(system, server, settings.Shutdown, agent);
    }

    /// <summary>Whether pods end before their host does, rather than outlive it.</summary>
    public bool EndsItsPods => _shutdown.IsOn;

    /// <summary>Ends the pods as the settings say, while everything still works. Nothing happens where they outlive the host.</summary>
    /// <param name="hurry">They are not waited for any longer.</param>
    public async Task EndPodsAsync(CancellationToken hurry)
    {
        if (!EndsItsPods)
        {
            return;
        }

        try
        {
            var done = await _agent.Ask<NodeShutdown.Done>(new NodeShutdown.Begin(), _shutdown.Total + ShutdownMargin, hurry).ConfigureAwait(false);
            LogFile.Write(TimeProvider.System.GetUtcNow(), done.Left == 0 ? "INFO" : "WARNING", nameof(LocalNode), $"{done.Ended} pods ended with their node, {done.Left} did not in time", null);
        }
        catch (Exception late) when (late is AskTimeoutException or OperationCanceledException)
        {
            LogFile.Write(TimeProvider.System.GetUtcNow(), "WARNING", nameof(LocalNode), "The pods were not waited for any longer", null);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAny(System.Terminate(), Task.Delay(EndPatience)).ConfigureAwait(false);
    }

    private static NodeAgentSettings AgentSettings(Parts parts)
    {
        var settings = NodeAgentSettings.From(parts.Config.Rooms.GetConfig("orchestrator.node"), parts.Folder.ClusterId, parts.Options.NodeName, parts.Folder.NodeData, parts.Network.DnsAddress.ToString()) with
        {
            Address = parts.Options.AdvertiseAddress.ToString(),
            Port = parts.Options.NodePort,
        };
        return parts.Options.IsControl ? settings with { Labels = settings.Labels.SetItem("node-role.kubernetes.io/control-plane", "") } : settings;
    }

    /// <summary>An agent that is too busy to say what it uses says nothing.</summary>
    private static async Task<MeasuredNode?> MeasureAsync(Task<IActorRef> started, CancellationToken cancellation)
    {
        try
        {
            var agent = await started.WaitAsync(MeasurePatience, cancellation).ConfigureAwait(false);
            return (await agent.Ask<MeasureNode.Answer>(MeasureNode.Instance, MeasurePatience, cancellation).ConfigureAwait(false)).Node;
        }
        catch (Exception late) when (late is AskTimeoutException or TimeoutException)
        {
            return null;
        }
    }

    private static async Task<NodeServer> StartServerAsync(Parts parts, NodeAgentSettings settings, Func<CancellationToken, Task<MeasuredNode?>> measure, CancellationToken cancellation)
    {
        var identity = parts.Identity;
        // Only the control plane reads a node's logs: another node's certificate is of the same authority, but it names a node.
        bool Admits(X509Certificate2 shown) => CertificateAuthority.Trusts(identity.AuthorityCertificate, shown)
            && shown.GetNameInfo(X509NameType.SimpleName, forIssuer: false) == CertificateSubject.ApiServer.User;
        try
        {
            return await NodeServer.StartAsync(new NodeServer.Parts(parts.Engine, parts.Engine, settings, identity.Node, Admits, parts.Time) { Measure = measure }, cancellation).ConfigureAwait(false);
        }
        catch (IOException failed)
        {
            throw new HostException($"port {settings.Port} of the node's own endpoint is already in use by another program; choose another with --node-port.", failed);
        }
    }

    private static IActorRef StartAgent(ActorSystem system, Parts parts, NodeAgentSettings settings)
    {
        var (options, folder, config, time) = (parts.Options, parts.Folder, parts.Config.Rooms, parts.Time);
        var events = EventRecorder.Start(system, parts.Client, parts.Catalog, time, EventSettings.From(config.GetConfig("orchestrator.events")), "kubelet", options.NodeName);
        var plane = new NodeControlPlane(parts.View, parts.Client, events, parts.Tokens, parts.Link);
        var ports = new NodeAgentPorts(plane, parts.Engine, new LinuxNodeFiles(folder.NodeData), new LinuxMachine(folder.NodeData), new NetworkProber(), settings, time) { Usage = new CgroupMeter() };
        return system.ActorOf(NodeAgentActor.Props(ports), "node-agent");
    }

    private static void StartNetworking(ActorSystem system, Parts parts)
    {
        var (view, node, network, time) = (parts.View, parts.Options.NodeName, parts.Network, parts.Time);
        var proxy = system.ActorOf(
            ServiceProxyActor.Props(view, new NftNetfilter(new KernelCommand()), new ConntrackNetlink(), node, ServiceProxySettings.From(parts.Config.Rooms), network, time), "service-proxy");
        var kernel = NodeNetworkParts.Of(parts.Config.Rooms, parts.Folder);
        system.ActorOf(NodeNetworkActor.Props(view, kernel.Kernel, proxy, node, NodeNetworkSettings.From(parts.Config.Rooms), network), "node-network");
        var dns = DnsSettings.From(parts.Config.Rooms);
        var forwarder = new DnsForwarder(dns, new HostResolvers(dns), time);
        system.ActorOf(DnsActor.Props(view, new DnsServer(dns, forwarder), node, dns, network), "dns");
    }
}

/// <summary>The kernel adapters of one host, made the same way for running and for purging.</summary>
internal sealed record NodeNetworkParts(KernelCommand Command, IpRoutes Routes, DockerUserRules Firewall, KernelSettingsJournal Settings, LinuxNodeKernel Kernel)
{
    public static NodeNetworkParts Of(Config config, HostFolder folder)
    {
        var command = new KernelCommand();
        var routes = new IpRoutes(command, config.GetInt("orchestrator.routes.protocol"));
        var firewall = new DockerUserRules(command, ServiceProxySettings.From(config).Table);
        var settings = new KernelSettingsJournal(Path.Combine(folder.Path, "kernel-settings.json"));
        return new NodeNetworkParts(command, routes, firewall, settings, new LinuxNodeKernel(command, routes, firewall, settings));
    }
}
