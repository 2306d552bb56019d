using System.Collections.Immutable;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.ServiceNetworking.Proxy;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;
using k8s.Models;

namespace ActorOrchestrator.Actors.ServiceNetworking.Routes;

/// <summary>
/// Keeps this node's kernel as the pod network needs it: forwarding, the engine's firewall, routes to the other nodes.
/// <code>
///   facts about nodes, timer ──► ensuring ──► settled (looks again after verify-interval)
///                                  │  ▲
///              failed, no bridge yet  └── after a pause
/// </code>
/// 1. One call to the kernel is under way at a time; the next one uses the newest facts.
/// 2. Whatever somebody else undid is put back at the latest after verify-interval.
/// 3. Stopping undoes nothing.
/// </summary>
public sealed class NodeNetworkActor : ReceiveActor, IWithTimers
{
    private sealed record FactsSeen(FactBatch Batch) : INoSerializationVerificationNeeded;

    private sealed record Ensure : INoSerializationVerificationNeeded
    {
        public static readonly Ensure Instance = new();
    }

    private sealed record Ensured(NodeKernelReport Report) : INoSerializationVerificationNeeded;

    private sealed record EnsureFailed(Exception Cause) : INoSerializationVerificationNeeded;

    private sealed record HairpinEnsured(Exception? Cause) : INoSerializationVerificationNeeded;

    private readonly IClusterReader _reader;
    private readonly INodeKernel _kernel;
    private readonly IActorRef _proxy;
    private readonly string _nodeName;
    private readonly NodeNetworkSettings _settings;
    private readonly NetworkSettings _network;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopped = new();
    private readonly Dictionary<string, NodeAddress> _nodes = [];
    private Observation? _observation;
    private Cidr? _podCidr;
    private ImmutableArray<string> _warnings = [];
    private TimeSpan _pause;
    private bool _ensuring;
    private bool _again;
    private bool _hairpinning;
    private bool _hairpinAgain;

    /// <param name="proxy">Is told <see cref="ServiceProxyActor.BridgeNetfilter"/>.</param>
    public static Props Props(
        IClusterReader reader, INodeKernel kernel, IActorRef proxy, string nodeName, NodeNetworkSettings settings, NetworkSettings network) =>
        Akka.Actor.Props.Create(() => new NodeNetworkActor(reader, kernel, proxy, nodeName, settings, network));

    public NodeNetworkActor(
        IClusterReader reader, INodeKernel kernel, IActorRef proxy, string nodeName, NodeNetworkSettings settings, NetworkSettings network)
    {
        _reader = reader;
        _kernel = kernel;
        _proxy = proxy;
        _nodeName = nodeName;
        _settings = settings;
        _network = network;
        _pause = settings.RetryMin;
        Receive<FactsSeen>(OnFacts);
        Receive<Ensure>(_ => OnEnsure());
        Receive<Ensured>(OnEnsured);
        Receive<EnsureFailed>(OnEnsureFailed);
        Receive<HairpinEnsured>(OnHairpinEnsured);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        var self = Self;
        _observation = _reader.Observe(batch => self.Tell(new FactsSeen(batch)));
        foreach (var node in _observation.Start.All(ResourceTypes.Nodes))
        {
            PutNode(node);
        }

        Self.Tell(Ensure.Instance);
    }

    protected override void PostStop()
    {
        _observation?.Dispose();
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private void OnFacts(FactsSeen message)
    {
        var (nodesChanged, localEndpoints) = (false, false);
        foreach (var fact in message.Batch.Facts)
        {
            if (fact.Key.Type == ResourceTypes.Nodes)
            {
                nodesChanged |= fact.Verb == FactVerb.Deleted ? _nodes.Remove(fact.Key.Name) : PutNode(fact.Object);
            }
            else if (fact.Key.Type == ResourceTypes.EndpointSlices && fact.Verb != FactVerb.Deleted)
            {
                localEndpoints |= (fact.Object.As<V1EndpointSlice>().Endpoints ?? []).Any(endpoint => endpoint.NodeName == _nodeName);
            }
        }

        if (nodesChanged)
        {
            OnEnsure();
        }

        if (localEndpoints)
        {
            EnsureHairpin();
        }
    }

    private bool PutNode(StoredObject stored)
    {
        if (stored.Key.Name == _nodeName)
        {
            var podCidr = NodeNetwork.PodCidrOf(stored);
            var own = podCidr is not null && podCidr != _podCidr;
            _podCidr = podCidr ?? _podCidr;
            return own;
        }

        var address = NodeAddress.From(stored);
        var changed = !Equals(_nodes.GetValueOrDefault(stored.Key.Name), address);
        if (address is not null)
        {
            _nodes[stored.Key.Name] = address;
        }
        else
        {
            _nodes.Remove(stored.Key.Name);
        }

        return changed;
    }

    private void OnEnsure()
    {
        if (_ensuring)
        {
            _again = true;
            return;
        }

        if (_podCidr is not { } podCidr)
        {
            return;
        }

        Timers.Cancel(Ensure.Instance);
        (_ensuring, _again) = (true, false);
        EnsureAsync(new NodeKernelWish(_network, podCidr, podCidr.At(1), NodeRoutes.Desired(_nodes.Values, _nodeName, _network))).PipeTo(Self);
    }

    private async Task<object> EnsureAsync(NodeKernelWish wish)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
            limit.CancelAfter(_settings.CommandTimeout);
            return new Ensured(await _kernel.EnsureAsync(wish, limit.Token));
        }
        catch (Exception e) when (e is NodeKernelException or OperationCanceledException or ObjectDisposedException)
        {
            return new EnsureFailed(e);
        }
    }

    private void OnEnsured(Ensured message)
    {
        var report = message.Report;
        foreach (var change in report.Changes)
        {
            _log.Info("Node network: {Change}", change);
        }

        foreach (var warning in report.Warnings.Except(_warnings))
        {
            _log.Warning("Node network: {Warning}", warning);
        }

        _warnings = report.Warnings;
        _proxy.Tell(new ServiceProxyActor.BridgeNetfilter(report.BridgeNetfilter));
        if (report.BridgeUp)
        {
            Settle(_settings.VerifyInterval);
            _pause = _settings.RetryMin;
            EnsureHairpin();
        }
        else
        {
            Settle(Backoff());
        }
    }

    private void OnEnsureFailed(EnsureFailed message)
    {
        var pause = Backoff();
        _log.Warning(message.Cause, "The node's network could not be set up, it is tried again in {Pause}", pause);
        Settle(pause);
    }

    private void Settle(TimeSpan next)
    {
        _ensuring = false;
        Timers.StartSingleTimer(Ensure.Instance, Ensure.Instance, next);
        if (_again)
        {
            OnEnsure();
        }
    }

    private TimeSpan Backoff()
    {
        var pause = _pause;
        _pause = _pause * 2 < _settings.RetryMax ? _pause * 2 : _settings.RetryMax;
        return pause;
    }

    private void EnsureHairpin()
    {
        if (_hairpinning)
        {
            _hairpinAgain = true;
            return;
        }

        (_hairpinning, _hairpinAgain) = (true, false);
        HairpinAsync().PipeTo(Self);
    }

    private async Task<HairpinEnsured> HairpinAsync()
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
            limit.CancelAfter(_settings.CommandTimeout);
            await _kernel.EnsureHairpinAsync(_network.Bridge, limit.Token);
            return new HairpinEnsured(null);
        }
        catch (Exception e) when (e is NodeKernelException or OperationCanceledException or ObjectDisposedException)
        {
            return new HairpinEnsured(e);
        }
    }

    private void OnHairpinEnsured(HairpinEnsured message)
    {
        _hairpinning = false;
        if (message.Cause is { } cause)
        {
            _log.Warning(cause, "Pods on {Bridge} may not reach themselves through their own services; it is tried again with the next endpoint", _network.Bridge);
        }

        if (_hairpinAgain)
        {
            EnsureHairpin();
        }
    }
}
