using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using k8s.Models;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>
/// Says what is wrong with an object that has been decoded and defaulted, in upstream's words and with its field paths. Pure. An empty answer
/// means that the object may be stored.
/// </summary>
public static class ObjectValidation
{
    private static readonly Dictionary<Type, Action<JsonObject, JsonObject?, FieldErrors>> Kinds =
        new()
        {
            [typeof(V1Pod)] = PodSpecValidation.Pod,
            [typeof(V1Deployment)] = WorkloadValidation.Deployment,
            [typeof(V1ReplicaSet)] = WorkloadValidation.ReplicaSet,
            [typeof(V1Service)] = ServiceValidation.Service,
            [typeof(V1ConfigMap)] = ConfigValidation.ConfigMap,
            [typeof(V1Secret)] = ConfigValidation.Secret,
            [typeof(V1Endpoints)] = EndpointsValidation.Endpoints,
            [typeof(V1EndpointSlice)] = EndpointsValidation.EndpointSlice,
            [typeof(V1Node)] = ClusterValidation.Node,
            [typeof(V1Namespace)] = ClusterValidation.Namespace,
            [typeof(Corev1Event)] = ClusterValidation.Event,
            [typeof(Eventsv1Event)] = EventValidation.Event,
            [typeof(V1Lease)] = ClusterValidation.Lease,
            [typeof(V1Binding)] = ClusterValidation.Binding,
            [typeof(V1CustomResourceDefinition)] = DefinitionValidation.Validate,
        };

    /// <param name="descriptor">The kind.</param>
    /// <param name="obj">The object as it would be stored, its name already generated.</param>
    /// <param name="old">What it would replace; null for a creation.</param>
    /// <param name="subresource">Through which it is written; custom kinds have their status judged apart.</param>
    public static ImmutableArray<StatusCause> Validate(ResourceDescriptor descriptor, JsonObject obj, JsonObject? old = null, string subresource = "")
    {
        var errors = new FieldErrors();
        if (!OfMetadata(descriptor, obj, old, errors))
        {
            return errors.ToImmutable();
        }

        OfKind(descriptor, obj, old, subresource, errors);
        return errors.ToImmutable();
    }

    /// <summary>The kind's own rules alone, for a view that is stored in another form.</summary>
    public static ImmutableArray<StatusCause> ValidateKind(ResourceDescriptor descriptor, JsonObject obj, JsonObject? old, string subresource = "")
    {
        var errors = new FieldErrors();
        OfKind(descriptor, obj, old, subresource, errors);
        return errors.ToImmutable();
    }

    /// <summary>The rules of metadata alone, for a custom object that was judged in the version in which it was written.</summary>
    public static ImmutableArray<StatusCause> ValidateMetadata(ResourceDescriptor descriptor, JsonObject obj, JsonObject? old)
    {
        var errors = new FieldErrors();
        OfMetadata(descriptor, obj, old, errors);
        return errors.ToImmutable();
    }

    private static bool OfMetadata(ResourceDescriptor descriptor, JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        if (obj.Child("metadata") is not { } metadata)
        {
            errors.Required(FieldPath.Of("metadata"));
            return false;
        }

        MetadataValidation.Create(descriptor, metadata, errors);
        if (old?.Child("metadata") is { } oldMetadata)
        {
            MetadataValidation.Update(metadata, oldMetadata, errors);
        }

        return true;
    }

    private static void OfKind(ResourceDescriptor descriptor, JsonObject obj, JsonObject? old, string subresource, FieldErrors errors)
    {
        if (descriptor.Custom is { } custom)
        {
            CustomValidation.Validate(custom, obj, old, subresource, errors);
        }
        else
        {
            Kinds.GetValueOrDefault(descriptor.Model!)?.Invoke(obj, old, errors);
        }
    }
}
