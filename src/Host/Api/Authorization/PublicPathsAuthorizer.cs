using ActorOrchestrator.Actors.Access;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authorization;

/// <summary>Everybody who is known may see what the server is: discovery, schema, version, health.</summary>
public sealed class PublicPathsAuthorizer : IRequestAuthorizer
{
    private static readonly string[] Prefixes = ["/api", "/apis", "/openapi", "/version", "/healthz", "/livez", "/readyz"];

    public AccessDecision Authorize(UserInfo user, in RequestAttributes request)
    {
        if (request.IsResource || request.Verb != "get")
        {
            return AccessDecision.None;
        }

        foreach (var prefix in Prefixes)
        {
            if (request.Url.StartsWith(prefix, StringComparison.Ordinal) && (request.Url.Length == prefix.Length || request.Url[prefix.Length] == '/'))
            {
                return AccessDecision.Allowed;
            }
        }

        return AccessDecision.None;
    }
}
