using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Images;
using ActorOrchestrator.Actors.NodeAgent.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.NodeAgent.Shutdown;
using ActorOrchestrator.Actors.NodeAgent.Usage;
using ActorOrchestrator.Actors.NodeAgent.Volumes;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent;

/// <summary>
/// The agent of one node: what a kubelet is. It lives in an actor system of the host's own, outside the cluster, so that losing the
/// control plane changes nothing here but the ability to receive news.
/// <code>
///   Starting ──engine, machine, pause image, checkpoints──► Connecting ──pod network, first list of containers──► Running
///      ▲ └ retry                                               └ retry; waits for spec.podCIDR
/// </code>
/// Invariants:
/// <list type="number">
/// <item>A pod bound to this node has exactly one <see cref="PodActor"/>, by its uid.</item>
/// <item>Nothing is ended as unknown before the reader has its first state. Should that take longer than a moment, the checkpoints on disk
/// are the truth until then.</item>
/// <item>Containers without our labels are never seen, let alone touched.</item>
/// </list>
/// </summary>
public sealed partial class NodeAgentActor : ReceiveActor, IWithTimers
{
    private sealed record Begin : INoSerializationVerificationNeeded;
    private sealed record Begun(EngineInfo Engine, MachineFacts Machine, EngineAbilities Abilities, ImmutableDictionary<string, ReadOnlyMemory<byte>> Checkpoints) : INoSerializationVerificationNeeded;
    private sealed record NotBegun(string Message) : INoSerializationVerificationNeeded;
    private sealed record News(ImmutableHashSet<ObjectKey> Changed) : INoSerializationVerificationNeeded;
    private sealed record NetworkEnsured(bool Exists, string Error) : INoSerializationVerificationNeeded;
    private sealed record EnsureNetwork : INoSerializationVerificationNeeded;
    private sealed record Sync : INoSerializationVerificationNeeded;
    private sealed record ControlPlaneIsAway : INoSerializationVerificationNeeded;

    private readonly NodeAgentPorts _ports;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, PodEntry> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, StoredObject> _checkpointedNeeds = [];
    private readonly Dictionary<string, StoredObject> _checkpointedPods = new(StringComparer.Ordinal);
    private IDisposable? _observation;
    private PodContext? _context;
    private Begun? _begun;
    private IActorRef _node = ActorRefs.Nobody;
    private IActorRef _images = ActorRefs.Nobody;
    private IActorRef _volumes = ActorRefs.Nobody;
    private IActorRef _usage = ActorRefs.Nobody;
    private ImmutableArray<EngineContainer>? _listed;
    private bool _networkExists;
    private bool _ensuring;
    private bool _checkpointsRule;
    private string _podCidr = "";

    /// <param name="Needs">What the pod names.</param>
    private sealed record PodEntry(IActorRef Actor, StoredObject Pod, ImmutableHashSet<ObjectKey> Needs);

    public static Props Props(NodeAgentPorts ports) => Akka.Actor.Props.Create(() => new NodeAgentActor(ports));

    public NodeAgentActor(NodeAgentPorts ports)
    {
        _ports = ports;
        Starting();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>A pod's actor that crashes adopts its containers again; one that cannot stop crashing is made again after a while.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(maxNrOfRetries: 10, withinTimeRange: TimeSpan.FromMinutes(1), localOnlyDecider: _ => Directive.Restart);

    protected override void PreStart() => Self.Tell(new Begin());

    protected override void PostStop()
    {
        _observation?.Dispose();
        _stopping.Cancel();
    }

    private void Starting()
    {
        Receive<Begin>(_ => BeginAsync().PipeTo(Self, failure: error => new NotBegun(error.Message)));
        Receive<NotBegun>(failed =>
        {
            _log.Warning("The node agent cannot start yet: {0}", failed.Message);
            Timers.StartSingleTimer("begin", new Begin(), _ports.Settings.RetryInterval);
        });
        Receive<Begun>(OnBegun);
        Receive<NodeShutdown.Begin>(_ => Sender.Tell(new NodeShutdown.Done(0, 0)));
        Receive<MeasureNode>(OnMeasure);
    }

    private async Task<Begun> BeginAsync()
    {
        var token = _stopping.Token;
        var machine = _ports.Machine.ReadAsync(token);
        var checkpoints = _ports.Files.LoadCheckpointsAsync(token);
        var engine = await _ports.Engine.InfoAsync(token);
        await PauseImage.EnsureAsync(_ports.Engine, engine.Architecture, token);
        return new Begun(engine, await machine, await AbilitiesAsync(engine, (await machine).BootId, token), await checkpoints);
    }

    /// <summary>Tried once per engine version and boot; the answer is kept on disk, so that a restart of the host costs nothing.</summary>
    private async Task<EngineAbilities> AbilitiesAsync(EngineInfo engine, string bootId, CancellationToken cancellation)
    {
        var stamp = $"{engine.Version} {engine.KernelVersion} {bootId}";
        if (await _ports.Files.LoadStateAsync(AbilitiesFile, cancellation) is { Length: > 0 } saved
            && JsonSerializer.Deserialize<KnownAbilities>(saved.Span) is { } known && known.Stamp == stamp)
        {
            return known.Abilities;
        }

        var abilities = await EngineProbe.RunAsync(_ports.Engine, _ports.Settings, cancellation);
        await _ports.Files.SaveStateAsync(AbilitiesFile, JsonSerializer.SerializeToUtf8Bytes(new KnownAbilities(stamp, abilities)), cancellation);
        return abilities;
    }

    private const string AbilitiesFile = "engine.json";

    private sealed record KnownAbilities(string Stamp, EngineAbilities Abilities);

    private void OnBegun(Begun begun)
    {
        _begun = begun;
        ReadCheckpoints(begun.Checkpoints);
        _images = Context.ActorOf(ImageActor.Props(_ports), "images");
        _node = Context.ActorOf(NodeActor.Props(_ports, begun.Machine, begun.Engine, begun.Abilities), "node");
        _volumes = Context.ActorOf(LocalVolumesActor.Props(_ports), "volumes");
        if (_ports.Settings.LeaseDuration > TimeSpan.Zero)
        {
            Context.ActorOf(NodeLeaseActor.Props(_ports), "lease");
        }

        if (_ports.Usage is { } meter && _ports.Settings.MetricsInterval > TimeSpan.Zero)
        {
            _usage = Context.ActorOf(NodeUsageActor.Props(_ports, meter), "usage");
        }

        _context = new PodContext(_ports, _images, begun.Abilities, NodeObject.ResourcesOf(begun.Machine, begun.Engine, _ports.Settings)) { Checkpointed = _checkpointedNeeds };
        Become(Connected);
        var self = Self;
        var isFirst = true;
        _observation = _ports.ControlPlane.Reader.Observe(batch =>
        {
            Hear(self, batch, _ports.Settings.NodeName, isFirst);
            isFirst = false;
        });
        Timers.StartSingleTimer("control plane", new ControlPlaneIsAway(), _ports.Settings.ControlPlanePatience);
        Context.ActorOf(EngineWatcherActor.Props(_ports), "engine");
        OnEnsureNetwork();
    }

    private void ReadCheckpoints(ImmutableDictionary<string, ReadOnlyMemory<byte>> checkpoints)
    {
        foreach (var (uid, content) in checkpoints)
        {
            try
            {
                var checkpoint = PodCheckpoint.Read(content);
                _checkpointedPods[uid] = checkpoint.Pod;
                foreach (var need in checkpoint.Needs)
                {
                    _checkpointedNeeds[need.Key] = need;
                }
            }
            catch (Exception damaged) when (damaged is JsonException or InvalidOperationException or ArgumentException)
            {
                _log.Warning("The checkpoint of pod {0} is damaged and is not used: {1}", uid, damaged.Message);
            }
        }
    }

    /// <summary>Called from the publishing thread: passes on only what may concern this node.</summary>
    private static void Hear(IActorRef self, FactBatch batch, string nodeName, bool isFirst)
    {
        ImmutableHashSet<ObjectKey>.Builder? changed = null;
        foreach (var fact in batch.Facts)
        {
            var type = fact.Key.Type;
            if ((type == ResourceTypes.Pods && (fact.Object.Links.NodeName == nodeName || fact.Previous?.Links.NodeName == nodeName))
                || type == ResourceTypes.ConfigMaps || type == ResourceTypes.Secrets || type == ResourceTypes.PersistentVolumeClaims
                || (type == ResourceTypes.PersistentVolumes && fact.Object.Metadata.DeletionTimestamp is not null)
                || (type == ResourceTypes.Nodes && fact.Key.Name == nodeName))
            {
                (changed ??= ImmutableHashSet.CreateBuilder<ObjectKey>()).Add(fact.Key);
            }
        }

        if (changed is not null || isFirst)
        {
            self.Tell(new News(changed?.ToImmutable() ?? []));
        }
    }

    private void Connected()
    {
        Receive<News>(OnNews);
        Receive<Sync>(_ => OnSync());
        Receive<ControlPlaneIsAway>(_ =>
        {
            _checkpointsRule = true;
            OnSync();
        });
        Receive<EnsureNetwork>(_ => OnEnsureNetwork());
        Receive<NetworkEnsured>(OnNetworkEnsured);
        Receive<EngineWatcherActor.EngineListed>(OnListed);
        Receive<EngineWatcherActor.EngineLost>(lost => _node.Tell(new NodeActor.Health("container runtime is down")));
        Receive<EngineEvent>(OnEngineEvent);
        Receive<PodMessages.PodGone>(OnPodGone);
        Receive<Terminated>(OnTerminated);
        Receive<OrphanRemoved>(_ => { });
        Receive<NodeShutdown.Begin>(OnShutDown);
        Receive<PodMessages.PodEnded>(ended => OnEnded(ended.Uid));
        Receive<GroupIsLate>(OnGroupIsLate);
        Receive<MeasureNode>(OnMeasure);
    }

    private void OnMeasure(MeasureNode question)
    {
        if (_usage.IsNobody())
        {
            Sender.Tell(new MeasureNode.Answer(null));
            return;
        }

        _usage.Forward(question);
    }

    private void OnEnsureNetwork()
    {
        if (_ensuring)
        {
            return;
        }

        _ensuring = true;
        _podCidr = AssignedPodCidr;
        PodNetwork.EnsureAsync(_ports.Engine, _ports.Settings, _podCidr, _begun!.Machine.UplinkMtu, _stopping.Token)
            .PipeTo(Self, success: exists => new NetworkEnsured(exists, ""), failure: error => new NetworkEnsured(false, error.Message));
    }

    private string AssignedPodCidr => _ports.ControlPlane.Reader.Current.Find(NodeKey)?.As<V1Node>().Spec?.PodCIDR ?? "";

    private ObjectKey NodeKey => new(ResourceTypes.Nodes, "", _ports.Settings.NodeName);

    private void OnNetworkEnsured(NetworkEnsured ensured)
    {
        _ensuring = false;
        _networkExists = ensured.Exists;
        if (ensured.Error.Length > 0)
        {
            _log.Warning("The pod network could not be made and is tried again: {0}", ensured.Error);
            _node.Tell(new NodeActor.Health($"container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:{ensured.Error}"));
            Timers.StartSingleTimer("network", new EnsureNetwork(), _ports.Settings.RetryInterval);
            return;
        }

        if (AssignedPodCidr != _podCidr)
        {
            // It was assigned while the engine was asked about the one before.
            OnEnsureNetwork();
        }

        TellHealth();
        OnSync();
    }

    private void TellHealth()
    {
        if (_networkExists && _listed is not null && !_shuttingDown)
        {
            _node.Tell(new NodeActor.Health(""));
        }
    }
}
