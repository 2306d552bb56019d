using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Host.Api.Access;
using ActorOrchestrator.Host.Api.Authentication.Tokens;
using Akka.Configuration;

namespace ActorOrchestrator.Host.Composition;

/// <summary>What a control host makes ServiceAccount tokens with; the API, the controllers and its own node share it.</summary>
public sealed record AccessParts(AccessSettings Settings, ServiceAccountKeys Keys, TokenSigner Signer, TokenIssuer Issuer)
{
    public static AccessParts Of(Config config, ServiceAccountKeys keys, IClusterReader reader, TimeProvider time)
    {
        var settings = AccessSettings.From(config);
        var signer = new TokenSigner(keys);
        return new AccessParts(settings, keys, signer, new TokenIssuer(reader, signer, settings.Tokens, time));
    }
}
