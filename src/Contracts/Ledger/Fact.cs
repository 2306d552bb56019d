using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Ledger;

public enum FactVerb : byte
{
    Created = 1,
    Updated = 2,
    Deleted = 3,
}

/// <summary>
/// One thing that became true. For <see cref="FactVerb.Deleted"/> the object is its last state with the deletion's own
/// revision in place, which is what a DELETED watch event carries.
/// </summary>
/// <param name="Verb">What happened.</param>
/// <param name="Object">The object after the fact.</param>
/// <param name="Provenance">By whom, when, why.</param>
/// <param name="Previous">The object before the fact; null for a creation. Not kept: every reader has it from its own view.</param>
public sealed record Fact(FactVerb Verb, StoredObject Object, Provenance Provenance, StoredObject? Previous)
{
    public Revision Revision => Object.Revision;
    public ObjectKey Key => Object.Key;
}

/// <summary>The facts of one commit, in revision order without gaps: <c>First.Revision</c> follows the batch before it directly.</summary>
public sealed record FactBatch(ImmutableArray<Fact> Facts)
{
    public Revision First => Facts[0].Revision;
    public Revision Last => Facts[^1].Revision;
}
