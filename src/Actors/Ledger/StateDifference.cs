using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>
/// What changed between two states that are too far apart to be joined by facts: what a level-driven observer needs to know,
/// one fact per object. A deletion bears the newer state's revision, since its own is not known.
/// </summary>
internal static class StateDifference
{
    private static readonly Provenance Unknown = new("system:ledger", DateTimeOffset.UnixEpoch, "catch up", Revision.None);

    /// <summary>Null when nothing differs.</summary>
    public static FactBatch? Between(ClusterState older, ClusterState newer)
    {
        var changes = newer.Objects()
            .Select(after => (Before: older.Find(after.Key), After: after))
            .Where(change => change.Before?.Revision != change.After.Revision)
            .Select(change => new Fact(change.Before is null ? FactVerb.Created : FactVerb.Updated, change.After, Unknown, change.Before));
        var deletions = older.Objects()
            .Where(before => newer.Find(before.Key) is null)
            .Select(before => new Fact(FactVerb.Deleted, AsDeleted(before, newer.Revision), Unknown, before));
        ImmutableArray<Fact> facts = [.. changes.Concat(deletions).OrderBy(fact => fact.Revision)];
        return facts.IsEmpty ? null : new FactBatch(facts);
    }

    private static StoredObject AsDeleted(StoredObject before, Revision revision) =>
        new(before.Key, before.Uid, revision, ObjectBody.Of(before).At(revision), before.Claims);
}
