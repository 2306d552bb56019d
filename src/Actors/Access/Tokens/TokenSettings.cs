namespace ActorOrchestrator.Actors.Access.Tokens;

/// <summary>How ServiceAccount tokens are made, <c>orchestrator.access.tokens</c>.</summary>
public sealed record TokenSettings
{
    public const string DefaultIssuer = "https://kubernetes.default.svc.cluster.local";

    public string Issuer { get; init; } = DefaultIssuer;

    /// <summary>The longest life that a request gets; null for no bound.</summary>
    public TimeSpan? MaxExpiration { get; init; }

    /// <summary>Tokens of the volume that every pod gets live for a year, as upstream's do, so that programs that read them only once go on; their reader is warned after an hour.</summary>
    public bool ExtendExpiration { get; init; } = true;

    /// <summary>What a token is for that names no audience.</summary>
    public string Audience => Issuer;
}
