using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation.Pods;
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
            [typeof(V1Pod)] = PodValidation.Pod,
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
            [typeof(V1StatefulSet)] = ControllerValidation.StatefulSet,
            [typeof(V1DaemonSet)] = ControllerValidation.DaemonSet,
            [typeof(V1ReplicationController)] = ControllerValidation.ReplicationController,
            [typeof(V1PodTemplate)] = ControllerValidation.PodTemplate,
            [typeof(V1ControllerRevision)] = ControllerValidation.ControllerRevision,
            [typeof(V1PodDisruptionBudget)] = ControllerValidation.PodDisruptionBudget,
            [typeof(V1Job)] = JobValidation.Job,
            [typeof(V1CronJob)] = JobValidation.CronJob,
            [typeof(V2HorizontalPodAutoscaler)] = AutoscalerValidation.Autoscaler,
            [typeof(V1LimitRange)] = PolicyValidation.LimitRange,
            [typeof(V1ResourceQuota)] = PolicyValidation.ResourceQuota,
            [typeof(V1PriorityClass)] = PolicyValidation.PriorityClass,
            [typeof(V1RuntimeClass)] = PolicyValidation.RuntimeClass,
            [typeof(V1PersistentVolume)] = StorageValidation.PersistentVolume,
            [typeof(V1PersistentVolumeClaim)] = StorageValidation.PersistentVolumeClaim,
            [typeof(V1StorageClass)] = StorageValidation.StorageClass,
            [typeof(V1VolumeAttachment)] = StorageValidation.VolumeAttachment,
            [typeof(V1VolumeAttributesClass)] = StorageValidation.VolumeAttributesClass,
            [typeof(V1CSIDriver)] = CsiValidation.CsiDriver,
            [typeof(V1CSINode)] = CsiValidation.CsiNode,
            [typeof(V1CSIStorageCapacity)] = CsiValidation.CsiStorageCapacity,
            [typeof(V1Ingress)] = NetworkingValidation.Ingress,
            [typeof(V1IngressClass)] = NetworkingValidation.IngressClass,
            [typeof(V1NetworkPolicy)] = NetworkingValidation.NetworkPolicy,
            [typeof(V1IPAddress)] = NetworkingValidation.IpAddress,
            [typeof(V1ServiceCIDR)] = NetworkingValidation.ServiceCidr,
            [typeof(V1Role)] = AccessValidation.Role,
            [typeof(V1ClusterRole)] = AccessValidation.ClusterRole,
            [typeof(V1RoleBinding)] = AccessValidation.RoleBinding,
            [typeof(V1ClusterRoleBinding)] = AccessValidation.ClusterRoleBinding,
            [typeof(V1CertificateSigningRequest)] = CertificateValidation.CertificateSigningRequest,
            [typeof(V1ClusterTrustBundle)] = AccessValidation.ClusterTrustBundle,
            [typeof(V1PodCertificateRequest)] = PodCertificateValidation.Request,
            [typeof(Resourcev1ResourceClaim)] = DeviceValidation.Claim,
            [typeof(V1ResourceClaimTemplate)] = DeviceValidation.Template,
            [typeof(V1DeviceClass)] = DeviceValidation.Class,
            [typeof(V1DeviceTaintRule)] = DeviceValidation.TaintRule,
            [typeof(V1ResourceSlice)] = DeviceSliceValidation.Slice,
            [typeof(V1ValidatingWebhookConfiguration)] = AdmissionConfigurationValidation.Webhooks,
            [typeof(V1MutatingWebhookConfiguration)] = AdmissionConfigurationValidation.Webhooks,
            [typeof(V1ValidatingAdmissionPolicy)] = AdmissionConfigurationValidation.ValidatingPolicy,
            [typeof(V1MutatingAdmissionPolicy)] = AdmissionConfigurationValidation.MutatingPolicy,
            [typeof(V1ValidatingAdmissionPolicyBinding)] = AdmissionConfigurationValidation.ValidatingBinding,
            [typeof(V1MutatingAdmissionPolicyBinding)] = AdmissionConfigurationValidation.MutatingBinding,
            [typeof(V1FlowSchema)] = AdmissionConfigurationValidation.FlowSchema,
            [typeof(V1PriorityLevelConfiguration)] = AdmissionConfigurationValidation.PriorityLevel,
            [typeof(V1APIService)] = ApiServiceValidation.ApiService,
        };

    /// <summary>Kinds whose status has rules of its own; a write of it is judged by these alone.</summary>
    private static readonly Dictionary<Type, Action<JsonObject, JsonObject?, FieldErrors>> Statuses = new()
    {
        [typeof(V1Job)] = JobStatusValidation.Update,
        [typeof(V1Pod)] = PodValidation.Status,
        [typeof(V2HorizontalPodAutoscaler)] = AutoscalerValidation.Status,
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

    /// <summary>What a conversion made of labels and annotations; what it left as it was is not judged.</summary>
    public static ImmutableArray<StatusCause> ValidateConverted(JsonObject metadata, JsonObject? original)
    {
        var errors = new FieldErrors();
        if (!JsonNode.DeepEquals(metadata["labels"], original?["labels"]))
        {
            MetadataValidation.Labels(metadata, FieldPath.Of("metadata", "labels"), errors);
        }

        if (!JsonNode.DeepEquals(metadata["annotations"], original?["annotations"]))
        {
            MetadataValidation.Annotations(metadata, FieldPath.Of("metadata", "annotation"), errors);
        }

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
        else if (subresource == "status" && Statuses.TryGetValue(descriptor.Model!, out var ofStatus))
        {
            ofStatus(obj, old, errors);
        }
        else
        {
            Kinds.GetValueOrDefault(descriptor.Model!)?.Invoke(obj, old, errors);
        }
    }
}
