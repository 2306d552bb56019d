using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;

namespace ActorOrchestrator.Actors.Controllers.Reconciling;

/// <summary>A controller kind: it knows which objects a fact touches and keeps one <see cref="ObjectActor"/> for each of those.</summary>
public sealed class ReconcilerActor : ReceiveActor
{
    private readonly IClusterReader _reader;
    private readonly IReconciler _reconciler;
    private readonly Func<ObjectKey, Props> _child;
    private readonly Dictionary<ObjectKey, Child> _children = [];
    private readonly Dictionary<IActorRef, ObjectKey> _keys = [];
    private Observation? _observation;

    public ReconcilerActor(IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time, IReconciler reconciler)
    {
        _reader = reader;
        _reconciler = reconciler;
        _child = key => Akka.Actor.Props.Create(() => new ObjectActor(key, reader, new PlanExecutor(client, events, reconciler.Name), time, reconciler));
        Receive<FactsArrived>(OnFacts);
        Receive<ObjectActor.Idle>(OnIdle);
        Receive<Terminated>(OnTerminated);
    }

    public static Props Props(IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time, IReconciler reconciler) =>
        Akka.Actor.Props.Create(() => new ReconcilerActor(reader, client, events, time, reconciler));

    protected override void PreStart()
    {
        var self = Self;
        _observation = _reader.Observe(batch => self.Tell(new FactsArrived(batch)));
        foreach (var key in _reconciler.All(_observation.Start))
        {
            Mark(key);
        }
    }

    protected override void PostStop() => _observation?.Dispose();

    /// <summary>A crashed object actor begins again from the truth; its kind and its siblings go on.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(error => Directive.Restart);

    private void OnFacts(FactsArrived arrived)
    {
        var cluster = _reader.Current;
        var touched = new HashSet<ObjectKey>();
        foreach (var fact in arrived.Batch.Facts)
        {
            touched.UnionWith(_reconciler.Touched(fact, cluster));
        }

        foreach (var key in touched)
        {
            Mark(key);
        }
    }

    private void Mark(ObjectKey key)
    {
        if (!_children.TryGetValue(key, out var child))
        {
            var actor = Context.ActorOf(_child(key));
            Context.Watch(actor);
            _keys[actor] = key;
            child = new Child(actor, 0);
        }

        child = child with { Marks = child.Marks + 1 };
        _children[key] = child;
        child.Actor.Tell(new ObjectActor.Dirty(child.Marks));
    }

    /// <summary>Whoever has nothing left to do costs nothing: the next mark makes another actor. A mark that is still on its way keeps this one.</summary>
    private void OnIdle(ObjectActor.Idle idle)
    {
        if (_keys.TryGetValue(Sender, out var key) && _children[key].Marks == idle.Marks)
        {
            _keys.Remove(Sender);
            _children.Remove(key);
            Context.Unwatch(Sender);
            Context.Stop(Sender);
        }
    }

    private void OnTerminated(Terminated terminated)
    {
        if (_keys.Remove(terminated.ActorRef, out var key))
        {
            _children.Remove(key);
        }
    }

    private sealed record Child(IActorRef Actor, long Marks);

    private sealed record FactsArrived(FactBatch Batch) : INoSerializationVerificationNeeded;
}
