namespace ActorOrchestrator.Host.Api.Limits;

/// <summary>
/// Where the requests of one priority level wait (shuffle sharding and fair queuing, KEP-1040): a flow is dealt a hand of the queues and waits in its shortest, so that a
/// flow of many requests meets another in all of its queues hardly ever; and the queue that has had the least goes first. Not for two threads at once.
/// </summary>
internal sealed class FairQueues<T>
    where T : class
{
    private readonly Queuing _queuing;
    private readonly Dictionary<int, Line> _lines = [];
    private readonly Dictionary<T, int> _places = [];
    private double _now;

    public FairQueues(Queuing queuing) => _queuing = queuing with { HandSize = Math.Min(queuing.HandSize, queuing.Queues) };

    public int Count => _places.Count;

    /// <param name="waiter">Who waits.</param>
    /// <param name="flow">A hash of the flow.</param>
    /// <param name="force">Whatever the length.</param>
    /// <returns>False when even the shortest queue of the flow is full.</returns>
    public bool TryAdd(T waiter, ulong flow, bool force = false)
    {
        var shortest = -1;
        var length = int.MaxValue;
        foreach (var queue in Hand(flow))
        {
            var waiting = _lines.TryGetValue(queue, out var known) ? known.Waiters.Count : 0;
            if (waiting < length)
            {
                (shortest, length) = (queue, waiting);
            }
        }

        if (length >= _queuing.Length && !force)
        {
            return false;
        }

        if (!_lines.TryGetValue(shortest, out var line))
        {
            // Who was away for a while does not come back with a claim to what it did not use.
            _lines[shortest] = line = new Line { Start = _now };
        }

        line.Waiters.AddLast(waiter);
        _places.Add(waiter, shortest);
        return true;
    }

    /// <summary>Who goes next; null when nobody waits.</summary>
    public T? Take()
    {
        var queue = -1;
        Line? next = null;
        foreach (var (place, line) in _lines)
        {
            if (next is null || line.Start < next.Start || (line.Start == next.Start && place < queue))
            {
                (queue, next) = (place, line);
            }
        }

        if (next is null)
        {
            return null;
        }

        var waiter = next.Waiters.First!.Value;
        _now = Math.Max(_now, next.Start);
        next.Start += 1;
        Remove(waiter, queue, next);
        return waiter;
    }

    /// <summary>False when it does not wait any more.</summary>
    public bool Remove(T waiter)
    {
        if (!_places.TryGetValue(waiter, out var queue))
        {
            return false;
        }

        Remove(waiter, queue, _lines[queue]);
        return true;
    }

    /// <summary>Everybody who waits, the queues one after the other.</summary>
    public IEnumerable<T> Waiters => _lines.OrderBy(pair => pair.Key).SelectMany(pair => pair.Value.Waiters).ToArray();

    /// <summary>Different queues, always the same for a flow.</summary>
    internal IEnumerable<int> Hand(ulong flow)
    {
        var dealt = new List<int>(_queuing.HandSize);
        for (var i = 0; i < _queuing.HandSize; i++)
        {
            var left = (ulong)(_queuing.Queues - i);
            var card = (int)(flow % left);
            flow /= left;
            var place = 0;
            foreach (var earlier in dealt)
            {
                if (card < earlier)
                {
                    break;
                }

                card++;
                place++;
            }

            dealt.Insert(place, card);
            yield return card;
        }
    }

    private void Remove(T waiter, int queue, Line line)
    {
        line.Waiters.Remove(waiter);
        _places.Remove(waiter);
        if (line.Waiters.Count == 0)
        {
            _lines.Remove(queue);
        }
    }

    private sealed class Line
    {
        public LinkedList<T> Waiters { get; } = [];
        public double Start { get; set; }
    }
}
