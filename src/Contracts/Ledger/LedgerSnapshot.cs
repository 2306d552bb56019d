using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Ledger;

/// <summary>The ledger's state as of one journal row: where a recovery begins.</summary>
/// <param name="Revision">Of the last fact before it, which may have been a removal that left no object.</param>
/// <param name="Objects">Every object. Read once, by the serializer.</param>
/// <param name="History">This snapshot's place in the journal and those of the older ones that are still kept, oldest first.</param>
public sealed record LedgerSnapshot(Revision Revision, IReadOnlyCollection<StoredObject> Objects, ImmutableArray<JournalMark> History);

/// <summary>A place in the journal, between two rows.</summary>
/// <param name="SequenceNumber">Of the row before it.</param>
/// <param name="Revision">Of the last fact in that row.</param>
/// <param name="Time">When that fact was made.</param>
/// <param name="Bytes">Bytes of objects in the journal from its very beginning to here.</param>
public readonly record struct JournalMark(long SequenceNumber, Revision Revision, DateTimeOffset Time, long Bytes)
{
    public static readonly JournalMark Start = new(0, Revision.None, DateTimeOffset.UnixEpoch, 0);

    /// <summary>The place after one more row.</summary>
    public JournalMark After(long sequenceNumber, FactBatch batch) =>
        new(sequenceNumber, batch.Last, batch.Facts[^1].Provenance.Time, Bytes + batch.Facts.Sum(fact => (long)fact.Object.Utf8.Length));
}
