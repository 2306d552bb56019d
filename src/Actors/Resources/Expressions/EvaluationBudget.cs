namespace ActorOrchestrator.Actors.Resources.Expressions;

/// <summary>
/// What the expressions of one object or one policy may cost together. A single evaluation is bounded on its own by <see cref="PerCall"/>.
/// Costs are counted in upstream's units.
/// </summary>
public sealed class EvaluationBudget(long limit)
{
    public const long PerCall = 1_000_000;

    /// <summary>For the rules of one custom resource, or of one policy binding.</summary>
    public const long PerObject = 10_000_000;

    /// <summary>For the match conditions of one webhook or binding.</summary>
    public const long MatchConditions = 2_500_000;

    public const string ExhaustedMessage = "validation failed due to running out of cost budget, no further validation rules will be run";

    public long Remaining { get; private set; } = limit;

    public bool Exhausted => Remaining < 0;

    public void Spend(long cost) => Remaining -= cost;

    /// <summary>Nothing more is evaluated, whatever is left.</summary>
    public void Exhaust() => Remaining = -1;
}
