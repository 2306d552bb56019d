using ActorOrchestrator.Actors.Access.Rbac;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Expressions.Authorization;

/// <summary>Answers expressions from the roles and bindings of one snapshot. A selector narrows nothing here: who may read all may read some.</summary>
public sealed class RbacExpressionAuthorizer(RbacPolicySource policies, ClusterSnapshot cluster) : IExpressionAuthorizer
{
    public AuthorizationAnswer Authorize(AuthorizationQuestion question)
    {
        if (question.User.IsMaster)
        {
            return new AuthorizationAnswer(true, "");
        }

        var attributes = question.Path.Length > 0
            ? RequestAttributes.OfUrl(question.Verb, question.Path)
            : RequestAttributes.Of(question.Verb, new ResourceType(question.Group, question.Resource), question.Namespace, question.Name, question.Subresource);
        var decision = policies.Of(cluster).Decide(question.User, attributes);
        return new AuthorizationAnswer(decision.IsAllowed, decision.Reason);
    }
}
