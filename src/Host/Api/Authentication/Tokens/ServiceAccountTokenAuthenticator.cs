using System.Collections.Concurrent;
using System.Collections.Immutable;
using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authentication.Tokens;

/// <summary>
/// ServiceAccount tokens. A signature is verified once and remembered, for a client sends the same token with every request; whether the token
/// still holds is asked of the cluster's state every time, which costs a few look-ups.
/// </summary>
public sealed class ServiceAccountTokenAuthenticator(TokenSigner signer, IClusterReader reader, TokenSettings settings, TimeProvider time) : ITokenAuthenticator
{
    private const int MaxKnown = 4096;

    private sealed record Known(TokenClaims Claims, UserInfo User);

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);
    private int _count;

    public ValueTask<TokenAnswer> AuthenticateAsync(string token, ImmutableArray<string> audiences) =>
        _known.TryGetValue(token, out var known) ? new(Judge(known, token, audiences)) : VerifyAsync(token, audiences);

    private async ValueTask<TokenAnswer> VerifyAsync(string token, ImmutableArray<string> audiences)
    {
        if (!signer.IsOf(token, settings.Issuer))
        {
            return TokenAnswer.Unknown;
        }

        if (await signer.VerifyAsync(token).ConfigureAwait(false) is not { } claims || (claims.Issuer != settings.Issuer && !claims.IsLegacy))
        {
            return TokenAnswer.Refused("invalid bearer token");
        }

        var verified = new Known(claims, TokenValidation.UserOf(claims));
        var answer = Judge(verified, token, audiences);
        if (answer.User is not null && _known.TryAdd(token, verified) && Interlocked.Increment(ref _count) > MaxKnown)
        {
            // Verifying some of them once more is all that forgetting costs.
            _known.Clear();
            Volatile.Write(ref _count, 0);
        }

        return answer;
    }

    private TokenAnswer Judge(Known known, string token, ImmutableArray<string> audiences)
    {
        var claims = known.Claims;
        var own = claims.IsLegacy ? [settings.Audience] : claims.Audiences;
        var shared = own is [var single] && audiences is [var wanted] && single == wanted ? audiences : [.. own.Intersect(audiences, StringComparer.Ordinal)];
        if (shared.IsEmpty)
        {
            return TokenAnswer.Refused($"token audiences [{Quoted(own)}] is invalid for the target audiences [{Quoted(audiences)}]");
        }

        return TokenValidation.Refuse(claims, token, reader.Current, time.GetUtcNow()) is { } why ? TokenAnswer.Refused(why) : new TokenAnswer(known.User, shared, "");
    }

    private static string Quoted(IEnumerable<string> values) => string.Join(' ', values.Select(value => $"\"{value}\""));
}
