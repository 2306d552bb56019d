using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authorization;

/// <summary>Members of <c>system:masters</c> may everything.</summary>
public sealed class MastersAuthorizer : IRequestAuthorizer
{
    public AuthorizationDecision Authorize(UserInfo user, in RequestAttributes request) =>
        user.IsMaster ? AuthorizationDecision.Allow : AuthorizationDecision.NoOpinion;
}

/// <summary>Everybody who is known may see what the server is: discovery, schema, version, health.</summary>
public sealed class PublicPathsAuthorizer : IRequestAuthorizer
{
    private static readonly string[] Prefixes = ["/api", "/apis", "/openapi", "/version", "/healthz", "/livez", "/readyz"];

    public AuthorizationDecision Authorize(UserInfo user, in RequestAttributes request)
    {
        if (request.Path is not null || request.Verb != "get")
        {
            return AuthorizationDecision.NoOpinion;
        }

        foreach (var prefix in Prefixes)
        {
            if (request.Url.StartsWith(prefix, StringComparison.Ordinal) && (request.Url.Length == prefix.Length || request.Url[prefix.Length] == '/'))
            {
                return AuthorizationDecision.Allow;
            }
        }

        return AuthorizationDecision.NoOpinion;
    }
}
