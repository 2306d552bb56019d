using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authentication.Tokens;

/// <summary>Tells whose a bearer token is. Several stand in a row; the first that knows decides.</summary>
public interface ITokenAuthenticator
{
    /// <param name="token">As it was sent.</param>
    /// <param name="audiences">For whom it must have been made: one of these.</param>
    ValueTask<TokenAnswer> AuthenticateAsync(string token, ImmutableArray<string> audiences);
}

/// <param name="User">Null when the token is not known, or does not hold.</param>
/// <param name="Audiences">Those of the asked ones that the token is made for.</param>
/// <param name="Refusal">Why it does not hold; empty when it is not of this kind.</param>
public readonly record struct TokenAnswer(UserInfo? User, ImmutableArray<string> Audiences, string Refusal)
{
    public static readonly TokenAnswer Unknown = new(null, [], "");

    public static TokenAnswer Refused(string why) => new(null, [], why);
}

/// <summary>Every way to know a token as one.</summary>
public sealed class TokenAuthentication(IEnumerable<ITokenAuthenticator> authenticators)
{
    private readonly ITokenAuthenticator[] _authenticators = [.. authenticators];

    public async ValueTask<TokenAnswer> AuthenticateAsync(string token, ImmutableArray<string> audiences)
    {
        var refusal = "";
        foreach (var authenticator in _authenticators)
        {
            var answer = await authenticator.AuthenticateAsync(token, audiences).ConfigureAwait(false);
            if (answer.User is not null)
            {
                return answer;
            }

            refusal = answer.Refusal.Length > 0 ? answer.Refusal : refusal;
        }

        return TokenAnswer.Refused(refusal.Length > 0 ? refusal : "invalid bearer token");
    }
}
