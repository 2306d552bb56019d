using ActorOrchestrator.Actors.Access;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authorization;

/// <summary>
/// A node may do what a kubelet does and no more: see what it needs to run and connect pods, speak for itself and its own pods,
/// and read the secrets of namespaces in which it runs pods.
/// </summary>
public sealed class NodeAuthorizer(IClusterReader reader) : IRequestAuthorizer
{
    public AccessDecision Authorize(UserInfo user, in RequestAttributes request) =>
        user.NodeName is { } node && request.IsResource && IsAllowed(node, request) ? AccessDecision.Allowed : AccessDecision.None;

    private bool IsAllowed(string node, in RequestAttributes request)
    {
        var (verb, type) = (request.Verb, request.Type);
        var reads = verb is "get" or "list" or "watch";
        if (type == ResourceTypes.Nodes)
        {
            return reads || verb == "create" || (verb is "update" or "patch" && request.Name == node);
        }

        if (type == ResourceTypes.Pods)
        {
            return reads || verb == "create" || IsOwnPod(node, request.Key);
        }

        if (type == ResourceTypes.Secrets || type == ResourceTypes.ConfigMaps)
        {
            return reads && request.Namespace.Length > 0 && RunsIn(node, request.Namespace);
        }

        if (type == ResourceTypes.ServiceAccounts)
        {
            // Which pod a token is for is in the request's body: the token's issuer looks at that.
            return verb == "create" && request.Subresource == "token";
        }

        if (type == ResourceTypes.CertificateSigningRequests)
        {
            return request.Subresource.Length == 0 && (reads || verb == "create");
        }

        if (type == ResourceTypes.TokenReviews || type == ResourceTypes.SubjectAccessReviews || type == ResourceTypes.LocalSubjectAccessReviews)
        {
            return verb == "create";
        }

        if (type == ResourceTypes.Events)
        {
            return verb is "create" or "patch" or "update";
        }

        if (type == ResourceTypes.Leases)
        {
            return request.Namespace == "kube-node-lease" && (verb == "create" || request.Name == node);
        }

        return reads && (type == ResourceTypes.Services || type == ResourceTypes.Endpoints || type == ResourceTypes.EndpointSlices || type == ResourceTypes.Namespaces);
    }

    /// <summary>The status and the end of a pod belong to the node that runs it.</summary>
    private bool IsOwnPod(string node, ObjectKey key)
    {
        foreach (var pod in reader.Current.PodsOnNode(node))
        {
            if (pod.Key == key)
            {
                return true;
            }
        }

        return false;
    }

    private bool RunsIn(string node, string @namespace)
    {
        foreach (var pod in reader.Current.PodsOnNode(node))
        {
            if (pod.Key.Namespace == @namespace)
            {
                return true;
            }
        }

        return false;
    }
}
