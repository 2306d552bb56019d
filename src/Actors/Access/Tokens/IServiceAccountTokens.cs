using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Access.Tokens;

/// <summary>Where a node gets its pods' tokens: from the issuer in its own process, or over the API of a control host.</summary>
public interface IServiceAccountTokens
{
    /// <summary>A token, or the API's refusal. A control plane that cannot be reached is a refusal with code 503.</summary>
    Task<TokenGrant> RequestAsync(ObjectKey account, TokenSpec spec, CancellationToken cancellation = default);
}

/// <param name="Token">Empty when it was refused.</param>
/// <param name="Expires">When another is due at the latest.</param>
/// <param name="Refusal">Null when there is a token.</param>
public sealed record TokenGrant(string Token, DateTimeOffset Expires, ApiStatus? Refusal)
{
    public static TokenGrant Refused(ApiStatus why) => new("", default, why);
}

/// <summary>Nobody to ask.</summary>
public sealed class UnreachableTokens : IServiceAccountTokens
{
    public static readonly UnreachableTokens Instance = new();

    private static readonly Task<TokenGrant> Refusal = Task.FromResult(TokenGrant.Refused(ApiStatus.Unavailable("this host has no way to an issuer of tokens")));

    public Task<TokenGrant> RequestAsync(ObjectKey account, TokenSpec spec, CancellationToken cancellation = default) => Refusal;
}

/// <summary>Signs the tokens that are kept in Secrets of type <c>kubernetes.io/service-account-token</c>.</summary>
public interface ILegacyTokenSigner
{
    string Sign(TokenClaims claims);
}
