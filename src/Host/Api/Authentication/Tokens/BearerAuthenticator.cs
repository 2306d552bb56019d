using System.Collections.Immutable;
using System.Text;
using ActorOrchestrator.Actors.Access.Tokens;

namespace ActorOrchestrator.Host.Api.Authentication.Tokens;

/// <summary><c>Authorization: Bearer TOKEN</c>, or for WebSockets, whose clients in browsers cannot set headers, the subprotocol that carries it.</summary>
public sealed class BearerAuthenticator(TokenAuthentication tokens, TokenSettings settings) : IRequestAuthenticator
{
    private const string Scheme = "Bearer ";
    private const string Subprotocol = "base64url.bearer.authorization.k8s.io.";
    private readonly ImmutableArray<string> _audiences = [settings.Audience];

    public ValueTask<AuthenticationResult> AuthenticateAsync(HttpContext context)
    {
        var token = TokenOf(context.Request.Headers);
        if (token is null)
        {
            return new(AuthenticationResult.None);
        }

        var answering = tokens.AuthenticateAsync(token, _audiences);
        return answering.IsCompletedSuccessfully ? new(ResultOf(answering.Result)) : Awaited(answering);
    }

    private static async ValueTask<AuthenticationResult> Awaited(ValueTask<TokenAnswer> answering) => ResultOf(await answering.ConfigureAwait(false));

    private static AuthenticationResult ResultOf(in TokenAnswer answer) =>
        answer.User is { } user ? AuthenticationResult.As(user) : AuthenticationResult.Refused(answer.Refusal);

    private static string? TokenOf(IHeaderDictionary headers)
    {
        var header = headers.Authorization.ToString();
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && header[Scheme.Length..].Trim() is { Length: > 0 } token)
        {
            return token;
        }

        var protocols = headers.SecWebSocketProtocol.Count == 0 ? "" : headers.SecWebSocketProtocol.ToString();
        foreach (var protocol in protocols.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (protocol.StartsWith(Subprotocol, StringComparison.Ordinal))
            {
                return Decoded(protocol[Subprotocol.Length..]);
            }
        }

        return null;
    }

    private static string Decoded(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Microsoft.IdentityModel.Tokens.Base64UrlEncoder.DecodeBytes(text));
        }
        catch (FormatException)
        {
            // What cannot be decoded is a token that nobody knows.
            return text;
        }
    }
}
