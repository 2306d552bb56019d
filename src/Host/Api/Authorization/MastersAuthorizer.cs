using ActorOrchestrator.Actors.Access;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authorization;

/// <summary>Members of <c>system:masters</c> may everything.</summary>
public sealed class MastersAuthorizer : IRequestAuthorizer
{
    public AccessDecision Authorize(UserInfo user, in RequestAttributes request) => user.IsMaster ? AccessDecision.Allowed : AccessDecision.None;
}
