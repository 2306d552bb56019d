using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Ledger;

/// <summary>What can be asked of the ledger, the single writer of the cluster's state.</summary>
public static class LedgerCommands
{
    /// <summary>One intended change. Each is decided by itself, in order, against the state that the ones before it leave.</summary>
    public abstract record Write(ObjectKey Key);

    /// <summary>Refused with <see cref="WriteOutcome.AlreadyExists"/> when the key is taken, with <see cref="WriteOutcome.ClaimTaken"/> when another object holds a claim.</summary>
    public sealed record Create(ObjectKey Key, string Uid, ObjectBody Body, ImmutableArray<string> Claims) : Write(Key);

    /// <summary>Compare-and-set: refused with <see cref="WriteOutcome.Conflict"/> unless the object is at <paramref name="Expected"/>.</summary>
    public sealed record Replace(ObjectKey Key, ObjectBody Body, Revision Expected, ImmutableArray<string> Claims) : Write(Key);

    /// <summary>Removes an object for good, when it still is at <paramref name="Expected"/> (null: whatever it is).
    /// <paramref name="LastState"/> is what the DELETED event shows; null shows the stored state.</summary>
    public sealed record Remove(ObjectKey Key, Revision? Expected, ObjectBody? LastState) : Write(Key);

    /// <summary>Several writes with one provenance, each with its own outcome. Answered by <see cref="LedgerReplies.Committed"/>.</summary>
    public sealed record Commit(ImmutableArray<Write> Writes, Provenance Provenance)
    {
        /// <summary>All or nothing: when one is refused, those that would have been accepted are answered with <see cref="WriteOutcome.Withdrawn"/>.</summary>
        public bool Together { get; init; }
    }
}

public enum WriteOutcome : byte
{
    Committed = 1,
    AlreadyExists = 2,
    NotFound = 3,
    Conflict = 4,
    ClaimTaken = 5,

    /// <summary>Nothing was wrong with this write, but with another of the same commit, which is all or nothing.</summary>
    Withdrawn = 6,
}

/// <param name="Outcome">What became of the write.</param>
/// <param name="Object">Committed: the object as stored (for a removal its last state). Refused: the current object, where there is one.</param>
/// <param name="Claim">With <see cref="WriteOutcome.ClaimTaken"/>: the claim that is held by another object.</param>
public sealed record WriteResult(WriteOutcome Outcome, StoredObject? Object, string? Claim = null)
{
    public bool IsCommitted => Outcome == WriteOutcome.Committed;
}

public static class LedgerReplies
{
    /// <summary>Everything accepted is durable and visible in the leader's view. Results are in the order of the writes.</summary>
    public sealed record Committed(ImmutableArray<WriteResult> Results);

    /// <summary>Nothing was written: the ledger is starting, overloaded or no longer the leader. Try again later.</summary>
    public sealed record Unavailable(string Why);
}
