using ActorOrchestrator.Actors.Access;
using ActorOrchestrator.Actors.Access.Rbac;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authorization;

/// <summary>By the cluster's roles and bindings as they are now.</summary>
public sealed class RbacAuthorizer(IClusterReader reader, RbacPolicySource policies) : IRequestAuthorizer
{
    public AccessDecision Authorize(UserInfo user, in RequestAttributes request) => policies.Of(reader.Current).Decide(user, request);
}
