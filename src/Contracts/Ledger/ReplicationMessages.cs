using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Ledger;

/// <summary>
/// How a replica follows the ledger's committed stream. The replica sends <see cref="Follow"/>; the leader answers with parts, numbered
/// from 1 within that attempt, of which only a few travel unacknowledged. A replica that misses a number, hears nothing
/// for a while or sees another leader follows anew from the revision that it has.
/// </summary>
public static class ReplicationMessages
{
    /// <param name="Have">The newest revision that the replica has.</param>
    /// <param name="Attempt">Names the attempt in every part of the answer; later ones are larger.</param>
    public sealed record Follow(Revision Have, long Attempt);

    public abstract record Part(long Attempt, long Number);

    /// <summary>Facts that follow the ones before directly; none means that the leader is there and has no news.</summary>
    public sealed record Facts(long Attempt, long Number, ImmutableArray<Fact> Items) : Part(Attempt, Number);

    /// <summary>Some of the objects of a whole state, for a replica that is too far behind for facts.</summary>
    /// <param name="Revision">Of the whole state.</param>
    /// <param name="Last">The state is complete with this part.</param>
    public sealed record State(long Attempt, long Number, Revision Revision, ImmutableArray<StoredObject> Objects, bool Last) : Part(Attempt, Number);

    /// <summary>The replica has taken every part up to this number.</summary>
    public sealed record Received(long Attempt, long Number);

    /// <summary>The leader will not go on with this attempt; follow anew.</summary>
    public sealed record Ended(long Attempt);
}
