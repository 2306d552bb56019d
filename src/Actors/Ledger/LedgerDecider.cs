using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>What a command comes to: an answer for each write, the facts to be made durable, and the state that they leave.</summary>
public sealed record LedgerDecision(ImmutableArray<WriteResult> Results, ImmutableArray<Fact> Facts, ClusterState After);

/// <summary>The rules of the single writer. Each accepted write becomes one fact at the next revision; a refused one leaves no trace.</summary>
public static class LedgerDecider
{
    public static LedgerDecision Decide(ClusterState state, LedgerCommands.Commit commit)
    {
        var before = state;
        var results = ImmutableArray.CreateBuilder<WriteResult>(commit.Writes.Length);
        var facts = ImmutableArray.CreateBuilder<Fact>(commit.Writes.Length);
        foreach (var write in commit.Writes)
        {
            var (result, fact) = Decide(state, write, commit.Provenance);
            results.Add(result);
            if (fact is not null)
            {
                facts.Add(fact);
                state = state.Evolve(fact);
            }
        }

        return commit.Together && facts.Count < commit.Writes.Length
            ? new LedgerDecision([.. results.Select(Withdrawn)], [], before)
            : new LedgerDecision(results.MoveToImmutable(), facts.DrainToImmutable(), state);
    }

    private static WriteResult Withdrawn(WriteResult result) => result.IsCommitted ? new WriteResult(WriteOutcome.Withdrawn, null) : result;

    private static (WriteResult, Fact?) Decide(ClusterState state, LedgerCommands.Write write, Provenance provenance)
    {
        var current = state.Find(write.Key);
        return write switch
        {
            LedgerCommands.Create create => Create(state, create, current, provenance),
            LedgerCommands.Replace replace => Replace(state, replace, current, provenance),
            LedgerCommands.Remove remove => Remove(state, remove, current, provenance),
            _ => throw new ArgumentOutOfRangeException(nameof(write), write.GetType(), "The ledger knows create, replace and remove."),
        };
    }

    private static (WriteResult, Fact?) Create(ClusterState state, LedgerCommands.Create create, StoredObject? current, Provenance provenance)
    {
        if (current is not null)
        {
            return (new WriteResult(WriteOutcome.AlreadyExists, current), null);
        }

        if (TakenClaim(state, create.Key, create.Claims) is { } taken)
        {
            return (new WriteResult(WriteOutcome.ClaimTaken, null, taken), null);
        }

        var revision = state.Revision.Next;
        var created = new StoredObject(create.Key, create.Uid, revision, create.Body.At(revision), create.Claims);
        return Accepted(new Fact(FactVerb.Created, created, provenance, null));
    }

    private static (WriteResult, Fact?) Replace(ClusterState state, LedgerCommands.Replace replace, StoredObject? current, Provenance provenance)
    {
        if (current is null)
        {
            return (new WriteResult(WriteOutcome.NotFound, null), null);
        }

        if (current.Revision != replace.Expected)
        {
            return (new WriteResult(WriteOutcome.Conflict, current), null);
        }

        if (TakenClaim(state, replace.Key, replace.Claims) is { } taken)
        {
            return (new WriteResult(WriteOutcome.ClaimTaken, current, taken), null);
        }

        var revision = state.Revision.Next;
        var updated = new StoredObject(replace.Key, current.Uid, revision, replace.Body.At(revision), replace.Claims);
        return Accepted(new Fact(FactVerb.Updated, updated, provenance, current));
    }

    private static (WriteResult, Fact?) Remove(ClusterState state, LedgerCommands.Remove remove, StoredObject? current, Provenance provenance)
    {
        if (current is null)
        {
            return (new WriteResult(WriteOutcome.NotFound, null), null);
        }

        if (remove.Expected is { } expected && current.Revision != expected)
        {
            return (new WriteResult(WriteOutcome.Conflict, current), null);
        }

        var revision = state.Revision.Next;
        var lastState = remove.LastState ?? ObjectBody.Of(current);
        var removed = new StoredObject(remove.Key, current.Uid, revision, lastState.At(revision), current.Claims);
        return Accepted(new Fact(FactVerb.Deleted, removed, provenance, current));
    }

    private static (WriteResult, Fact?) Accepted(Fact fact) => (new WriteResult(WriteOutcome.Committed, fact.Object), fact);

    private static string? TakenClaim(ClusterState state, ObjectKey key, ImmutableArray<string> claims)
    {
        foreach (var claim in claims.IsDefault ? [] : claims)
        {
            if (state.HolderOf(claim) is { } holder && holder != key)
            {
                return claim;
            }
        }

        return null;
    }
}
