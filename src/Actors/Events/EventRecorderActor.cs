using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.Events;

/// <summary>Writes events: a new object for what is new, a higher count for what happened before.</summary>
/// <remarks>
/// <code>
///   Record ──correlate──▶ refused (its object had its share)
///              │
///              ▼                 room to write
///            entry ──▶ waiting ───────────────▶ writing ──Written──▶ quiet
///                        ▲                         │ counted on meanwhile
///                        └─────────────────────────┘
/// </code>
/// 1. One event has at most one write in flight, so that its counts are written in order; what is counted meanwhile goes with the next.
/// 2. At most <see cref="EventSettings.Writes"/> writes are in flight, at most <see cref="EventSettings.Memory"/> quiet entries are kept.
/// 3. A write that fails is logged and given up.
/// </remarks>
internal sealed class EventRecorderActor : UntypedActor
{
    internal sealed record Record(Occurrence Occurrence, Revision Cause) : INoSerializationVerificationNeeded;

    private sealed record Written(EventIdentity Identity, ResourceResult Result) : INoSerializationVerificationNeeded;

    private sealed class Entry(DateTimeOffset first)
    {
        public ObjectKey? Key { get; set; }
        public DateTimeOffset First { get; } = first;
        public DateTimeOffset Last { get; set; } = first;
        public string Message { get; set; } = "";
        public int Count { get; set; }
        public int CountWritten { get; set; }
        public bool InFlight { get; set; }
        public Revision Cause { get; set; }
        public LinkedListNode<EventIdentity>? Quiet { get; set; }
    }

    private readonly IResourceClient _client;
    private readonly ICatalogSource _catalog;
    private readonly TimeProvider _time;
    private readonly EventSettings _settings;
    private readonly QueueBound _bound;
    private readonly EventCorrelator _correlator;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<EventIdentity, Entry> _entries = [];
    private readonly LinkedList<EventIdentity> _quiet = new();
    private readonly Queue<EventIdentity> _waiting = new();
    private readonly CancellationTokenSource _stopping = new();
    private int _inFlight;
    private long _lastName;

    public EventRecorderActor(IResourceClient client, ICatalogSource catalog, TimeProvider time, EventSettings settings, QueueBound bound)
    {
        _client = client;
        _catalog = catalog;
        _time = time;
        _settings = settings;
        _bound = bound;
        _correlator = new EventCorrelator(settings);
    }

    public static Props Props(
        IResourceClient client, ICatalogSource catalog, TimeProvider time, EventSettings settings, QueueBound bound) =>
        Akka.Actor.Props.Create(() => new EventRecorderActor(client, catalog, time, settings, bound));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Record record:
                _bound.Leave();
                OnRecord(record);
                break;
            case Written written:
                OnWritten(written);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnRecord(Record record)
    {
        if (_bound.TakeDropped() is > 0 and var dropped)
        {
            _log.Warning("Dropped {Count} events because more than {Limit} were waiting", dropped, _settings.Queue);
        }

        var now = _time.GetUtcNow();
        if (_correlator.Admit(record.Occurrence, now) is not { } admission)
        {
            _log.Debug("Dropped event {Reason} about {Object}: it has had its share", record.Occurrence.Reason, record.Occurrence.About);
            return;
        }

        var identity = admission.Identity;
        if (!_entries.TryGetValue(identity, out var entry))
        {
            _entries.Add(identity, entry = new Entry(now));
        }

        entry.Last = now;
        entry.Message = admission.Message;
        entry.Count++;
        entry.Cause = record.Cause;
        if (entry.Quiet is { } quiet)
        {
            _quiet.Remove(quiet);
            entry.Quiet = null;
        }

        if (!entry.InFlight && entry.Count == entry.CountWritten + 1)
        {
            _waiting.Enqueue(identity);
            WriteNext();
        }
    }

    private void WriteNext()
    {
        while (_inFlight < _settings.Writes && _waiting.TryDequeue(out var identity))
        {
            var entry = _entries[identity];
            entry.InFlight = true;
            entry.CountWritten = entry.Count;
            _inFlight++;
            WriteAsync(identity, entry.Key, new EventTimes(entry.First, entry.Last, entry.Count), entry.Message, entry.Cause)
                .PipeTo(Self, success: result => new Written(identity, result), failure: error => new Written(identity, ResourceResult.Failed(ApiStatus.Unavailable(error.Message))));
        }
    }

    private void OnWritten(Written written)
    {
        _inFlight--;
        var entry = _entries[written.Identity];
        entry.InFlight = false;
        if (written.Result.Object is { } stored)
        {
            entry.Key = stored.Key;
        }
        else if (written.Result.Failure is { } failure)
        {
            entry.Key = null;
            // An event about something in a namespace that is going or gone has nowhere to be.
            if (failure.Reason is not ("Forbidden" or "NotFound"))
            {
                _log.Warning("Event {Reason} about {Object} was not recorded: {Failure}", written.Identity.Reason, written.Identity.About, failure.Message);
            }
        }

        if (entry.Count > entry.CountWritten)
        {
            _waiting.Enqueue(written.Identity);
        }
        else
        {
            entry.Quiet = _quiet.AddLast(written.Identity);
            ForgetOldest();
        }

        WriteNext();
    }

    private void ForgetOldest()
    {
        while (_quiet.Count > _settings.Memory)
        {
            _entries.Remove(_quiet.First!.Value);
            _quiet.RemoveFirst();
        }
    }

    private async Task<ResourceResult> WriteAsync(EventIdentity identity, ObjectKey? known, EventTimes times, string message, Revision cause)
    {
        var options = new WriteOptions(PrincipalOf(identity.Source), "record event") { Cause = cause };
        if (known is { } key)
        {
            var counted = await _client.UpdateAsync(
                key,
                (_, tree) =>
                {
                    tree["message"] = message;
                    tree["count"] = times.Count;
                    tree["lastTimestamp"] = JsonNodes.Time(times.Last);
                    return tree;
                },
                options,
                _stopping.Token).ConfigureAwait(false);
            if (counted.Failure?.Reason != "NotFound")
            {
                return counted;
            }
        }

        var obj = EventObject.Build(identity, _catalog.Current, NextName(identity.About.Name, times.Last), message, times);
        return await _client.CreateAsync(ResourceTypes.Events, EventObject.NamespaceOf(identity.About), obj, options, _stopping.Token).ConfigureAwait(false);
    }

    /// <summary>Upstream's form: the object's name and the nanoseconds of the time, in hexadecimal; never the same twice.</summary>
    private string NextName(string about, DateTimeOffset time)
    {
        var nanoseconds = (time - DateTimeOffset.UnixEpoch).Ticks * 100;
        long last, next;
        do
        {
            last = Interlocked.Read(ref _lastName);
            next = Math.Max(nanoseconds, last + 1);
        }
        while (Interlocked.CompareExchange(ref _lastName, next, last) != last);

        return $"{about}.{next:x}";
    }

    internal static string PrincipalOf(EventSource source) =>
        source.Host.Length > 0 ? $"system:node:{source.Host}" : $"system:serviceaccount:kube-system:{source.Component}";

    protected override void PostStop()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }
}
