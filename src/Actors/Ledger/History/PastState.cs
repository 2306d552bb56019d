using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Ledger.History;

/// <summary>A state of the past and its place in the journal.</summary>
/// <param name="State">As of its revision, which may lie within a row.</param>
/// <param name="SequenceNumber">Of the last row that is wholly in it.</param>
internal sealed record PastState(ClusterState State, long SequenceNumber)
{
    /// <summary>Goes on with the next row, up to a revision.</summary>
    /// <param name="row">The row that follows.</param>
    /// <param name="upTo">The last fact that is taken.</param>
    /// <param name="taken">Gets every fact that is taken, with what was before it; null when nobody wants to know.</param>
    public PastState After(in JournalRow row, Revision upTo, List<Fact>? taken)
    {
        var state = State;
        foreach (var fact in row.Batch.Facts)
        {
            if (fact.Revision <= state.Revision)
            {
                continue;
            }

            if (fact.Revision > upTo)
            {
                return new PastState(state, SequenceNumber);
            }

            taken?.Add(fact with { Previous = state.Find(fact.Key) });
            state = state.Evolve(fact);
        }

        return new PastState(state, row.SequenceNumber);
    }
}
