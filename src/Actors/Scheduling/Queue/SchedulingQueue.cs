using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Scheduling.Queue;

/// <summary>
/// Pods without a node, as the kube-scheduler keeps them: <b>active</b> ones are tried next, <b>backing off</b> ones when their time has come or, if
/// something has happened that could help them, when there is nobody else to try (upstream's <c>SchedulerPopFromBackoffQ</c>); <b>failed</b> ones not before
/// their time; <b>unschedulable</b> ones when a fact could help them, <b>gated</b> ones when their gates are gone. Every pod is in exactly one of them.
/// No clock of its own: the time is told.
/// </summary>
public sealed class SchedulingQueue
{
    private readonly TimeSpan _initialBackoff;
    private readonly TimeSpan _maxBackoff;
    private readonly SortedSet<QueuedPod> _active;
    private readonly SortedSet<(DateTimeOffset Ready, ObjectKey Key)> _backoff = [];

    // Those of the backing off ones that something could help.
    private readonly SortedSet<QueuedPod> _hopeful;
    private readonly Dictionary<ObjectKey, QueuedPod> _unschedulable = [];
    private readonly Dictionary<ObjectKey, Entry> _entries = [];

    // Those of the unschedulable ones that what happens anywhere could help.
    private readonly Dictionary<ObjectKey, QueuedPod> _looking = [];

    public SchedulingQueue(IComparer<QueuedPod> order, TimeSpan initialBackoff, TimeSpan maxBackoff)
    {
        _initialBackoff = initialBackoff;
        _maxBackoff = maxBackoff;
        _active = new SortedSet<QueuedPod>(new TotalOrder(order));
        _hopeful = new SortedSet<QueuedPod>(new TotalOrder(order));
    }

    private enum Place : byte
    {
        Active,
        Backoff,
        Failed,
        Unschedulable,
        Gated,
    }

    public int Count => _entries.Count;
    public int ActiveCount => _active.Count;

    /// <summary>When the next pod's back-off ends; null when none backs off.</summary>
    public DateTimeOffset? NextReady => _backoff.Count == 0 ? null : _backoff.Min.Ready;

    public IReadOnlyCollection<QueuedPod> Unschedulable => _unschedulable.Values;

    /// <summary>Those of <see cref="Unschedulable"/> whose neighbours matter, on whatever node.</summary>
    public IReadOnlyCollection<QueuedPod> LookingElsewhere => _looking.Values;

    public QueuedPod? Find(ObjectKey key) => _entries.TryGetValue(key, out var entry) ? entry.Item : null;

    /// <summary>Takes a pending pod in, or a newer version of it over. A changed specification is worth another try.</summary>
    public void Upsert(PodInfo pod, DateTimeOffset now)
    {
        if (!_entries.TryGetValue(pod.Key, out var entry) || entry.Item.Pod.Uid != pod.Uid)
        {
            Remove(pod.Key);
            Put(new QueuedPod(pod, now), pod.SchedulingGates.IsEmpty ? Place.Active : Place.Gated, default);
            return;
        }

        var (item, place, ready) = entry;
        Remove(pod.Key);
        var newer = item with { Pod = pod };
        if (!pod.SchedulingGates.IsEmpty)
        {
            Put(newer, Place.Gated, default);
        }
        else if (place == Place.Gated || (place == Place.Unschedulable && (pod.Generation != item.Pod.Generation || !pod.HasLabelsOf(item.Pod))))
        {
            Requeue(newer, now);
        }
        else
        {
            Put(newer, place, ready);
        }
    }

    public bool Remove(ObjectKey key)
    {
        if (!_entries.Remove(key, out var entry))
        {
            return false;
        }

        switch (entry.Place)
        {
            case Place.Active: _active.Remove(entry.Item); break;
            case Place.Backoff:
                _backoff.Remove((entry.Ready, key));
                _hopeful.Remove(entry.Item);
                break;
            case Place.Failed: _backoff.Remove((entry.Ready, key)); break;
            case Place.Unschedulable:
                _unschedulable.Remove(key);
                _looking.Remove(key);
                break;
            default: break;
        }

        return true;
    }

    /// <summary>Takes the next pod out; null when none is active.</summary>
    public QueuedPod? Pop(DateTimeOffset now)
    {
        while (_backoff.Count > 0 && _backoff.Min.Ready <= now)
        {
            var item = _entries[_backoff.Min.Key].Item;
            Remove(item.Key);
            Put(item, Place.Active, default);
        }

        if ((_active.Min ?? _hopeful.Min) is not { } next)
        {
            return null;
        }

        Remove(next.Key);
        return next;
    }

    /// <summary>A pod that was tried and fits nowhere waits for a fact that could help.</summary>
    public void AddUnschedulable(QueuedPod tried, DateTimeOffset now) =>
        Put(tried with { Attempts = tried.Attempts + 1, LastAttempt = now }, Place.Unschedulable, default);

    /// <summary>A pod whose try failed for another reason is tried again after its back-off.</summary>
    public void AddBackoff(QueuedPod tried, DateTimeOffset now)
    {
        var item = tried with { Attempts = tried.Attempts + 1, LastAttempt = now };
        Put(item, Place.Failed, now + BackoffOf(item.Attempts));
    }

    /// <summary>Moves the unschedulable pods that could be helped.</summary>
    public int Wake(Func<QueuedPod, bool> couldHelp, DateTimeOffset now) => Wake(_unschedulable.Values, couldHelp, now);

    /// <summary>Moves those whose neighbours matter, if they could be helped.</summary>
    public int WakeLooking(Func<QueuedPod, bool> couldHelp, DateTimeOffset now) => Wake(_looking.Values, couldHelp, now);

    /// <summary>Room was made for it: it need not wait for its back-off.</summary>
    public void WakeAtOnce(ObjectKey key)
    {
        if (_unschedulable.TryGetValue(key, out var item))
        {
            Remove(key);
            Put(item, Place.Active, default);
        }
    }

    private int Wake(IEnumerable<QueuedPod> among, Func<QueuedPod, bool> couldHelp, DateTimeOffset now)
    {
        var woken = among.Where(couldHelp).ToArray();
        foreach (var item in woken)
        {
            Remove(item.Key);
            Requeue(item, now);
        }

        return woken.Length;
    }

    /// <summary>1 s, 2 s, 4 s … up to the bound.</summary>
    public TimeSpan BackoffOf(int attempts)
    {
        var backoff = _initialBackoff;
        for (var i = 1; i < attempts && backoff < _maxBackoff; i++)
        {
            backoff += backoff;
        }

        return backoff < _maxBackoff ? backoff : _maxBackoff;
    }

    private void Requeue(QueuedPod item, DateTimeOffset now)
    {
        var ready = item.Attempts == 0 ? now : item.LastAttempt + BackoffOf(item.Attempts);
        Put(item, ready <= now ? Place.Active : Place.Backoff, ready);
    }

    private void Put(QueuedPod item, Place place, DateTimeOffset ready)
    {
        _entries[item.Key] = new Entry(item, place, ready);
        switch (place)
        {
            case Place.Active: _active.Add(item); break;
            case Place.Backoff:
                _backoff.Add((ready, item.Key));
                _hopeful.Add(item);
                break;
            case Place.Failed: _backoff.Add((ready, item.Key)); break;
            case Place.Unschedulable:
                _unschedulable[item.Key] = item;
                if (item.Pod.LooksElsewhere)
                {
                    _looking[item.Key] = item;
                }

                break;
            default: break;
        }
    }

    private readonly record struct Entry(QueuedPod Item, Place Place, DateTimeOffset Ready);

    /// <summary>Pods that the profile finds equal are told apart by their keys.</summary>
    private sealed class TotalOrder(IComparer<QueuedPod> order) : IComparer<QueuedPod>
    {
        public int Compare(QueuedPod? x, QueuedPod? y)
        {
            var byOrder = order.Compare(x, y);
            return byOrder != 0 ? byOrder : x!.Key.CompareTo(y!.Key);
        }
    }
}
