using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Ledger.History;

/// <summary>
/// A watch that begins before the window.
/// <code>
///   Catching up ──the window reaches back to what was read──► Live
/// </code>
/// It hands on the journal's rows one after the other and then the window's feed, which follows them directly: nothing is left out and nothing told twice.
/// </summary>
internal sealed class ArchivedFeed(ResourceType type, JournalArchive archive, LedgerView view, PastState start, IDisposable permit) : FactFeed
{
    private static readonly Revision NoEnd = new(long.MaxValue);
    private PastState? _past = start;
    private FactFeed? _live;

    public override ValueTask<FeedBatch> NextAsync(TimeSpan patience, CancellationToken cancellation)
    {
        if (_live is null && view.Watch(type, _past!.State.Revision) is { } live)
        {
            _live = live;
            _past = null;
            permit.Dispose();
        }

        return _live is null ? ReadAsync(_past!, cancellation) : _live.NextAsync(patience, cancellation);
    }

    public override void Dispose()
    {
        permit.Dispose();
        _live?.Dispose();
    }

    private async ValueTask<FeedBatch> ReadAsync(PastState past, CancellationToken cancellation)
    {
        var rows = await archive.ReadAsync(past.SequenceNumber, cancellation).ConfigureAwait(false);
        if (rows.IsEmpty || rows[0].SequenceNumber != past.SequenceNumber + 1)
        {
            throw new SlowWatcherException($"The watch of {type} fell behind what the journal keeps after revision {past.State.Revision}. List again.");
        }

        List<Fact> facts = [];
        foreach (var row in rows)
        {
            past = past.After(row, NoEnd, facts);
        }

        _past = past;
        facts.RemoveAll(fact => fact.Key.Type != type);
        return new FeedBatch(facts, past.State.Revision);
    }
}
