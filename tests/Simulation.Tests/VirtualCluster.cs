using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Cluster;
using ActorOrchestrator.Actors.Controllers.Bootstrap;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.NodeAgent;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Simulation;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Admission;
using ActorOrchestrator.Actors.Resources.CustomResources;
using ActorOrchestrator.Actors.Resources.Strategies;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.TestSupport;
using ActorOrchestrator.TestSupport.Ledger;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;

namespace ActorOrchestrator.Simulation.Tests;

/// <summary>
/// A whole cluster in virtual time on one thread: the control plane that a host composes, and node agents on simulated engines. The control plane can die at any
/// row of its journal and begins again from it; nodes live on, or die with it and find their containers again.
/// </summary>
internal sealed class VirtualCluster : IDisposable
{
    public const string Namespace = "default";
    public const string Image = "app:1";
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);
    private static readonly UserInfo Admin = new("tester", ["system:masters"]);

    private static readonly Config Rooms = ConfigurationFactory.ParseString("""orchestrator.node.reserved.memory = 0""")
        .WithFallback(Hocon("node")).WithFallback(Hocon("control")).WithFallback(Hocon("base"));

    private static readonly Config Akka = ConfigurationFactory.ParseString("""
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          loggers = []
          scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
          actor.default-dispatcher.type = "ActorOrchestrator.Simulation.Tests.StepDispatcherConfigurator, ActorOrchestrator.Simulation.Tests"
          actor.internal-dispatcher.type = "ActorOrchestrator.Simulation.Tests.StepDispatcherConfigurator, ActorOrchestrator.Simulation.Tests"
        }
        """).WithFallback(Rooms);

    /// <summary>What the control plane makes of an empty journal is the same every time: it is made once.</summary>
    private static readonly Lazy<ImmutableArray<FactBatch>> Beginning = new(Begin);

    private readonly ActorSystem _system;
    private readonly Steps _steps;
    private readonly TestScheduler _scheduler;
    private readonly TimeProvider _time;
    private readonly Journal _journal = new();
    private readonly NetworkSettings _network = NetworkSettings.From(Rooms);
    private readonly LedgerView _nodesView;
    private readonly NodesRoute _route = new();
    private readonly List<(SimulatedNode Machine, IActorRef Agent)> _nodes = [];
    private readonly HashSet<string> _silent = new(StringComparer.Ordinal);
    private readonly ResourceStore _nodesClient;
    private ImmutableArray<IActorRef> _hearNodes = [];
    private ImmutableArray<IActorRef> _hearUse = [];
    private CrashingLedger _ledger = null!;
    private IActorRef _leader = ActorRefs.Nobody;
    private int _lives;

    private VirtualCluster(IEnumerable<FactBatch> beginning, int nodes, Random? lots)
    {
        _system = ActorSystem.Create("simulation", Akka);
        _steps = Steps.Of(_system);
        _steps.Take();
        _steps.Lots = lots;
        _scheduler = (TestScheduler)_system.Scheduler;
        _time = new VirtualTime(_scheduler);
        _journal.Rows.AddRange(beginning);
        _nodesView = new LedgerView(TestLedger.DefaultSettings, _time);
        var catalog = new DynamicCatalog(_nodesView);
        _nodesClient = StoreOf(_route, _nodesView, catalog);
        StartControlPlane();
        for (var i = 1; i <= nodes; i++)
        {
            AddNode($"n{i}");
        }
    }

    public Revision Revision => Now.Revision;

    /// <summary>As the control plane sees it, or saw it last.</summary>
    public ClusterSnapshot Now => _ledger.View.Current;

    public int Rows => _journal.Rows.Count;

    public bool HasCrashed { get; private set; }

    public DateTimeOffset Time => _scheduler.Now;

    public IEnumerable<SimulatedNode> Machines => _nodes.Select(node => node.Machine);

    /// <summary>What containers do: null runs on, a number exits with it at once.</summary>
    public Func<ContainerSpec, int?> Program { get; set; } = _ => null;

    /// <summary>What containers use, as the nodes measure it.</summary>
    public Func<ContainerIdentity, SimulatedUse> Use { get; set; } = _ => SimulatedUse.Idle;

    /// <summary>Looked at after every row that is published.</summary>
    public event Action<FactBatch>? Published;

    public static VirtualCluster Start(int nodes = 2, Random? lots = null)
    {
        var cluster = new VirtualCluster(Beginning.Value, nodes, lots);
        cluster.Until(() => cluster.Now.All(ResourceTypes.Nodes).Count(IsReady) == nodes, "the nodes are Ready");
        return cluster;
    }

    /// <summary>The control plane dies at the row that comes after so many more, and a new one begins there.</summary>
    public void CrashAfter(int rows, CrashMoment moment) => _journal.CrashAt = (Rows + rows, moment);

    public StoredObject Create(ResourceType type, string json)
    {
        var tree = JsonNode.Parse(json)!.AsObject();
        return Must(() => UserClient.CreateAsync(type, ResourceCatalog.BuiltIn[type].Namespaced ? Namespace : "", tree.DeepClone().AsObject(), By("create")), created: (type, (string)tree["metadata"]!["name"]!));
    }

    public void Edit(ObjectKey key, Action<JsonObject> change) => Must(() => UserClient.UpdateAsync(
        key,
        (_, tree) =>
        {
            change(tree);
            return tree;
        },
        By("update")));

    public void Delete(ObjectKey key, long? grace = null) => Must(() => Now.Find(key) is null
        ? Task.FromResult(ResourceResult.Done(null!))
        : UserClient.DeleteAsync(key, new DeleteRequest(grace), By("delete")));

    public StoredObject? Find(ResourceType type, string name) => Now.Find(new ObjectKey(type, Namespace, name));

    public IEnumerable<JsonObject> All(ResourceType type) => Now.InNamespace(type, Namespace).Select(obj => obj.ToJson());

    /// <summary>Lets everything happen, time included, until something holds.</summary>
    public void Until(Func<bool> holds, string what, double seconds = 300)
    {
        var end = Time + TimeSpan.FromSeconds(seconds);
        for (Settle(); !holds(); Advance())
        {
            Assert.True(Time < end, $"{what}: not within {seconds} s of virtual time.\n{Describe()}");
        }
    }

    public void Pass(double seconds)
    {
        Settle();
        for (var end = Time + TimeSpan.FromSeconds(seconds); Time < end;)
        {
            Advance();
        }
    }

    /// <summary>The machine's power fails: its agent and its containers are gone, its disk is not.</summary>
    public void Lose(string node)
    {
        _silent.Add(node);
        var index = _nodes.FindIndex(entry => entry.Machine.Name == node);
        _system.Stop(_nodes[index].Agent);
        Settle();
        foreach (var container in _nodes[index].Machine.Engine.Containers)
        {
            _nodes[index].Machine.Engine.Die(container.Id, 137);
        }
    }

    public void Return(string node)
    {
        _silent.Remove(node);
        StartAgent(_nodes.FindIndex(entry => entry.Machine.Name == node));
    }

    /// <summary>The control plane dies now, between two rows.</summary>
    public void Crash(bool withNodes = false)
    {
        _ledger.Die();
        Restart(withNodes);
    }

    public void Dispose()
    {
        _ledger.Die();
        var ended = _system.Terminate();
        for (var i = 0; i < 1000 && !ended.IsCompleted; i++)
        {
            _steps.Run();
            _scheduler.Advance(Tick);
        }
    }

    private IResourceClient UserClient { get; set; } = null!;

    private static WriteOptions By(string act) => new(Admin.Name, act) { User = Admin };

    private static bool IsReady(StoredObject node) => (node.ToJson()["status"]?["conditions"] as JsonArray ?? [])
        .Any(condition => (string?)condition!["type"] == "Ready" && (string?)condition["status"] == "True");

    private static Config Hocon(string name) => ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", $"{name}.conf")));

    private static ImmutableArray<FactBatch> Begin()
    {
        using var cluster = new VirtualCluster([], 0, null);
        cluster.Pass(2);
        return [.. cluster._journal.Rows];
    }

    private ResourceStore StoreOf(ILedger ledger, LedgerView view, ICatalogSource catalog) =>
        new(ledger, view, catalog, StrategyCatalog.BuiltIn(ServiceRanges.From(Rooms)), AdmissionChain.For(catalog, view, _time), _time);

    private void StartControlPlane()
    {
        _ledger = new CrashingLedger(_journal, _time);
        _ledger.Published += row =>
        {
            _nodesView.Apply(row);
            Published?.Invoke(row);
        };
        foreach (var row in _journal.Rows.Where(row => row.Facts[^1].Revision > _nodesView.Current.Revision))
        {
            _nodesView.Apply(row);
        }

        var view = _ledger.View;
        var catalog = new DynamicCatalog(view);
        UserClient = StoreOf(_ledger.ForNodes, view, catalog);
        var parts = new LeaderParts(
            view, StoreOf(_ledger, view, catalog), catalog, new RecordedEvents(), _time, Rooms, _network,
            new BootstrapSettings("192.0.2.1", 6443, "no certificate", _network.ApiAddress.ToString(), _network.DnsAddress.ToString(), _network.ServiceCidr.ToString())).Build([]);
        _leader = _system.ActorOf(Props.Create(() => new Life()), $"control-{++_lives}");
        (_hearNodes, _hearUse) = ([], []);
        _leader.Tell(new Life.Begin(parts, (nodes, use) => (_hearNodes, _hearUse) = (nodes, use)));
        _steps.Run(() => !_hearNodes.IsEmpty);
        _route.Ledger = _ledger.ForNodes;
    }

    private void AddNode(string name)
    {
        var settings = NodeAgentSettings.From(Rooms.GetConfig("orchestrator.node"), "simulation", name, "/data", _network.DnsAddress.ToString());
        var plane = new SimulatedControlPlane(_nodesView, _nodesClient, new RecordedEvents(), _time, Heard, Reported);
        var machine = new SimulatedNode(settings, plane, _time);
        machine.Engine.Program = spec => Program(spec);
        machine.Usage.Program = container => Use(container);
        machine.Engine.AddImage(Image);
        machine.Engine.AddImage("app:2");
        _nodes.Add((machine, ActorRefs.Nobody));
        StartAgent(_nodes.Count - 1);
    }

    private void StartAgent(int node) =>
        _nodes[node] = (_nodes[node].Machine, _system.ActorOf(NodeAgentActor.Props(_nodes[node].Machine.Ports), $"{_nodes[node].Machine.Name}-{Guid.NewGuid():N}"));

    private void Heard(string node)
    {
        if (!_silent.Contains(node) && !_ledger.IsDead)
        {
            foreach (var part in _hearNodes)
            {
                part.Tell(new NodeMessages.Heartbeat(node));
            }
        }
    }

    private void Reported(UsageReport report)
    {
        if (!_silent.Contains(report.Node.Name) && !_ledger.IsDead)
        {
            foreach (var part in _hearUse)
            {
                part.Tell(report);
            }
        }
    }

    /// <summary>Everything that can happen without time passing; a control plane that dies on the way is followed by the next.</summary>
    private void Settle()
    {
        _steps.Run(() => _ledger.IsDead);
        while (_ledger.IsDead)
        {
            Restart(_journal.CrashAt?.Moment == CrashMoment.WithNodes);
            _steps.Run(() => _ledger.IsDead);
        }
    }

    private void Restart(bool withNodes)
    {
        HasCrashed = true;
        _journal.CrashAt = null;
        _system.Stop(_leader);
        if (withNodes)
        {
            _nodes.ForEach(node => _system.Stop(node.Agent));
        }

        _steps.Run();
        StartControlPlane();
        if (withNodes)
        {
            for (var i = 0; i < _nodes.Count; i++)
            {
                if (!_silent.Contains(_nodes[i].Machine.Name))
                {
                    StartAgent(i);
                }
            }
        }
    }

    private void Advance()
    {
        _scheduler.Advance(Tick);
        Settle();
    }

    /// <summary>A user who gets no answer looks and tries again.</summary>
    private StoredObject Must(Func<Task<ResourceResult>> write, (ResourceType Type, string Name)? created = null)
    {
        while (true)
        {
            var before = Rows;
            var answer = write();
            if (answer.IsFaulted && answer.Exception!.InnerException is LedgerUnavailableException)
            {
                Settle();
                if (Rows > before && created is { } made && Find(made.Type, made.Name) is { } found)
                {
                    return found;
                }

                continue;
            }

            Assert.True(answer.IsCompletedSuccessfully, $"{answer.Status} {answer.Exception}");
            var result = answer.Result;
            Assert.True(result.Ok, result.Failure?.Message);
            return result.Object!;
        }
    }

    private string Describe() => string.Join('\n', new[] { ResourceTypes.Deployments, ResourceTypes.ReplicaSets, ResourceTypes.StatefulSets, ResourceTypes.Jobs, ResourceTypes.Pods }
        .SelectMany(All)
        .Select(obj => $"{obj["kind"]} {obj["metadata"]!["name"]} deleting={obj["metadata"]!["deletionTimestamp"]} node={obj["spec"]!["nodeName"]} {obj["status"]?.ToJsonString()}"));

    /// <summary>Holds the parts of one control plane, so that they end together.</summary>
    private sealed class Life : ReceiveActor
    {
        public sealed record Begin(ImmutableArray<LeaderPart> Parts, Action<ImmutableArray<IActorRef>, ImmutableArray<IActorRef>> Started) : INoSerializationVerificationNeeded;

        public Life() => Receive<Begin>(begin =>
        {
            var parts = begin.Parts.Select(part => (Part: part, Actor: Context.ActorOf(part.Props, part.Name))).ToArray();
            begin.Started([.. parts.Where(entry => entry.Part.HearsNodes).Select(entry => entry.Actor)], [.. parts.Where(entry => entry.Part.HearsUse).Select(entry => entry.Actor)]);
        });
    }

    /// <summary>The way of the nodes to whichever control plane there is.</summary>
    private sealed class NodesRoute : ILedger
    {
        public ILedger Ledger { get; set; } = null!;

        public Task<LedgerReplies.Committed> CommitAsync(LedgerCommands.Commit commit, CancellationToken cancellation = default) => Ledger.CommitAsync(commit, cancellation);

        public Task<Revision> NewestRevisionAsync(CancellationToken cancellation = default) => Ledger.NewestRevisionAsync(cancellation);
    }

    private sealed class VirtualTime(TestScheduler scheduler) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => scheduler.Now;

        public override long GetTimestamp() => scheduler.Now.Ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    }
}
