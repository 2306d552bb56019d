using ActorOrchestrator.Actors.Access.Tokens;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ActorOrchestrator.Host.Api.Authentication.Tokens;

/// <summary>Claims to a JSON Web Token, and back when its signature is one of ours.</summary>
public sealed class TokenSigner : ILegacyTokenSigner
{
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false, MapInboundClaims = false };
    private readonly SigningCredentials _credentials;
    private readonly TokenValidationParameters _parameters;

    public TokenSigner(ServiceAccountKeys keys)
    {
        _credentials = keys.Signing;

        // Only the signature is judged here. Times, audiences and what a token is bound to are judged against the cluster's state and our own clock.
        _parameters = new TokenValidationParameters
        {
            IssuerSigningKeys = keys.Verifying,
            ValidAlgorithms = [.. keys.Verifying.Select(ServiceAccountKeys.AlgorithmOf).Distinct()],
            TryAllIssuerSigningKeys = true,
            RequireSignedTokens = true,
            ValidateAudience = false,
            ValidateIssuer = false,
            ValidateLifetime = false,
            RequireExpirationTime = false,
        };
    }

    public string Sign(TokenClaims claims) => _handler.CreateToken(claims.ToJson().ToJsonString(), _credentials);

    /// <summary>Null when the text is no token, or nobody of ours signed it.</summary>
    public async ValueTask<TokenClaims?> VerifyAsync(string token)
    {
        if (!_handler.CanReadToken(token))
        {
            return null;
        }

        var result = await _handler.ValidateTokenAsync(token, _parameters).ConfigureAwait(false);
        return result.IsValid && result.SecurityToken is JsonWebToken verified ? Read(verified) : null;
    }

    /// <summary>Whether a text has the form of a token of an issuer, before its signature is looked at.</summary>
    public bool IsOf(string token, string issuer) => _handler.CanReadToken(token) && _handler.ReadJsonWebToken(token).Issuer is var named && (named == issuer || named == TokenClaims.LegacyIssuer);

    private static TokenClaims? Read(JsonWebToken token) =>
        System.Text.Json.Nodes.JsonNode.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload)) is System.Text.Json.Nodes.JsonObject claims ? TokenClaims.Read(claims) : null;
}
