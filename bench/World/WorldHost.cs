using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Cluster;
using ActorOrchestrator.Actors.Controllers;
using ActorOrchestrator.Actors.Controllers.Bootstrap;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.NodeAgent;
using ActorOrchestrator.Actors.NodeAgent.Simulation;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Admission;
using ActorOrchestrator.Actors.Resources.CustomResources;
using ActorOrchestrator.Actors.Resources.Strategies;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Bench.Ledger;
using ActorOrchestrator.Contracts.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Cluster;
using ActorOrchestrator.Host.Persistence;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;

namespace ActorOrchestrator.Bench.World;

/// <summary>
/// The whole control plane as a host runs it (durable ledger, admission, every controller, the scheduler, events) and any number of node agents on simulated engines, in
/// one process and without HTTP.
/// </summary>
internal sealed class WorldHost : IAsyncDisposable
{
    private static readonly UserInfo Admin = new("bench", ["system:masters"]);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly string _folder = Directory.CreateTempSubdirectory("world-bench-").FullName;
    private readonly LedgerStorage _storage;
    private readonly ActorSystem _control;
    private readonly ActorSystem _nodes;
    private readonly Config _rooms;
    private readonly SimulatedNode[] _machines;

    private WorldHost(int nodes, Func<Actors.NodeAgent.Containers.ContainerSpec, int?> program)
    {
        // Ranges that a thousand nodes fit in; everything else is as shipped.
        _rooms = ConfigurationFactory.ParseString("""orchestrator.network.cluster-cidr = "10.128.0.0/12" """)
            .WithFallback(LedgerHost.Hocon("node.conf")).WithFallback(LedgerHost.Hocon("control.conf")).WithFallback(LedgerHost.Hocon("base.conf"));
        var akka = ConfigurationFactory.ParseString("""
            akka.loglevel = WARNING
            akka.stdout-loglevel = WARNING
            akka.loggers = ["Akka.Event.DefaultLogger"]
            """).WithFallback(LedgerHost.Hocon("local.conf"));
        var time = TimeProvider.System;
        _storage = LedgerStorage.OpenSqlite(Path.Combine(_folder, "ledger.db"), LedgerHost.Hocon("persistence-sqlite.conf"));
        _control = ActorSystem.Create("control", ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig(akka.WithFallback(_storage.Config).WithFallback(_rooms)), _storage.Setup));
        _nodes = ActorSystem.Create("nodes", akka.WithFallback(_rooms));
        var settings = LedgerSettings.From(_rooms.GetConfig("orchestrator.ledger"));
        View = new LedgerView(settings, time);
        var route = new LedgerRoute();
        var catalog = new DynamicCatalog(View);
        Client = new ResourceStore(route, View, catalog, StrategyCatalog.BuiltIn(ServiceRanges.From(_rooms)), AdmissionChain.For(catalog, View, time), time);
        var network = NetworkSettings.From(_rooms);
        var events = EventSettings.From(_rooms.GetConfig("orchestrator.events"));
        var parts = new LeaderParts(
            View, Client, catalog, EventRecorder.Start(_control, Client, catalog, time, events, "orchestrator"), time, _rooms, network,
            new BootstrapSettings("192.0.2.1", 6443, "no certificate", network.ApiAddress.ToString(), network.DnsAddress.ToString(), network.ServiceCidr.ToString()));
        var leader = _control.ActorOf(
            LeaderActor.Props(
                LedgerActor.Supervised(View, settings, time, LedgerStorage.Explain),
                parts.Build(AccessControllers.Definitions(null, null, null)),
                leads: local => route.Lead(local is null ? null : new LedgerClient(local, settings.CommitTimeout))),
            "leader");

        // One recorder for all of them; on real machines each has its own.
        var nodeEvents = EventRecorder.Start(_nodes, Client, catalog, time, events, "kubelet");
        _machines = [.. Enumerable.Range(0, nodes).Select(i =>
        {
            var name = $"node-{i:0000}";
            var agent = NodeAgentSettings.From(_rooms.GetConfig("orchestrator.node"), "bench", name, "/data", network.DnsAddress.ToString());
            var plane = new SimulatedControlPlane(View, Client, nodeEvents.On(name), time, node => leader.Tell(new NodeMessages.Heartbeat(node)), report => leader.Tell(report));
            var machine = new SimulatedNode(agent, plane, time) { Engine = { Program = program }, Files = new InMemoryNodeFiles(keeps: false) };
            machine.Engine.AddImage(Image);
            return machine;
        })];
    }

    public const string Image = "registry.k8s.io/pause:3.10";

    public LedgerView View { get; }
    public IResourceClient Client { get; }
    public ClusterSnapshot Now => View.Current;

    /// <param name="nodes">Node agents.</param>
    /// <param name="program">What a container does: null runs on, a number exits with it at once.</param>
    public static async Task<WorldHost> StartAsync(int nodes, Func<Actors.NodeAgent.Containers.ContainerSpec, int?>? program = null)
    {
        var world = new WorldHost(nodes, program ?? (_ => null));
        await world.UntilAsync(snapshot => snapshot.Find(new ObjectKey(ResourceTypes.ServiceAccounts, "default", "default")) is not null, "the control plane");
        foreach (var machine in world._machines)
        {
            world._nodes.ActorOf(NodeAgentActor.Props(machine.Ports), machine.Name);
        }

        var ready = new ConditionCount(ResourceTypes.Nodes, node => node.ToJson()["status"]?["conditions"] is JsonArray conditions
            && conditions.Any(condition => (string?)condition!["type"] == "Ready" && (string?)condition["status"] == "True"));
        await world.UntilAsync(ready, nodes, "nodes");
        return world;
    }

    public async Task<StoredObject> CreateAsync(ResourceType type, string ns, JsonObject obj)
    {
        var result = await Client.CreateAsync(type, ns, obj, new WriteOptions(Admin.Name, "create") { User = Admin });
        return result.Object ?? throw new InvalidOperationException(result.Failure?.Message);
    }

    public async Task UntilAsync(Func<ClusterSnapshot, bool> holds, string what)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var observation = View.Observe(_ =>
        {
            if (holds(View.Current))
            {
                arrived.TrySetResult();
            }
        });
        if (!holds(View.Current))
        {
            await WaitAsync(arrived.Task, what);
        }
    }

    /// <summary>Waits until so many objects fulfil a condition, counting changes only, so that the waiting itself is not measured.</summary>
    public async Task UntilAsync(ConditionCount condition, int count, string what)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        condition.Reached(count, () => arrived.TrySetResult());
        using var observation = View.Observe(condition.Take);
        condition.Begin(observation.Start);
        await WaitAsync(arrived.Task, what);
    }

    private static async Task WaitAsync(Task arrived, string what)
    {
        try
        {
            await arrived.WaitAsync(Patience);
        }
        catch (TimeoutException late)
        {
            throw new InvalidOperationException($"{what}: not there within {Patience.TotalMinutes:0} minutes.", late);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _nodes.Terminate();
        await _control.Terminate();
        _storage.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
