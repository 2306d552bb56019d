using ActorOrchestrator.Actors.Access;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authorization;

/// <summary>All authorizers as one.</summary>
public sealed class RequestAuthorization(IEnumerable<IRequestAuthorizer> authorizers)
{
    private readonly IRequestAuthorizer[] _authorizers = [.. authorizers];

    /// <summary>The first opinion; without one the reasons of those that could not decide.</summary>
    public AccessDecision Decide(UserInfo user, in RequestAttributes request)
    {
        var reason = "";
        foreach (var authorizer in _authorizers)
        {
            var decision = authorizer.Authorize(user, request);
            if (decision.Verdict != AccessVerdict.NoOpinion)
            {
                return decision;
            }

            if (decision.Reason.Length > 0)
            {
                reason = reason.Length == 0 ? decision.Reason : $"{reason}, {decision.Reason}";
            }
        }

        return new AccessDecision(AccessVerdict.NoOpinion, reason);
    }
}
