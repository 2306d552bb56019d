using System.Collections.Immutable;
using System.Security.Cryptography;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.Controllers.Framework;

/// <summary>One controller: it turns facts into dirty marks and keeps one actor per object.</summary>
/// <remarks>
/// <code>
///   object's actor:   none ──mark──▶ alive ──CanLeave, no mark since──▶ leaving ──▶ none
///                                      │                                  │ mark
///                                      │ crash                            └──▶ alive again, once the old one has ended
///                                      ▼
///                                    absent ──after a backoff──▶ alive, dirty
/// </code>
/// 1. An object has at most one actor at any time.
/// 2. A mark is never lost: an actor that has left or crashed with marks unseen is followed by one that looks at the truth.
/// 3. A crash concerns one object: its neighbours notice nothing.
/// </remarks>
internal sealed class ControllerActor : UntypedActor, IWithTimers
{
    private sealed record Revive(ObjectKey Key) : INoSerializationVerificationNeeded;

    /// <summary>A child has nothing to do any more and has seen this many marks.</summary>
    internal sealed record CanLeave(ObjectKey Key, long MarksSeen) : INoSerializationVerificationNeeded;

    private sealed class Child(IActorRef actor)
    {
        public IActorRef Actor { get; } = actor;
        public long Marks { get; set; }
        public bool Leaving { get; set; }
        public bool MarkedWhileLeaving { get; set; }
    }

    private readonly record struct Crashes(int InARow, DateTimeOffset Last);

    private readonly record struct Mark(Revision Cause, bool ByOthers);

    private readonly ControllerDefinition _definition;
    private readonly ImmutableHashSet<ResourceType> _types;
    private readonly IClusterReader _reader;
    private readonly TimeProvider _time;
    private readonly ControllersSettings _settings;
    private readonly Func<ObjectKey, Props> _reconciler;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<ObjectKey, Child> _children = [];
    private readonly Dictionary<IActorRef, ObjectKey> _keys = [];
    private readonly Dictionary<ObjectKey, Crashes> _crashes = [];
    private readonly Dictionary<ObjectKey, Mark> _marks = [];

    public ControllerActor(
        ControllerDefinition definition, IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time, ControllersSettings settings)
    {
        _definition = definition;
        _types = [.. definition.Observes];
        _reader = reader;
        _time = time;
        _settings = settings;
        var runner = new PlanRunner(definition.Name, reader, client, events, time);
        _reconciler = key => ReconcilerActor.Props(key, definition, reader, runner, time, settings);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(
        ControllerDefinition definition, IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time, ControllersSettings settings) =>
        Akka.Actor.Props.Create(() => new ControllerActor(definition, reader, client, events, time, settings));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case FactBatch batch:
                OnFacts(batch);
                break;
            case CanLeave goodbye:
                OnCanLeave(goodbye);
                break;
            case Terminated terminated:
                OnTerminated(terminated.ActorRef);
                break;
            case Revive revive:
                MarkDirty(revive.Key, new Mark(Revision.None, ByOthers: true));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnFacts(FactBatch batch)
    {
        var snapshot = _reader.Current;
        foreach (var fact in batch.Facts)
        {
            if (!_types.IsEmpty && !_types.Contains(fact.Key.Type))
            {
                continue;
            }

            var byOthers = fact.Provenance.Principal != _definition.Principal;
            foreach (var key in _definition.DirtiedBy(fact, snapshot))
            {
                _marks[key] = new Mark(fact.Revision, byOthers || (_marks.TryGetValue(key, out var earlier) && earlier.ByOthers));
            }
        }

        foreach (var (key, mark) in _marks)
        {
            MarkDirty(key, mark);
        }

        _marks.Clear();
    }

    private void MarkDirty(ObjectKey key, Mark mark)
    {
        if (!_children.TryGetValue(key, out var child))
        {
            if (Timers.IsTimerActive(key))
            {
                // It crashed a moment ago; its successor will look at the truth, this mark included.
                return;
            }

            child = new Child(Context.Watch(Context.ActorOf(_reconciler(key), ActorName(key))));
            _children.Add(key, child);
            _keys.Add(child.Actor, key);
        }

        if (child.Leaving)
        {
            child.MarkedWhileLeaving = true;
            return;
        }

        child.Marks++;
        child.Actor.Tell(new ReconcilerActor.Dirty(mark.Cause, mark.ByOthers));
    }

    private void OnCanLeave(CanLeave goodbye)
    {
        if (_children.TryGetValue(goodbye.Key, out var child) && child.Actor.Equals(Sender) && child.Marks == goodbye.MarksSeen)
        {
            child.Leaving = true;
            Context.Stop(child.Actor);
        }
    }

    private void OnTerminated(IActorRef actor)
    {
        if (!_keys.Remove(actor, out var key) || !_children.Remove(key, out var child))
        {
            return;
        }

        if (!child.Leaving)
        {
            var now = _time.GetUtcNow();
            var quiet = !_crashes.TryGetValue(key, out var past) || now - past.Last > _settings.Restart.Max * 2;
            var crashes = new Crashes(quiet ? 1 : past.InARow + 1, now);
            _crashes[key] = crashes;
            var wait = _settings.Restart.After(crashes.InARow, RandomNumberGenerator.GetInt32(1000) / 1000.0);
            _log.Warning("{Controller} crashed on {Object} and looks at it again in {Wait}", _definition.Name, key, wait);
            Timers.StartSingleTimer(key, new Revive(key), wait);
            return;
        }

        _crashes.Remove(key);
        if (child.MarkedWhileLeaving)
        {
            MarkDirty(key, new Mark(Revision.None, ByOthers: true));
        }
    }

    /// <summary>A name that <c>actor hierarchy</c> shows well: <c>guestbook:web</c>, with the type in front where a controller has several.</summary>
    private string ActorName(ObjectKey key)
    {
        var name = Uri.EscapeDataString(key.Name);
        name = key.Namespace.Length == 0 ? name : $"{Uri.EscapeDataString(key.Namespace)}:{name}";
        return $"{Uri.EscapeDataString(key.Type.ToString())}:{name}";
    }

    /// <summary>Stopped, not restarted: the successor starts after a backoff (see <see cref="OnTerminated"/>), which Akka's restart does not know.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        foreach (var key in _definition.Everything(_reader.Current))
        {
            MarkDirty(key, new Mark(Revision.None, ByOthers: true));
        }
    }
}
