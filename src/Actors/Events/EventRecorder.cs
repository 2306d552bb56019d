using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using Akka.Actor;

namespace ActorOrchestrator.Actors.Events;

/// <summary>The recorder that writes core/v1 Events through the resource client, by way of one actor.</summary>
public sealed class EventRecorder : IEventRecorder
{
    private sealed record Writer(IResourceClient Client, ICatalogSource Catalog, TimeProvider Time);

    private readonly IActorRef _actor;
    private readonly Writer _writer;
    private readonly EventSource _source;
    private readonly QueueBound _bound;

    private EventRecorder(IActorRef actor, Writer writer, EventSource source, QueueBound bound)
    {
        _actor = actor;
        _writer = writer;
        _source = source;
        _bound = bound;
    }

    /// <summary>Starts the actor under a system or a parent.</summary>
    /// <param name="parent">Where the actor lives.</param>
    /// <param name="component">The first <c>source.component</c>; others come by <see cref="From"/>.</param>
    /// <param name="host">The <c>source.host</c>: a node's name for what happens on a node, otherwise empty.</param>
    public static EventRecorder Start(
        IActorRefFactory parent, IResourceClient client, ICatalogSource catalog, TimeProvider time, EventSettings settings, string component, string host = "")
    {
        var bound = new QueueBound(settings.Queue);
        var actor = parent.ActorOf(EventRecorderActor.Props(client, catalog, time, settings, bound), "events");
        return new EventRecorder(actor, new Writer(client, catalog, time), new EventSource(component, host), bound);
    }

    public IEventRecorder From(string component) => new EventRecorder(_actor, _writer, _source with { Component = component }, _bound);

    /// <summary>The same recorder for what happens on a node.</summary>
    public EventRecorder On(string host) => new(_actor, _writer, _source with { Host = host }, _bound);

    public async Task<ApiStatus?> RecordOnceAsync(StoredObject about, bool warning, string reason, string message, string name, CancellationToken cancellation)
    {
        var now = _writer.Time.GetUtcNow();
        var identity = new EventIdentity(_source, about.Key, about.Uid, "", warning, reason, message);
        var obj = EventObject.Build(identity, _writer.Catalog.Current, $"{about.Key.Name}.{name}", message, new EventTimes(now, now, 1));
        var options = new WriteOptions(EventRecorderActor.PrincipalOf(_source), "record event") { Cause = about.Revision };
        var result = await _writer.Client.CreateAsync(ResourceTypes.Events, EventObject.NamespaceOf(about.Key), obj, options, cancellation).ConfigureAwait(false);

        // What is refused is there already, or has nowhere to be; only what could not be asked is asked again.
        return result.Failure is { Code: >= 500 } failure ? failure : null;
    }

    public void Record(StoredObject about, bool warning, string reason, string message, string? fieldPath = null)
    {
        if (_bound.TryEnter())
        {
            _actor.Tell(new EventRecorderActor.Record(new Occurrence(_source, about.Key, about.Uid, fieldPath ?? "", warning, reason, message), about.Revision));
        }
    }
}

/// <summary>How many events wait for the actor, so that its mailbox cannot grow without end.</summary>
internal sealed class QueueBound(int limit)
{
    private int _waiting;
    private long _dropped;

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _waiting) <= limit)
        {
            return true;
        }

        Interlocked.Decrement(ref _waiting);
        Interlocked.Increment(ref _dropped);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _waiting);

    /// <summary>How many were dropped since this was last asked.</summary>
    public long TakeDropped() => Interlocked.Exchange(ref _dropped, 0);
}
