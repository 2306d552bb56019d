namespace ActorOrchestrator.Actors.Timers;

/// <summary>
/// What is due when, in milliseconds of one monotonic clock. Long delays are rounded up to a grid that all queues share, so that timers of the
/// same length ring together and an idle process sleeps between. Not safe for several threads.
/// </summary>
internal sealed class DueQueue
{
    private const int SweepFloor = 1024;
    private readonly PriorityQueue<DueItem, (long Due, long Order)> _items = new();
    private long _order;
    private int _sweepAt = SweepFloor;

    public int Count => _items.Count;

    /// <summary>When the next one is due; null when there is none.</summary>
    public long? Next => _items.TryPeek(out _, out var first) ? first.Due : null;

    /// <summary>The moment a delay ends. It is never early, and late by at most the grid of its length.</summary>
    public static long Due(long now, long delay)
    {
        var grid = delay switch { < 100 => 1, < 1000 => 50, _ => 250 };
        var due = now + delay;
        var over = due % grid;
        return over == 0 ? due : due + grid - over;
    }

    public void Add(DueItem item, long due)
    {
        _items.Enqueue(item, (due, _order++));
        if (_items.Count >= _sweepAt)
        {
            Sweep();
        }
    }

    /// <summary>Takes the next item that is due and was not cancelled; null when there is none.</summary>
    public DueItem? Take(long now)
    {
        while (_items.TryPeek(out var item, out var first) && (first.Due <= now || item.IsCancelled))
        {
            _items.Dequeue();
            if (!item.IsCancelled)
            {
                return item;
            }
        }

        return null;
    }

    public void Clear() => _items.Clear();

    /// <summary>A cancelled item waits for its time to be forgotten, unless there are many of them.</summary>
    private void Sweep()
    {
        var live = _items.UnorderedItems.Where(entry => !entry.Element.IsCancelled).ToArray();
        _items.Clear();
        _items.EnqueueRange(live);
        _sweepAt = Math.Max(SweepFloor, live.Length * 2);
    }
}

/// <param name="cancelable">Whether it is still wanted; null for always.</param>
/// <param name="period">Milliseconds between repetitions; null for once.</param>
internal abstract class DueItem(Akka.Actor.ICancelable? cancelable, long? period)
{
    public long? Period { get; } = period;

    public bool IsCancelled => cancelable is { IsCancellationRequested: true };

    public abstract void Run();
}
