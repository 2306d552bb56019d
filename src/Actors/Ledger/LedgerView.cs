using System.Collections.Immutable;
using ActorOrchestrator.Actors.Ledger.History;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>
/// The committed state on this host. One per host; its single writer is the ledger actor on the leader and the replica actor
/// elsewhere. Everybody reads immutable states and a shared window of recent facts.
/// </summary>
public sealed class LedgerView : IClusterReader
{
    private readonly LedgerSettings _settings;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Lock _writing = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private ImmutableArray<Action<FactBatch>> _observers = [];
    private ImmutableArray<Action<FactBatch>> _audience = [];
    private volatile FactWindow _window;
    private volatile ClusterState _current = ClusterState.Empty;
    private volatile bool _isLed;
    private volatile JournalHistory? _history;
    private volatile ILedgerArchive? _archive;

    public LedgerView(LedgerSettings settings, TimeProvider time)
    {
        _settings = settings;
        _time = time;
        _window = NewWindow(ClusterState.Empty);
    }

    public ClusterSnapshot Current => _current;

    public Revision OldestWatchable => _window.Base.Revision;

    internal ClusterState State => _current;

    /// <summary>Bytes of all objects.</summary>
    public long StateBytes => _current.Bytes;

    /// <summary>What the journal still has; null on a host that does not lead.</summary>
    public JournalHistory? History => _history;

    /// <summary>The ledger itself writes this view now; whoever follows another host's ledger keeps still.</summary>
    public bool IsLed => _isLed;

    public ClusterSnapshot? At(Revision revision) => StateAt(revision);

    public async ValueTask<ClusterSnapshot?> AtAsync(Revision revision, CancellationToken cancellation)
    {
        if (StateAt(revision) is { } near)
        {
            return near;
        }

        return _archive is { } archive ? await archive.AtAsync(revision, cancellation).ConfigureAwait(false) : null;
    }

    public ValueTask<ClusterSnapshot> AtLeastAsync(Revision revision, CancellationToken cancellation)
    {
        if (_current.Revision >= revision)
        {
            return new ValueTask<ClusterSnapshot>(_current);
        }

        var waiter = new Waiter(revision);
        lock (_gate)
        {
            if (_current.Revision >= revision)
            {
                return new ValueTask<ClusterSnapshot>(_current);
            }

            _waiters.AddLast(waiter.Node);
        }

        return new ValueTask<ClusterSnapshot>(WaitAsync(waiter, cancellation));
    }

    public Observation Observe(Action<FactBatch> onFacts)
    {
        lock (_gate)
        {
            // A delegate of its own, so that the same callback given twice is stopped one by one.
            Action<FactBatch> observer = batch => onFacts(batch);
            _observers = _observers.Add(observer);
            return new Observation(_current, new Unsubscription(this, observer));
        }
    }

    public FactFeed? Watch(ResourceType type, Revision after)
    {
        var window = _window;
        var stream = window.Stream(type);
        var position = stream.After(after);
        return after < window.Base.Revision ? null : new TypeFeed(type, window, stream, position, after, _time);
    }

    public async ValueTask<FactFeed?> WatchAsync(ResourceType type, Revision after, CancellationToken cancellation)
    {
        if (Watch(type, after) is { } feed)
        {
            return feed;
        }

        return _archive is { } archive ? await archive.WatchAsync(type, after, cancellation).ConfigureAwait(false) : null;
    }

    /// <summary>From now on the past before the window is looked up there; null when there is nowhere to look.</summary>
    public void LooksBackIn(ILedgerArchive? archive) => _archive = archive;

    /// <summary>Takes over the next batch and publishes it. For the single writer while no ledger leads here.</summary>
    /// <exception cref="InvalidOperationException">The batch does not follow <see cref="Current"/> directly; nothing is changed.</exception>
    public void Apply(FactBatch batch)
    {
        lock (_writing)
        {
            if (!_isLed)
            {
                Take(batch);
            }
        }
    }

    /// <summary>Takes over a whole state from another host's ledger.</summary>
    internal void Follow(FactWindow window)
    {
        lock (_writing)
        {
            if (!_isLed)
            {
                Adopt(window);
            }
        }
    }

    /// <summary>A ledger that has recovered here makes this view its own. From now on it alone writes.</summary>
    /// <exception cref="InvalidOperationException">The journal ends before what this host has seen: acknowledged facts are missing from it.</exception>
    internal void Lead(FactWindow recovered)
    {
        lock (_writing)
        {
            Adopt(recovered);
            _isLed = true;
        }
    }

    /// <summary>The ledger tells what its journal has now.</summary>
    internal void Keeps(JournalHistory history) => _history = history;

    internal void StopLeading()
    {
        lock (_writing)
        {
            _isLed = false;
            _history = null;
        }
    }

    internal ClusterState? StateAt(Revision revision) => _window.At(revision);

    /// <summary>What a replica that has reached a revision still needs; null when only a whole state will do.</summary>
    internal ImmutableArray<Fact>? FactsAfter(Revision revision, long maxBytes) => _window.After(revision, maxBytes);

    /// <summary>The first half of <see cref="Apply"/>: readers of <see cref="Current"/> see the batch, so that its writers may be answered.</summary>
    internal void Advance(FactBatch batch, ClusterState after)
    {
        _window.Append(batch, after);
        ImmutableArray<Waiter> reached;
        lock (_gate)
        {
            // Who begins to observe from here on starts from this state and is not told of this batch.
            _audience = _observers;
            _current = after;
            reached = TakeReached();
        }

        Release(reached, after);
    }

    /// <summary>The second half: feeds and observers are told.</summary>
    internal void Publish(FactBatch batch)
    {
        _window.Reveal(batch);
        Tell(_audience, batch);
    }

    private void Take(FactBatch batch)
    {
        var (after, complete) = _current.Evolve(batch);
        Advance(complete, after);
        Publish(complete);
    }

    /// <summary>Takes over what a recovery or a whole-state transfer brought, without going back and, where possible, without a gap.</summary>
    private void Adopt(FactWindow window)
    {
        var current = _current;
        if (window.Newest.Revision < current.Revision)
        {
            throw new InvalidOperationException(
                $"The ledger's journal ends at revision {window.Newest.Revision}, but this host has already seen revision {current.Revision}: acknowledged facts are missing from the journal.");
        }

        if (current.Revision > Revision.None && current.Revision >= window.Base.Revision)
        {
            foreach (var batch in window.BatchesAfter(current.Revision))
            {
                Take(new FactBatch([.. batch.Facts.Where(fact => fact.Revision > current.Revision)]));
            }

            return;
        }

        var difference = StateDifference.Between(current, window.Newest);
        var replaced = _window;
        ImmutableArray<Waiter> reached;
        lock (_gate)
        {
            _window = window;
            _audience = _observers;
            _current = window.Newest;
            reached = TakeReached();
        }

        replaced.Close();
        Release(reached, window.Newest);
        if (difference is not null)
        {
            Tell(_audience, difference);
        }
    }

    internal FactWindow NewWindow(ClusterState start) => new(start, _settings.WindowFacts, _settings.WindowBytes);

    /// <summary>Lets go of facts that the retention no longer allows.</summary>
    internal void DropBefore(DateTimeOffset time) => _window.DropBefore(time);

    private static void Tell(ImmutableArray<Action<FactBatch>> observers, FactBatch batch)
    {
        foreach (var observer in observers)
        {
            observer(batch);
        }
    }

    private async Task<ClusterSnapshot> WaitAsync(Waiter waiter, CancellationToken cancellation)
    {
        try
        {
            return await waiter.Reached.Task.WaitAsync(cancellation);
        }
        finally
        {
            lock (_gate)
            {
                waiter.Node.List?.Remove(waiter.Node);
            }
        }
    }

    private ImmutableArray<Waiter> TakeReached()
    {
        if (_waiters.Count == 0)
        {
            return [];
        }

        ImmutableArray<Waiter> reached = [.. _waiters.Where(waiter => waiter.Revision <= _current.Revision)];
        foreach (var waiter in reached)
        {
            _waiters.Remove(waiter.Node);
        }

        return reached;
    }

    private static void Release(ImmutableArray<Waiter> reached, ClusterState state)
    {
        foreach (var waiter in reached)
        {
            waiter.Reached.TrySetResult(state);
        }
    }

    private void Stop(Action<FactBatch> observer)
    {
        lock (_gate)
        {
            _observers = _observers.Remove(observer);
        }
    }

    private sealed class Waiter
    {
        public Waiter(Revision revision)
        {
            Revision = revision;
            Node = new LinkedListNode<Waiter>(this);
        }

        public Revision Revision { get; }
        public LinkedListNode<Waiter> Node { get; }
        public TaskCompletionSource<ClusterSnapshot> Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Unsubscription(LedgerView view, Action<FactBatch> observer) : IDisposable
    {
        public void Dispose() => view.Stop(observer);
    }
}
