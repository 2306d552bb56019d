using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Ledger;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>
/// The journal's layout: which snapshots are kept, and where its recent rows end. Says when the next snapshot is due and what may
/// be deleted. Pure; the ledger actor does what it says.
/// </summary>
/// <param name="Bases">Places from which history can be read: the journal's beginning while it is kept, and every kept snapshot. Oldest first;
/// recovery begins at the last.</param>
/// <param name="Newest">The end of the journal.</param>
public sealed record JournalHistory(ImmutableArray<JournalMark> Bases, JournalMark Newest)
{
    /// <summary>Rows that are old enough to go are counted off in parts of the allowed age, so that a quiet cluster does not snapshot at every fact.</summary>
    private const int AgeParts = 8;

    /// <summary>A large state is not written again for every little that changed: recovery reads at most this part of it more.</summary>
    private const int StateParts = 2;

    public static readonly JournalHistory Empty = new([JournalMark.Start], JournalMark.Start);

    public JournalHistory Appended(long sequenceNumber, FactBatch batch)
    {
        // The beginning is as old as what follows it.
        var bases = Newest.SequenceNumber == 0 ? [JournalMark.Start with { Time = batch.Facts[0].Provenance.Time }] : Bases;
        return new JournalHistory(bases, Newest.After(sequenceNumber, batch));
    }

    public JournalHistory Saved(JournalMark snapshot) => this with { Bases = Bases.Add(snapshot) };

    public JournalHistory Dropped(JournalMark upTo) => this with { Bases = [.. Bases.Where(mark => mark.SequenceNumber >= upTo.SequenceNumber)] };

    /// <summary>
    /// Whether a snapshot at a place is worth its cost: enough was written between the last one and it, also beside the size of the
    /// state itself, or it is old enough to go.
    /// </summary>
    /// <param name="stateBytes">What the snapshot would hold, roughly.</param>
    public bool IsSnapshotDue(JournalMark at, long stateBytes, LedgerSettings settings, DateTimeOffset now)
    {
        var last = Bases[^1];
        if (at.SequenceNumber <= last.SequenceNumber)
        {
            return false;
        }

        var (facts, bytes) = (at.Revision.Value - last.Revision.Value, at.Bytes - last.Bytes);
        var grown = (facts >= settings.SnapshotFacts || bytes >= settings.SnapshotBytes) && bytes >= stateBytes / StateParts;
        var maxAge = settings.Retention.MaxAge;
        return grown || (now - at.Time >= maxAge && at.Time - last.Time >= maxAge / AgeParts);
    }

    /// <summary>
    /// The place before which rows and snapshots may go: the oldest from which everything newer is within the retention, or
    /// else the newest snapshot, which recovery needs. Null when nothing may go.
    /// </summary>
    public JournalMark? Disposable(LedgerRetention retention, DateTimeOffset now)
    {
        var kept = Bases[^1];
        foreach (var mark in Bases)
        {
            if (Newest.Revision.Value - mark.Revision.Value <= retention.MaxFacts
                && Newest.Bytes - mark.Bytes <= retention.MaxBytes
                && now - mark.Time <= retention.MaxAge)
            {
                kept = mark;
                break;
            }
        }

        return kept == Bases[0] ? null : kept;
    }
}
