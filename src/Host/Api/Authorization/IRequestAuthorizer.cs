using ActorOrchestrator.Actors.Access;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authorization;

/// <summary>Tells whether a user may. Several stand in a row; the first that has an opinion decides, and without any the answer is no.</summary>
public interface IRequestAuthorizer
{
    AccessDecision Authorize(UserInfo user, in RequestAttributes request);
}
