using ActorOrchestrator.Actors.Access.Tokens;
using Akka.Configuration;

namespace ActorOrchestrator.Host.Api.Access;

/// <summary>Who gets in, <c>orchestrator.access</c>.</summary>
public sealed record AccessSettings
{
    public TokenSettings Tokens { get; init; } = new();

    /// <summary>A file of tokens of the administrator's own; empty for none.</summary>
    public string TokenFile { get; init; } = "";

    public static AccessSettings From(Config config)
    {
        var access = config.GetConfig("orchestrator.access");
        var longest = access.GetTimeSpan("tokens.max-expiration", TimeSpan.Zero);
        return new AccessSettings
        {
            TokenFile = access.GetString("token-file", ""),
            Tokens = new TokenSettings
            {
                Issuer = access.GetString("tokens.issuer", TokenSettings.DefaultIssuer),
                MaxExpiration = longest > TimeSpan.Zero ? longest : null,
                ExtendExpiration = access.GetBoolean("tokens.extend-expiration", true),
            },
        };
    }
}
