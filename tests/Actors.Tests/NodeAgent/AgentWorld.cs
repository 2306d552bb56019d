using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.NodeAgent;
using ActorOrchestrator.Actors.NodeAgent.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.NodeAgent.Probes;
using ActorOrchestrator.Actors.NodeAgent.Simulation;
using ActorOrchestrator.Actors.NodeAgent.Usage;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Tests.Timers;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.TestSupport;
using ActorOrchestrator.TestSupport.Ledger;
using Akka.Actor;
using Akka.TestKit;
using k8s.Models;

namespace ActorOrchestrator.Actors.Tests.NodeAgent;

/// <summary>A node agent on the simulated engine, in virtual time, with a control plane that can be taken away.</summary>
internal sealed class AgentWorld : IControlPlane, INodeMachine, IProber
{
    public const string Hocon = """
        akka {
          loglevel = WARNING
          scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        }
        """;

    private static readonly WriteOptions By = new("tester", "test");
    private readonly ActorSystem _system;
    private readonly RecordedEvents _events = new();
    private int _agents;

    public AgentWorld(ActorSystem system, string nodeSpec = """{"podCIDR":"10.42.0.0/24"}""")
    {
        _system = system;
        Scheduler = (TestScheduler)system.Scheduler;
        Time = new SchedulerTime(Scheduler);
        Ledger = new DirectLedger(Time);
        Client = new ResourceStore(Ledger, Ledger.View, ResourceCatalog.BuiltIn, Time);
        Engine = new SimulatedEngine(Time);
        Engine.AddImage("busybox:1.36");
        Usage = new SimulatedUsage(Engine, Time);
        Create(ResourceTypes.Namespaces, """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default"}}""");
        Create(ResourceTypes.Nodes, $$"""{"apiVersion":"v1","kind":"Node","metadata":{"name":"n1"},"spec":{{nodeSpec}} }""");
    }

    public TestScheduler Scheduler { get; }
    public TimeProvider Time { get; }
    public DirectLedger Ledger { get; }
    public SimulatedEngine Engine { get; }
    public SimulatedUsage Usage { get; }

    /// <summary>Stands between the agent and <see cref="Usage"/>.</summary>
    public IUsageMeter? Meter { get; set; }
    public ConcurrentQueue<UsageReport> Reports { get; } = new();
    public InMemoryNodeFiles Files { get; } = new();
    public IReadOnlyCollection<string> Events => _events.All;
    public IActorRef Agent { get; private set; } = ActorRefs.Nobody;
    public Func<bool> Probe { get; set; } = () => true;
    public IClusterReader Reader => Ledger.View;
    public IResourceClient Client { get; }
    IEventRecorder IControlPlane.Events => _events;

    public NodeAgentSettings Settings { get; init; } = new()
    {
        NodeName = "n1",
        ClusterId = "test",
        DataDirectory = "/data",
        Bridge = "orch0",
        Mtu = 1500,
        ClusterDns = "10.43.0.10",
        ClusterDomain = "cluster.local",
        Port = 10250,
        MaxPods = 110,
        HeartbeatInterval = TimeSpan.FromSeconds(1),
        StatusInterval = TimeSpan.FromMinutes(5),
        RelistInterval = TimeSpan.FromSeconds(60),
        ControlPlanePatience = TimeSpan.FromSeconds(5),
        RetryInterval = TimeSpan.FromSeconds(1),
        RestartBackoffInitial = TimeSpan.FromSeconds(10),
        RestartBackoffMax = TimeSpan.FromMinutes(5),
        PullBackoffInitial = TimeSpan.FromSeconds(10),
        PullBackoffMax = TimeSpan.FromMinutes(5),
        LogFileBytes = 1024,
        LogFiles = 2,
        ReservedCpu = "0",
        ReservedMemory = "0",
        MemoryPressureBytes = 0,
        DiskPressureShare = 0,
    };

    public void StartAgent() => StartAgent(this);

    /// <summary>As on a host whose link to the leader is not up yet.</summary>
    public void StartAgent(IControlPlane plane) => Agent = _system.ActorOf(
        NodeAgentActor.Props(new NodeAgentPorts(plane, Engine, Files, this, this, Settings, Time) { Usage = Meter ?? Usage }), $"agent-{++_agents}");

    public void StopAgent() => Agent.GracefulStop(TimeSpan.FromSeconds(60)).GetAwaiter().GetResult();

    public StoredObject Create(ResourceType type, string json, string ns = "")
    {
        var result = Client.CreateAsync(type, ns, JsonNode.Parse(json)!.AsObject(), By).GetAwaiter().GetResult();
        Assert.True(result.Ok, result.Failure?.Message);
        return result.Object!;
    }

    public StoredObject CreatePod(string name, string containerMore = "", string more = "") => Create(ResourceTypes.Pods, $$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","namespace":"default"},
         "spec":{"nodeName":"n1","containers":[{"name":"c","image":"busybox:1.36"{{{containerMore}}}}]{{{more}}}}}
        """, "default");

    public void Delete(StoredObject pod, long? grace = null) =>
        Assert.True(Client.DeleteAsync(pod.Key, new DeleteRequest(grace), By).GetAwaiter().GetResult().Ok);

    public V1Pod? Pod(string name) => Reader.Current.Find(new ObjectKey(ResourceTypes.Pods, "default", name))?.As<V1Pod>();

    public V1ContainerStatus? Status(string name) => Pod(name)?.Status?.ContainerStatuses?.FirstOrDefault();

    /// <summary>In steps, as a periodic timer needs it.</summary>
    public void Advance(TimeSpan by)
    {
        for (var done = TimeSpan.Zero; done < by; done += TimeSpan.FromSeconds(1))
        {
            Scheduler.Advance(TimeSpan.FromSeconds(1));
        }
    }

    public string IdOf(string name) => Status(name)!.ContainerID["docker://".Length..];

    public void Heartbeat(string nodeName)
    {
    }

    void IControlPlane.Report(UsageReport report) => Reports.Enqueue(report);

    Task<MachineFacts> INodeMachine.ReadAsync(CancellationToken cancellation) =>
        Task.FromResult(new MachineFacts("n1", "6.0", "Simulated", "m", "s", "b", "192.0.2.10", 1500, 1 << 30, 1 << 30, 1 << 30));

    Task<ProbeOutcome> IProber.HttpAsync(HttpProbe probe, CancellationToken cancellation) => Outcome();

    Task<ProbeOutcome> IProber.TcpAsync(string host, int port, CancellationToken cancellation) => Outcome();

    Task<ProbeOutcome> IProber.GrpcAsync(string host, int port, string service, CancellationToken cancellation) => Outcome();

    private Task<ProbeOutcome> Outcome() => Task.FromResult(Probe() ? new ProbeOutcome(true, "") : new ProbeOutcome(false, "HTTP probe failed with statuscode: 500"));
}

/// <summary>A control plane that this node has not heard of yet.</summary>
internal sealed class SilentControlPlane : IControlPlane
{
    private readonly DirectLedger _ledger = new() { IsDown = true };
    private readonly RecordedEvents _events = new();

    public SilentControlPlane() => Client = new ResourceStore(_ledger, _ledger.View, ResourceCatalog.BuiltIn, TimeProvider.System);

    public IClusterReader Reader => _ledger.View;
    public IResourceClient Client { get; }
    public IEventRecorder Events => _events;

    public void Heartbeat(string nodeName)
    {
    }
}

/// <summary>The world's control plane, of which this node hears nothing until it arrives.</summary>
internal sealed class LateControlPlane(AgentWorld world) : IControlPlane
{
    private readonly LedgerView _view = new(TestLedger.DefaultSettings, world.Time);

    public IClusterReader Reader => _view;
    public IResourceClient Client => world.Client;
    public IEventRecorder Events => ((IControlPlane)world).Events;

    public void Arrive() => _view.Follow(_view.NewWindow((ClusterState)world.Reader.Current));

    public void Heartbeat(string nodeName)
    {
    }
}
