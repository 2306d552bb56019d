using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Nodes;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.Controllers.Nodes;

/// <summary>
/// Watches over all nodes: takes their heartbeats, hands out their pieces of the pods' network, and lets <see cref="NodeLifecycleReconciler"/> decide.
/// It starts with the leader, so every node has a full grace period from then on. Heartbeats are remembered here and nowhere else.
/// <code>
///   node:  waiting ──fact, silence or time──► working ──done──► waiting
///                                                └──failed──► after one second
/// </code>
/// 1. One plan per node at a time; whatever comes meanwhile makes one more look.
/// 2. A piece of network is given to one node: those that are written but not seen yet count as taken.
/// 3. Nodes of one zone are given up at a rate, also while the taint of the last one is still being written.
/// </summary>
public sealed class NodeLifecycleActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly IClusterReader _reader;
    private readonly IEventRecorder _events;
    private readonly TimeProvider _time;
    private readonly NodeLifecycleSettings _settings;
    private readonly PlanRunner _runner;
    private readonly Dictionary<string, Watched> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _notBefore = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopped = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private Observation? _observation;

    public NodeLifecycleActor(IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time, NodeLifecycleSettings settings)
    {
        _reader = reader;
        _events = events;
        _time = time;
        _settings = settings;
        _runner = new PlanRunner("node-controller", reader, client, events, time);
        Receive<NodeMessages.Heartbeat>(OnHeartbeat);
        Receive<FactsArrived>(OnFacts);
        Receive<Look>(look => LookAt(look.Node));
        Receive<Done>(OnDone);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time, NodeLifecycleSettings settings) =>
        Akka.Actor.Props.Create(() => new NodeLifecycleActor(reader, client, events, time, settings));

    protected override void PreStart()
    {
        var self = Self;
        _observation = _reader.Observe(batch => self.Tell(new FactsArrived(batch)));
        foreach (var node in _observation.Start.All(ResourceTypes.Nodes))
        {
            Register(node);
        }
    }

    protected override void PostStop()
    {
        _observation?.Dispose();
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private void OnHeartbeat(NodeMessages.Heartbeat heartbeat)
    {
        if (_nodes.TryGetValue(heartbeat.NodeName, out var node))
        {
            node.LastHeard = _time.GetUtcNow();
        }
    }

    private void OnFacts(FactsArrived arrived)
    {
        var touched = new HashSet<string>(StringComparer.Ordinal);
        foreach (var fact in arrived.Batch.Facts)
        {
            if (fact.Key.Type == ResourceTypes.Nodes)
            {
                OnNodeFact(fact, touched);
            }
            else if (fact.Key.Type == ResourceTypes.Pods && fact.Object.Links.NodeName is { Length: > 0 } name
                && _nodes.TryGetValue(name, out var node) && (!node.IsReady || node.DrivesAway))
            {
                touched.Add(name);
            }
        }

        foreach (var name in touched)
        {
            LookAt(name);
        }
    }

    private void OnNodeFact(Fact fact, HashSet<string> touched)
    {
        var name = fact.Key.Name;
        if (fact.Verb == FactVerb.Deleted)
        {
            _nodes.Remove(name);
            Timers.Cancel(name);
            _events.Record(fact.Object, warning: false, "RemovingNode", $"Node {name} event: Removing Node {name} from Controller");
            touched.UnionWith(_nodes.Keys);
            return;
        }

        if (!_nodes.TryGetValue(name, out var node))
        {
            Register(fact.Object);
            return;
        }

        if (fact.Provenance.Principal == $"system:node:{name}")
        {
            // What it writes itself is a sign of life too, and may be here before its next heartbeat.
            node.LastHeard = _time.GetUtcNow();
        }

        touched.Add(name);
        var view = NodeView.Of(fact.Object);
        var ready = view.IsReady;
        node.DrivesAway = !view.NoExecute.IsEmpty;
        if (ready != node.IsReady)
        {
            // Whether anybody may be sent away depends on whether another node is Ready.
            node.IsReady = ready;
            touched.UnionWith(_nodes.Where(pair => !pair.Value.IsReady).Select(pair => pair.Key));
        }
    }

    private void Register(StoredObject stored)
    {
        var name = stored.Key.Name;
        var view = NodeView.Of(stored);
        _nodes[name] = new Watched(_time.GetUtcNow()) { IsReady = view.IsReady, DrivesAway = !view.NoExecute.IsEmpty, Cidr = CidrOf(stored) };
        _events.Record(stored, warning: false, "RegisteredNode", $"Node {name} event: Registered Node {name} in Controller");
        LookAt(name);
    }

    private void LookAt(string name)
    {
        if (!_nodes.TryGetValue(name, out var node))
        {
            return;
        }

        if (node.Working)
        {
            node.Dirty = true;
            return;
        }

        var cluster = _reader.Current;
        var key = new ObjectKey(ResourceTypes.Nodes, "", name);
        if (cluster.Find(key) is { } stored && CidrOf(stored) is { } own)
        {
            node.Cidr = own;
        }

        node.Cidr ??= AllocateFor(key, cluster);
        var now = _time.GetUtcNow();
        var zone = cluster.Find(key) is { } current ? NodeView.Of(current).Zone : "";
        var plan = NodeLifecycleReconciler.Reconcile(key, cluster, node.LastHeard, node.Cidr, now, _settings, _notBefore.GetValueOrDefault(zone));
        if (plan.Steps.Any(step => step.Actions.Any(action => action.Act == NodeLifecycleReconciler.GivesUp)))
        {
            _notBefore[zone] = now + TimeSpan.FromSeconds(1 / Math.Max(_settings.EvictionRate, 0.001));
        }

        if (plan.IsNothing)
        {
            WaitUntil(name, plan.RequeueAt);
            return;
        }

        node.Working = true;
        _runner.RunAsync(plan, key, cluster.Revision, _stopped.Token).PipeTo(
            Self,
            success: result => new Done(name, node, result.RequeueAt, result.Outcome.Failures.FirstOrDefault()?.Status.Message),
            failure: error => new Done(name, node, plan.RequeueAt, error.Message));
    }

    private void OnDone(Done done)
    {
        done.Watched.Working = false;
        if (!_nodes.TryGetValue(done.Node, out var node) || node != done.Watched)
        {
            return;
        }

        if (done.Failure is { } why)
        {
            _log.Warning("Keeping node {Node} failed and is tried again: {Why}", done.Node, why);
            WaitUntil(done.Node, _time.GetUtcNow() + Retry);
            return;
        }

        WaitUntil(done.Node, done.Again);
        if (node.Dirty)
        {
            node.Dirty = false;
            LookAt(done.Node);
        }
    }

    private void WaitUntil(string name, DateTimeOffset? again)
    {
        if (again is { } time)
        {
            var wait = time - _time.GetUtcNow();
            Timers.StartSingleTimer(name, new Look(name), wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1));
        }
    }

    private string? AllocateFor(ObjectKey key, ClusterSnapshot cluster)
    {
        var taken = _nodes.Values.Select(node => node.Cidr).OfType<string>()
            .Concat(cluster.All(ResourceTypes.Nodes).Select(CidrOf).OfType<string>()).ToHashSet(StringComparer.Ordinal);
        var free = NodeCidrs.LowestFree(_settings.ClusterCidr, _settings.NodeCidrMaskSize, taken);
        if (free is null && cluster.Find(key) is { } stored)
        {
            _events.Record(stored, warning: false, "CIDRNotAvailable", $"Node {key.Name} status is now: CIDRNotAvailable");
        }

        return free;
    }

    private static string? CidrOf(StoredObject node) =>
        NodeView.Of(node).PodCidr is { Length: > 0 } cidr ? cidr : null;

    private sealed class Watched(DateTimeOffset lastHeard)
    {
        public DateTimeOffset LastHeard { get; set; } = lastHeard;
        public bool IsReady { get; set; }

        /// <summary>It has NoExecute taints: pods that come to it are looked at.</summary>
        public bool DrivesAway { get; set; }

        public string? Cidr { get; set; }
        public bool Working { get; set; }
        public bool Dirty { get; set; }
    }

    private sealed record FactsArrived(FactBatch Batch) : INoSerializationVerificationNeeded;

    private sealed record Look(string Node) : INoSerializationVerificationNeeded;

    private sealed record Done(string Node, Watched Watched, DateTimeOffset? Again, string? Failure) : INoSerializationVerificationNeeded;
}
