using System.Collections.Immutable;
using ActorOrchestrator.Actors.Controllers.Deployments;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Scaling;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Controllers.Disruption;

/// <summary>How many pods there ought to be: the sum of the scales of everything that controls one of them.</summary>
/// <param name="Count">The sum.</param>
/// <param name="Unmanaged">Pods that nothing controls; they are not counted.</param>
/// <param name="Problem">Why there is no sum; null when there is one.</param>
/// <param name="NoController">The problem is a pod whose controller is gone.</param>
internal readonly record struct ExpectedScale(int Count, ImmutableArray<string> Unmanaged, string? Problem, bool NoController)
{
    public static ExpectedScale Of(IEnumerable<StoredObject> pods, ClusterSnapshot cluster, ResourceCatalog catalog)
    {
        var controllers = new HashSet<string>(StringComparer.Ordinal);
        var counted = new Dictionary<string, int>(StringComparer.Ordinal);
        var unmanaged = ImmutableArray.CreateBuilder<string>();
        foreach (var pod in pods)
        {
            if (pod.Metadata.ControllerReference is not { } owner)
            {
                unmanaged.Add(pod.Key.Name);
                continue;
            }

            if (!controllers.Add(owner.Uid))
            {
                continue;
            }

            var (uid, replicas, problem) = Scale(owner, pod.Key.Namespace, cluster, catalog);
            if (problem is not null)
            {
                return new ExpectedScale(0, [], problem, false);
            }

            if (uid is null)
            {
                return new ExpectedScale(0, [], $"found no controllers for pod \"{pod.Key.Name}\"", true);
            }

            counted[uid] = replicas;
        }

        return new ExpectedScale((int)Math.Min(int.MaxValue, counted.Values.Sum(count => (long)count)), unmanaged.ToImmutable(), null, false);
    }

    /// <summary>A ReplicaSet of a Deployment counts as the Deployment: while a rollout is under way it has several.</summary>
    private static (string? Uid, int Replicas, string? Problem) Scale(OwnerReference owner, string @namespace, ClusterSnapshot cluster, ResourceCatalog catalog)
    {
        var slash = owner.ApiVersion.IndexOf('/', StringComparison.Ordinal);
        var group = slash < 0 ? "" : owner.ApiVersion[..slash];
        if (catalog.FindGroupKind(group, owner.Kind) is not { } kind)
        {
            return (null, 0, $"no matches for kind \"{owner.Kind}\" in version \"{owner.ApiVersion}\"");
        }

        var descriptor = catalog.Find(kind.Type) ?? kind;
        if (descriptor.Subresource("scale") is null)
        {
            return (null, 0, $"{descriptor.Type} does not implement the scale subresource");
        }

        if (cluster.Find(new ObjectKey(descriptor.Type, @namespace, owner.Name)) is not { } found || found.Uid != owner.Uid)
        {
            return default;
        }

        if (descriptor.Type == ResourceTypes.ReplicaSets)
        {
            return found.Metadata.ControllerReference is { Kind: "Deployment" } parent
                && cluster.Find(new ObjectKey(ResourceTypes.Deployments, @namespace, parent.Name)) is { } deployment && deployment.Uid == parent.Uid
                ? (deployment.Uid, DeploymentView.Of(deployment).Replicas, null)
                : (found.Uid, ReplicaSetView.Of(found).Replicas, null);
        }

        return (found.Uid, (int)ScaleView.Of(descriptor, found.ToJson()).Wanted, null);
    }
}
