namespace ActorOrchestrator.Actors.Access;

public enum AccessVerdict
{
    /// <summary>Whoever is asked next decides; when nobody has an opinion the answer is no.</summary>
    NoOpinion,
    Allow,
    Deny,
}

/// <param name="Verdict">The answer.</param>
/// <param name="Reason">Why, for access reviews and refusals; may be empty.</param>
public readonly record struct AccessDecision(AccessVerdict Verdict, string Reason)
{
    public static readonly AccessDecision None = new(AccessVerdict.NoOpinion, "");
    public static readonly AccessDecision Allowed = new(AccessVerdict.Allow, "");

    public bool IsAllowed => Verdict == AccessVerdict.Allow;
}
