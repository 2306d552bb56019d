using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authentication;

/// <summary>Tells who makes a request. Several stand in a row; the first that knows decides.</summary>
public interface IRequestAuthenticator
{
    /// <summary>Null when the request carries no credentials of this kind.</summary>
    UserInfo? Authenticate(HttpContext context);
}
