using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Strategies;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources;

/// <summary>
/// The unique values of one object through the races of one write: what was chosen for the user may be chosen again when another writer
/// was faster, what the user asked for may not.
/// </summary>
internal sealed class Allocation(ResourceStrategy strategy, JsonObject obj, JsonObject? old)
{
    private readonly ImmutableArray<string> _asked = strategy.Claims(obj);
    private readonly HashSet<string> _lost = new(StringComparer.Ordinal);

    public ImmutableArray<string> Claims => strategy.Claims(obj);

    /// <summary>Chooses from what is free; answers causes when something cannot be had.</summary>
    public ImmutableArray<StatusCause>? TryOn(ClusterSnapshot snapshot)
    {
        var errors = new FieldErrors();
        strategy.Allocate(obj, old, snapshot, _lost, errors);
        return errors.Any ? errors.Causes : null;
    }

    /// <summary>False when the claim is one that the user asked for.</summary>
    public bool GaveUp(string claim)
    {
        if (_asked.Contains(claim))
        {
            return false;
        }

        _lost.Add(claim);
        strategy.GiveUp(obj, claim);
        return true;
    }

    public ImmutableArray<StatusCause> Explain(string claim)
    {
        var errors = new FieldErrors();
        strategy.ExplainTaken(obj, claim, errors);
        return errors.Causes;
    }
}
