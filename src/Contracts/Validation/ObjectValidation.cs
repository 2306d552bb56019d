using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>
/// Says what is wrong with an object that has been decoded and defaulted, in upstream's words and with its field paths. Pure. An empty answer
/// means that the object may be stored.
/// </summary>
public static class ObjectValidation
{
    private static readonly FrozenDictionary<ResourceType, Action<JsonObject, JsonObject?, FieldErrors>> Kinds =
        new Dictionary<ResourceType, Action<JsonObject, JsonObject?, FieldErrors>>
        {
            [ResourceTypes.Pods] = PodSpecValidation.Pod,
            [ResourceTypes.Deployments] = WorkloadValidation.Deployment,
            [ResourceTypes.ReplicaSets] = WorkloadValidation.ReplicaSet,
            [ResourceTypes.Services] = ServiceValidation.Service,
            [ResourceTypes.ConfigMaps] = ConfigValidation.ConfigMap,
            [ResourceTypes.Secrets] = ConfigValidation.Secret,
            [ResourceTypes.Endpoints] = EndpointsValidation.Endpoints,
            [ResourceTypes.EndpointSlices] = EndpointsValidation.EndpointSlice,
            [ResourceTypes.Nodes] = ClusterValidation.Node,
            [ResourceTypes.Namespaces] = ClusterValidation.Namespace,
            [ResourceTypes.Events] = ClusterValidation.Event,
            [ResourceTypes.Leases] = ClusterValidation.Lease,
            [new ResourceType("", "bindings")] = ClusterValidation.Binding,
        }.ToFrozenDictionary();

    /// <param name="descriptor">The kind.</param>
    /// <param name="obj">The object as it would be stored, its name already generated.</param>
    /// <param name="old">What it would replace; null for a creation.</param>
    public static ImmutableArray<StatusCause> Validate(ResourceDescriptor descriptor, JsonObject obj, JsonObject? old = null)
    {
        var errors = new FieldErrors();
        if (obj.Child("metadata") is not { } metadata)
        {
            errors.Required(FieldPath.Of("metadata"));
            return errors.ToImmutable();
        }

        MetadataValidation.Create(descriptor, metadata, errors);
        if (old?.Child("metadata") is { } oldMetadata)
        {
            MetadataValidation.Update(metadata, oldMetadata, errors);
        }

        Kinds.GetValueOrDefault(descriptor.Type)?.Invoke(obj, old, errors);
        return errors.ToImmutable();
    }
}
