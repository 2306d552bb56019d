using System.Collections.Concurrent;
using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>
/// The recent past in memory: a base state, every batch since, and a few states in between so that any revision is rebuilt
/// from a near one. Bounded by facts and bytes. One writer; readers from any thread.
/// </summary>
internal sealed class FactWindow(ClusterState start, int maxFacts, long maxBytes)
{
    /// <summary>A kept state costs the branches that changed since the one before; without it a read of the past evolves this many facts.</summary>
    private readonly int _factsBetweenStates = Math.Clamp(maxFacts / 16, 1, 64);
    private readonly long _bytesBetweenStates = maxBytes / 16;

    /// <summary>What a fact costs besides its object's bytes.</summary>
    private const int FactOverhead = 256;

    private readonly Lock _gate = new();
    private readonly Ring<Entry> _entries = new();
    private readonly ConcurrentDictionary<ResourceType, TypeStream> _streams = new();
    private volatile ClusterState _base = start;
    private long _revealed = start.Revision.Value;
    private int _facts;
    private long _bytes;
    private int _factsSinceState;
    private long _bytesSinceState;

    /// <summary>The state before the oldest batch that is kept.</summary>
    public ClusterState Base => _base;

    /// <summary>The newest state here. Set by the writer alone.</summary>
    public ClusterState Newest { get; private set; } = start;

    /// <summary>Feeds have been shown everything up to this revision.</summary>
    public Revision Revealed => new(Volatile.Read(ref _revealed));

    public TypeStream Stream(ResourceType type) => _streams.GetOrAdd(type, static _ => new TypeStream());

    /// <summary>Takes a batch in. Feeds see it after <see cref="Reveal"/>.</summary>
    public void Append(FactBatch batch, ClusterState after)
    {
        var bytes = Weight(batch);
        lock (_gate)
        {
            _factsSinceState += batch.Facts.Length;
            _bytesSinceState += bytes;
            var keep = _factsSinceState >= _factsBetweenStates || _bytesSinceState >= _bytesBetweenStates;
            (_factsSinceState, _bytesSinceState) = keep ? (0, 0) : (_factsSinceState, _bytesSinceState);
            _entries.Add(new Entry(batch, bytes, keep ? after : null));
            _facts += batch.Facts.Length;
            _bytes += bytes;
            Newest = after;
        }
    }

    /// <summary>Shows a batch to the feeds, then lets go of what is over the bounds.</summary>
    public void Reveal(FactBatch batch)
    {
        var touched = new HashSet<TypeStream>();
        foreach (var fact in batch.Facts)
        {
            var stream = Stream(fact.Key.Type);
            stream.Append(fact);
            touched.Add(stream);
        }

        // Heads move before the revision does: who has seen this revision finds all its facts.
        foreach (var stream in touched)
        {
            stream.Reveal();
        }

        Volatile.Write(ref _revealed, batch.Last.Value);
        Trim();
    }

    /// <summary>The state exactly as of a revision within the window.</summary>
    public ClusterState? At(Revision revision)
    {
        ClusterState nearest;
        var rest = new Stack<FactBatch>();
        lock (_gate)
        {
            if (revision < _base.Revision || revision > Newest.Revision)
            {
                return null;
            }

            nearest = _base;
            for (var index = _entries.FirstWhere(entry => entry.Batch.Last > revision); index >= 0; index--)
            {
                if (index == _entries.Count)
                {
                    continue;
                }

                if (_entries[index].After is { } after && after.Revision <= revision)
                {
                    nearest = after;
                    break;
                }

                rest.Push(_entries[index].Batch);
            }
        }

        return rest.SelectMany(batch => batch.Facts)
            .TakeWhile(fact => fact.Revision <= revision)
            .Aggregate(nearest, (state, fact) => state.Evolve(fact));
    }

    /// <summary>Facts that follow a revision directly, up to a number of bytes but at least one; empty at the end, null when they are gone.</summary>
    public ImmutableArray<Fact>? After(Revision revision, long maxChunk)
    {
        lock (_gate)
        {
            if (revision < _base.Revision || revision > Newest.Revision)
            {
                return null;
            }

            var facts = ImmutableArray.CreateBuilder<Fact>();
            var bytes = 0L;
            for (var index = _entries.FirstWhere(entry => entry.Batch.Last > revision); index < _entries.Count; index++)
            {
                foreach (var fact in _entries[index].Batch.Facts)
                {
                    if (fact.Revision <= revision)
                    {
                        continue;
                    }

                    bytes += fact.Object.Utf8.Length;
                    if (facts.Count > 0 && bytes > maxChunk)
                    {
                        return facts.DrainToImmutable();
                    }

                    facts.Add(fact);
                }
            }

            return facts.DrainToImmutable();
        }
    }

    /// <summary>Batches that end after a revision, oldest first.</summary>
    public ImmutableArray<FactBatch> BatchesAfter(Revision revision)
    {
        lock (_gate)
        {
            var first = _entries.FirstWhere(entry => entry.Batch.Last > revision);
            return [.. Enumerable.Range(first, _entries.Count - first).Select(index => _entries[index].Batch)];
        }
    }

    /// <summary>Lets go of what is older than a time, as the principals' clocks told it.</summary>
    public void DropBefore(DateTimeOffset time) => Trim(entry => entry.Batch.Facts[^1].Provenance.Time < time);

    /// <summary>Ends every feed.</summary>
    public void Close()
    {
        foreach (var stream in _streams.Values)
        {
            stream.Close();
        }
    }

    private void Trim(Func<Entry, bool>? outdated = null)
    {
        List<FactBatch> dropped = [];
        lock (_gate)
        {
            while (_entries.Count > 0 && (_facts > maxFacts || _bytes > maxBytes || outdated?.Invoke(_entries[0]) == true))
            {
                // The base moves from one kept state to the next; the newest batches may have none yet and then stay.
                if (NextKeptState() is not { } state)
                {
                    break;
                }

                DropUpTo(state, dropped);
            }
        }

        foreach (var fact in dropped.SelectMany(batch => batch.Facts))
        {
            Stream(fact.Key.Type).DropOldest();
        }
    }

    private ClusterState? NextKeptState()
    {
        for (var index = 0; index < _entries.Count; index++)
        {
            if (_entries[index].After is { } after)
            {
                return after;
            }
        }

        return null;
    }

    private void DropUpTo(ClusterState state, List<FactBatch> dropped)
    {
        // The base moves first: a watch that is just being opened looks at it last.
        _base = state;
        while (_entries.Count > 0 && _entries[0].Batch.Last <= state.Revision)
        {
            var entry = _entries.RemoveOldest();
            _facts -= entry.Batch.Facts.Length;
            _bytes -= entry.Bytes;
            dropped.Add(entry.Batch);
        }
    }

    private static long Weight(FactBatch batch)
    {
        var bytes = 0L;
        foreach (var fact in batch.Facts)
        {
            bytes += fact.Object.Utf8.Length + FactOverhead;
        }

        return bytes;
    }

    private sealed record Entry(FactBatch Batch, long Bytes, ClusterState? After);
}
