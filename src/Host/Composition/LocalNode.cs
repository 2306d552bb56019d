using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.NodeAgent;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Actors.ServiceNetworking.Dns;
using ActorOrchestrator.Actors.ServiceNetworking.Proxy;
using ActorOrchestrator.Actors.ServiceNetworking.Routes;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Cluster;
using ActorOrchestrator.Host.Dns;
using ActorOrchestrator.Host.Engine;
using ActorOrchestrator.Host.Kernel;
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

    private LocalNode(ActorSystem system) => System = system;

    public ActorSystem System { get; }

    public sealed record Parts(
        OrchestratorOptions Options, HostFolder Folder, Config Config, DockerEngine Engine, HostIdentity Identity,
        LedgerView View, IResourceClient Client, ClusterLink Link, TimeProvider Time);

    public static Task<LocalNode> StartAsync(Parts parts, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var config = HostConfig.Read("local").WithFallback(parts.Config);
        var system = ActorSystem.Create("node", config);
        StartNetworking(system, parts);
        StartAgent(system, parts);
        return Task.FromResult(new LocalNode(system));
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAny(System.Terminate(), Task.Delay(EndPatience)).ConfigureAwait(false);
    }

    private static void StartAgent(ActorSystem system, Parts parts)
    {
        var (options, folder, config, time) = (parts.Options, parts.Folder, parts.Config, parts.Time);
        var settings = NodeAgentSettings.From(config.GetConfig("orchestrator.node"), folder.ClusterId, options.NodeName, folder.NodeData) with
        {
            Address = options.AdvertiseAddress.ToString(),
            Port = options.NodePort,
        };
        if (options.IsControl)
        {
            settings = settings with { Labels = settings.Labels.SetItem("node-role.kubernetes.io/control-plane", "") };
        }

        var events = EventRecorder.Start(system, parts.Client, ResourceCatalog.BuiltIn, time, EventSettings.From(config.GetConfig("orchestrator.events")), "kubelet", options.NodeName);
        var plane = new NodeControlPlane(parts.View, parts.Client, events, parts.Link);
        var ports = new NodeAgentPorts(plane, parts.Engine, new LinuxNodeFiles(folder.NodeData), new LinuxMachine(folder.NodeData), new NetworkProber(), settings, time);
        system.ActorOf(NodeAgentActor.Props(ports), "node-agent");
    }

    private static void StartNetworking(ActorSystem system, Parts parts)
    {
        var (view, node, time) = (parts.View, parts.Options.NodeName, parts.Time);
        var network = NetworkSettings.From(parts.Config);
        var proxy = system.ActorOf(
            ServiceProxyActor.Props(view, new NftNetfilter(new KernelCommand()), new ConntrackNetlink(), node, ServiceProxySettings.From(parts.Config), network, time), "service-proxy");
        var kernel = NodeNetworkParts.Of(parts.Config, parts.Folder);
        system.ActorOf(NodeNetworkActor.Props(view, kernel.Kernel, proxy, node, NodeNetworkSettings.From(parts.Config), network), "node-network");
        var dns = DnsSettings.From(parts.Config);
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
        var firewall = new DockerUserRules(command, $"orchestrator {folder.ClusterId}");
        var settings = new KernelSettingsJournal(Path.Combine(folder.Path, "kernel-settings.json"));
        return new NodeNetworkParts(command, routes, firewall, settings, new LinuxNodeKernel(command, routes, firewall, settings));
    }
}
