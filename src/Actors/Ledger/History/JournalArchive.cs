using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Persistence;

namespace ActorOrchestrator.Actors.Ledger.History;

/// <summary>
/// The past out of the journal. A state is rebuilt from the newest kept snapshot that is not after it and from the rows that follow. What was rebuilt is kept a
/// little, for the next page of the same list begins there.
/// </summary>
/// <remarks>
/// 1. A state that is answered is exactly that of the revision, or there is no answer.
/// 2. A row that is missing in the middle ends a reading: the retention has dropped it meanwhile.
/// 3. Everything is bounded: readers, watches, rows at a time, states that are kept.
/// </remarks>
public sealed class JournalArchive(ActorSystem system, LedgerView view, HistorySettings settings, TimeProvider time) : ILedgerArchive, IDisposable
{
    private readonly SemaphoreSlim _reads = new(settings.Reads);
    private readonly Lock _gate = new();
    private readonly List<(PastState State, DateTimeOffset Used)> _kept = [];
    private int _watches;
    private ITimer? _sweep;

    public async ValueTask<ClusterState?> AtAsync(Revision revision, CancellationToken cancellation) =>
        (await FindAsync(revision, cancellation).ConfigureAwait(false))?.State;

    public async ValueTask<FactFeed?> WatchAsync(ResourceType type, Revision after, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _watches) > settings.Watches)
        {
            Interlocked.Decrement(ref _watches);
            throw new HistoryBusyException("Too many watches begin in the past at once; try again later.");
        }

        var left = new Release(() => Interlocked.Decrement(ref _watches));
        try
        {
            if (await FindAsync(after, cancellation).ConfigureAwait(false) is { } start)
            {
                var feed = new ArchivedFeed(type, this, view, start, left);
                left = null;
                return feed;
            }

            return null;
        }
        finally
        {
            left?.Dispose();
        }
    }

    public void Dispose()
    {
        _sweep?.Dispose();
        _reads.Dispose();
    }

    /// <summary>Some rows after a place, one reading beside few others.</summary>
    internal async ValueTask<ImmutableArray<JournalRow>> ReadAsync(long after, CancellationToken cancellation)
    {
        if (!await _reads.WaitAsync(settings.Patience, cancellation).ConfigureAwait(false))
        {
            throw new HistoryBusyException("Too many read the past at once; try again later.");
        }

        try
        {
            return await RowsAsync(after, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _reads.Release();
        }
    }

    private async ValueTask<PastState?> FindAsync(Revision revision, CancellationToken cancellation)
    {
        if (revision <= Revision.None || revision > view.Current.Revision)
        {
            return null;
        }

        if (Nearest(revision) is { } known && known.State.Revision == revision)
        {
            return known;
        }

        if (!await _reads.WaitAsync(settings.Patience, cancellation).ConfigureAwait(false))
        {
            throw new HistoryBusyException("Too many read the past at once; try again later.");
        }

        try
        {
            // Whoever had the turn before may have been after the same one.
            var nearest = Nearest(revision);
            if (nearest?.State.Revision == revision)
            {
                return nearest;
            }

            var start = await BaseAsync(revision, nearest, cancellation).ConfigureAwait(false);
            if (start is null || await RebuildAsync(start, revision, cancellation).ConfigureAwait(false) is not { } rebuilt)
            {
                return null;
            }

            Keep(rebuilt);
            return rebuilt;
        }
        finally
        {
            _reads.Release();
        }
    }

    private async ValueTask<PastState?> RebuildAsync(PastState start, Revision revision, CancellationToken cancellation)
    {
        var past = start;
        while (past.State.Revision < revision)
        {
            var rows = await RowsAsync(past.SequenceNumber, cancellation).ConfigureAwait(false);
            if (rows.IsEmpty || rows[0].SequenceNumber != past.SequenceNumber + 1)
            {
                return null;
            }

            foreach (var row in rows)
            {
                if (past.State.Revision == revision)
                {
                    break;
                }

                past = past.After(row, revision, null);
            }
        }

        return past;
    }

    /// <summary>Where to begin: at a state that is kept, or at the newest snapshot that is not after the revision, whichever is nearer.</summary>
    private async ValueTask<PastState?> BaseAsync(Revision revision, PastState? kept, CancellationToken cancellation)
    {
        var bases = view.History?.Bases ?? await NewestBasesAsync(cancellation).ConfigureAwait(false);
        foreach (var mark in bases.Reverse())
        {
            if (mark.Revision > revision)
            {
                continue;
            }

            if (kept is not null && kept.State.Revision >= mark.Revision)
            {
                return kept;
            }

            if (mark.SequenceNumber == 0)
            {
                return new PastState(ClusterState.Empty, 0);
            }

            return await LoadAsync(new SnapshotSelectionCriteria(mark.SequenceNumber, DateTime.MaxValue, mark.SequenceNumber), cancellation).ConfigureAwait(false) is { } snapshot
                ? new PastState(ClusterState.Of(snapshot.Revision, snapshot.Objects), mark.SequenceNumber)
                : null;
        }

        return kept;
    }

    /// <summary>A host that does not lead learns from the newest snapshot which ones there are.</summary>
    private async ValueTask<ImmutableArray<JournalMark>> NewestBasesAsync(CancellationToken cancellation) =>
        await LoadAsync(SnapshotSelectionCriteria.Latest, cancellation).ConfigureAwait(false) is { } newest ? newest.History : [JournalMark.Start];

    private async ValueTask<LedgerSnapshot?> LoadAsync(SnapshotSelectionCriteria criteria, CancellationToken cancellation)
    {
        var store = Persistence.Instance.Apply(system).SnapshotStoreFor("");
        object answer;
        try
        {
            answer = await store.Ask<object>(new LoadSnapshot(LedgerActor.JournalId, criteria, long.MaxValue), settings.Patience, cancellation).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            throw new LedgerUnavailableException($"The ledger's snapshots did not answer within {settings.Patience.TotalSeconds:0} s.");
        }

        return answer switch
        {
            LoadSnapshotResult { Snapshot.Snapshot: LedgerSnapshot snapshot } => snapshot,
            LoadSnapshotFailed failed => throw new LedgerUnavailableException($"A snapshot of the ledger could not be read: {failed.Cause.Message}"),
            _ => null,
        };
    }

    private Task<ImmutableArray<JournalRow>> RowsAsync(long after, CancellationToken cancellation)
    {
        var answer = new TaskCompletionSource<ImmutableArray<JournalRow>>(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(JournalReadActor.Props(after + 1, settings.Rows, settings.Patience, answer));
        return answer.Task.WaitAsync(cancellation);
    }

    private PastState? Nearest(Revision revision)
    {
        lock (_gate)
        {
            Expire();
            var best = -1;
            for (var i = 0; i < _kept.Count; i++)
            {
                var at = _kept[i].State.State.Revision;
                if (at <= revision && (best < 0 || at > _kept[best].State.State.Revision))
                {
                    best = i;
                }
            }

            if (best < 0)
            {
                return null;
            }

            _kept[best] = (_kept[best].State, time.GetUtcNow());
            return _kept[best].State;
        }
    }

    private void Keep(PastState state)
    {
        lock (_gate)
        {
            if (_kept.Count >= settings.States)
            {
                _kept.Remove(_kept.MinBy(entry => entry.Used));
            }

            _kept.Add((state, time.GetUtcNow()));
            _sweep ??= time.CreateTimer(_ => Sweep(), null, settings.Idle, settings.Idle);
        }
    }

    private void Sweep()
    {
        lock (_gate)
        {
            Expire();
            if (_kept.Count == 0)
            {
                _sweep?.Dispose();
                _sweep = null;
            }
        }
    }

    private void Expire()
    {
        var idle = time.GetUtcNow() - settings.Idle;
        _kept.RemoveAll(entry => entry.Used <= idle);
    }

    /// <summary>Gives back once, however often it is asked to.</summary>
    internal sealed class Release(Action give) : IDisposable
    {
        private Action? _give = give;

        public void Dispose() => Interlocked.Exchange(ref _give, null)?.Invoke();
    }
}
