using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Scaling;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;

/// <summary>What an autoscaler scales: any object that has the subresource scale.</summary>
/// <param name="Problem">Why there is none; null when there is one.</param>
internal readonly record struct ScaleTarget(StoredObject? Object, ResourceDescriptor? Descriptor, ScaleView Scale, string? Problem)
{
    public int Replicas => (int)Math.Clamp(Scale.Wanted, 0, int.MaxValue);

    /// <param name="last">What was found the last time: the same revision is not read again.</param>
    public static ScaleTarget Of(ObjectReference reference, string @namespace, ClusterSnapshot cluster, ResourceCatalog catalog, ScaleTarget last = default)
    {
        if (reference.ApiVersion.Count(letter => letter == '/') > 1)
        {
            return Missing($"unexpected GroupVersion string: {reference.ApiVersion}");
        }

        if (catalog.FindGroupKind(reference.Group, reference.Kind) is not { } kind)
        {
            return Missing($"no matches for kind \"{reference.Kind}\" in group \"{reference.Group}\"");
        }

        var descriptor = catalog.Find(kind.Type) ?? kind;
        var key = new ObjectKey(descriptor.Type, @namespace, reference.Name);
        if (descriptor.Subresource("scale") is null)
        {
            return Missing("the server could not find the requested resource");
        }

        return cluster.Find(key) is not { } found ? Missing(ApiStatus.NotFound(key).Message)
            : ReferenceEquals(found, last.Object) && ReferenceEquals(descriptor, last.Descriptor) ? last
            : new ScaleTarget(found, descriptor, ScaleView.Of(descriptor, found.ToJson()), null);
    }

    private static ScaleTarget Missing(string problem) => new(null, null, default, problem);
}
