using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>
/// The recent facts of one type, numbered from 0 in the order in which they became true. One writer appends; any number of
/// feeds read by position, without a lock and without a copy, and wait on one shared signal.
/// </summary>
/// <remarks>
/// A fact is in place before <see cref="Head"/> moves over it, and <see cref="Tail"/> moves before a fact is forgotten, so a
/// reader that finds its position between the two may take what is there.
/// </remarks>
internal sealed class TypeStream
{
    private const int ChunkSize = 64;

    private volatile Chunk[] _chunks = [];
    private TaskCompletionSource? _signal;
    private long _head;
    private long _appended;
    private long _tail;
    private volatile bool _closed;

    /// <summary>The position after the newest fact that may be read.</summary>
    public long Head => Volatile.Read(ref _head);

    /// <summary>The position of the oldest fact that is still here.</summary>
    public long Tail => Volatile.Read(ref _tail);

    public bool Closed => _closed;

    /// <summary>Puts a fact in place; readers see it after <see cref="Reveal"/>.</summary>
    public void Append(Fact fact)
    {
        var chunks = _chunks;
        if (chunks.Length == 0 || _appended - chunks[^1].First == ChunkSize)
        {
            chunks = [.. chunks, new Chunk(_appended)];
            _chunks = chunks;
        }

        chunks[^1].Facts[_appended - chunks[^1].First] = fact;
        _appended++;
    }

    /// <summary>Shows what was appended and wakes who waits for it.</summary>
    public void Reveal()
    {
        Volatile.Write(ref _head, _appended);
        Wake();
    }

    /// <summary>Forgets the oldest fact. A reader that still needed it will find that out.</summary>
    public void DropOldest()
    {
        var tail = _tail + 1;
        Volatile.Write(ref _tail, tail);
        var chunks = _chunks;
        if (tail - chunks[0].First == ChunkSize)
        {
            _chunks = chunks[1..];
        }
    }

    /// <summary>Ends every feed: the history that they read from is no longer this host's.</summary>
    public void Close()
    {
        _closed = true;
        Wake();
    }

    /// <summary>The facts from a position on that lie side by side; empty at the head. Null when they are no longer here.</summary>
    public ArraySegment<Fact>? From(long position)
    {
        var head = Head;
        if (position >= head)
        {
            return ArraySegment<Fact>.Empty;
        }

        var chunks = _chunks;
        if (position < Tail || chunks.Length == 0 || position < chunks[0].First)
        {
            return null;
        }

        var chunk = chunks[(position - chunks[0].First) / ChunkSize];
        var at = (int)(position - chunk.First);
        return new ArraySegment<Fact>(chunk.Facts, at, (int)Math.Min(ChunkSize - at, head - position));
    }

    /// <summary>The position of the first fact after a revision, or the head.</summary>
    public long After(Revision revision)
    {
        long low = Tail, high = Head;
        while (low < high)
        {
            var middle = (low + high) / 2;
            // Facts that are dropped meanwhile are older than what is looked for, or the caller will see that the window has moved.
            if (From(middle) is not { Count: > 0 } facts || facts[0].Revision <= revision)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>Ends at the next <see cref="Reveal"/>. Take it, look once more, then wait: so nothing is missed.</summary>
    public Task NextSignal()
    {
        var signal = Volatile.Read(ref _signal);
        if (signal is not null)
        {
            return signal.Task;
        }

        var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref _signal, fresh, null) ?? fresh).Task;
    }

    /// <summary>With a thousand waiters a wake-up takes its time, which is not the writer's.</summary>
    private void Wake()
    {
        if (Interlocked.Exchange(ref _signal, null) is { } signal)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static waiting => waiting.SetResult(), signal, preferLocal: false);
        }
    }

    private sealed class Chunk(long first)
    {
        public readonly long First = first;
        public readonly Fact[] Facts = new Fact[ChunkSize];
    }
}
