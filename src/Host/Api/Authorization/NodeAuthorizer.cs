using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authorization;

/// <summary>
/// A node may do what a kubelet does and no more: see what it needs to run and connect pods, speak for itself and its own pods,
/// and read the secrets of namespaces in which it runs pods.
/// </summary>
public sealed class NodeAuthorizer(IClusterReader reader) : IRequestAuthorizer
{
    public AuthorizationDecision Authorize(UserInfo user, in RequestAttributes request)
    {
        if (user.NodeName is not { } node || request.Path is not { } path)
        {
            return AuthorizationDecision.NoOpinion;
        }

        return IsAllowed(node, request.Verb, path) ? AuthorizationDecision.Allow : AuthorizationDecision.NoOpinion;
    }

    private bool IsAllowed(string node, string verb, in ApiPath path)
    {
        var type = path.Descriptor.Type;
        var reads = verb is "get" or "list" or "watch";
        if (type == ResourceTypes.Nodes)
        {
            return reads || verb == "create" || (verb is "update" or "patch" && path.Name == node);
        }

        if (type == ResourceTypes.Pods)
        {
            return reads || verb == "create" || IsOwnPod(node, path);
        }

        if (type == ResourceTypes.Secrets || type == ResourceTypes.ConfigMaps)
        {
            return reads && path.Namespace.Length > 0 && RunsIn(node, path.Namespace);
        }

        if (type == ResourceTypes.Events)
        {
            return verb is "create" or "patch" or "update";
        }

        if (type == ResourceTypes.Leases)
        {
            return path.Namespace == "kube-node-lease" && (verb == "create" || path.Name == node);
        }

        return reads && (type == ResourceTypes.Services || type == ResourceTypes.Endpoints || type == ResourceTypes.EndpointSlices || type == ResourceTypes.Namespaces);
    }

    /// <summary>The status and the end of a pod belong to the node that runs it.</summary>
    private bool IsOwnPod(string node, in ApiPath path)
    {
        foreach (var pod in reader.Current.PodsOnNode(node))
        {
            if (pod.Key == path.Key)
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
