using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using k8s.Models;

namespace ActorOrchestrator.Contracts.Defaults;

/// <summary>
/// Fills in what the author left out, as upstream's <c>SetDefaults_*</c> and the conversions around them do. Pure, and applying it twice changes
/// nothing. It runs on every write, after <see cref="StructuralDecoder"/> and before validation.
/// </summary>
public static class ObjectDefaults
{
    private static readonly Dictionary<Type, Action<JsonObject>> Kinds = new()
    {
        [typeof(V1Pod)] = PodDefaults.Pod,
        [typeof(V1Deployment)] = WorkloadDefaults.Deployment,
        [typeof(V1ReplicaSet)] = WorkloadDefaults.ReplicaSet,
        [typeof(V1ReplicationController)] = WorkloadDefaults.ReplicationController,
        [typeof(V1StatefulSet)] = WorkloadDefaults.StatefulSet,
        [typeof(V1DaemonSet)] = WorkloadDefaults.DaemonSet,
        [typeof(V1Job)] = WorkloadDefaults.Job,
        [typeof(V1CronJob)] = WorkloadDefaults.CronJob,
        [typeof(V1HorizontalPodAutoscaler)] = WorkloadDefaults.HorizontalPodAutoscalerV1,
        [typeof(V2HorizontalPodAutoscaler)] = WorkloadDefaults.HorizontalPodAutoscaler,
        [typeof(V1PersistentVolume)] = StorageDefaults.PersistentVolume,
        [typeof(V1PersistentVolumeClaim)] = StorageDefaults.PersistentVolumeClaim,
        [typeof(V1StorageClass)] = StorageDefaults.StorageClass,
        [typeof(V1CSIDriver)] = StorageDefaults.CsiDriver,
        [typeof(V1LimitRange)] = PolicyDefaults.LimitRange,
        [typeof(V1NetworkPolicy)] = PolicyDefaults.NetworkPolicy,
        [typeof(V1IngressClass)] = PolicyDefaults.IngressClass,
        [typeof(V1PriorityClass)] = PolicyDefaults.PriorityClass,
        [typeof(V1RoleBinding)] = PolicyDefaults.RoleBinding,
        [typeof(V1ClusterRoleBinding)] = PolicyDefaults.RoleBinding,
        [typeof(V1ValidatingWebhookConfiguration)] = PolicyDefaults.ValidatingWebhooks,
        [typeof(V1MutatingWebhookConfiguration)] = PolicyDefaults.MutatingWebhooks,
        [typeof(V1ValidatingAdmissionPolicy)] = PolicyDefaults.AdmissionPolicy,
        [typeof(V1ValidatingAdmissionPolicyBinding)] = PolicyDefaults.AdmissionPolicyBinding,
        [typeof(V1MutatingAdmissionPolicy)] = PolicyDefaults.AdmissionPolicy,
        [typeof(V1MutatingAdmissionPolicyBinding)] = PolicyDefaults.AdmissionPolicyBinding,
        [typeof(V1FlowSchema)] = PolicyDefaults.FlowSchema,
        [typeof(V1PriorityLevelConfiguration)] = PolicyDefaults.PriorityLevel,
        [typeof(Resourcev1ResourceClaim)] = PolicyDefaults.ResourceClaim,
        [typeof(V1ResourceClaimTemplate)] = PolicyDefaults.ResourceClaimTemplate,
        [typeof(V1PodCertificateRequest)] = PodCertificateRequest,
        [typeof(V1Service)] = ServiceDefaults.Service,
        [typeof(V1Endpoints)] = Endpoints,
        [typeof(V1EndpointSlice)] = EndpointSlice,
        [typeof(V1Namespace)] = Namespace,
        [typeof(V1Node)] = Node,
        [typeof(V1Secret)] = Secret,
        [typeof(V1CustomResourceDefinition)] = ExtensionDefaults.Definition,
        [typeof(V1APIService)] = ExtensionDefaults.ApiService,
    };

    /// <summary>The kinds that have something to fill in their status.</summary>
    private static readonly HashSet<Type> OfStatus = [typeof(V1Namespace), typeof(V1Node), typeof(V1Service), typeof(V1PersistentVolume), typeof(V1PersistentVolumeClaim)];

    private static readonly string[][] TemplatePaths = [["spec", "template"], ["template"], ["spec", "jobTemplate", "spec", "template"]];

    /// <summary>Changes the tree in place.</summary>
    public static void Apply(ResourceDescriptor descriptor, JsonObject obj)
    {
        if (descriptor.Custom is { } custom)
        {
            CustomDefaults.DropNulls(obj, custom.Schema);
            CustomDefaults.Apply(obj, custom.Schema);
            return;
        }

        Kinds.GetValueOrDefault(descriptor.Model!)?.Invoke(obj);
        foreach (var path in TemplatePaths)
        {
            if (HasPodTemplate(descriptor, path) && path.Aggregate((JsonObject?)obj, (node, step) => node?.Child(step)) is { } template)
            {
                PodDefaults.Template(template);
            }
        }
    }

    /// <summary>The same where all but the status is as it is stored, and thus complete.</summary>
    public static void ApplyToStatus(ResourceDescriptor descriptor, JsonObject obj)
    {
        if (descriptor.Custom is not null || OfStatus.Contains(descriptor.Model!))
        {
            Apply(descriptor, obj);
        }
    }

    /// <summary>Every kind with a pod template gets the template's defaults, whichever kind it is.</summary>
    private static bool HasPodTemplate(ResourceDescriptor descriptor, string[] path) =>
        ObjectSchema.Of(descriptor).Find(path)?.Object?.Model == typeof(V1PodTemplateSpec);

    private static void PodCertificateRequest(JsonObject request) => request.Child("spec")?.DefaultAbsent("maxExpirationSeconds", 86400);

    private static void Endpoints(JsonObject endpoints)
    {
        foreach (var port in endpoints.Items("subsets").SelectMany(subset => subset.Items("ports")))
        {
            port.DefaultText("protocol", "TCP");
        }
    }

    private static void EndpointSlice(JsonObject slice)
    {
        foreach (var port in slice.Items("ports"))
        {
            port.DefaultAbsent("name", "");
            port.DefaultText("protocol", "TCP");
        }
    }

    private static void Namespace(JsonObject @namespace)
    {
        if (@namespace.Child("metadata") is { } metadata && metadata.Text("name") is { Length: > 0 } name)
        {
            metadata.ChildOrNew("labels")["kubernetes.io/metadata.name"] = name;
        }

        @namespace.ChildOrNew("status").DefaultText("phase", "Active");
    }

    private static void Node(JsonObject node)
    {
        if (node.Child("status") is { } status && status["capacity"] is JsonObject capacity && !status.Has("allocatable"))
        {
            status["allocatable"] = capacity.DeepClone();
        }
    }

    private static void Secret(JsonObject secret)
    {
        // stringData is for writing only: it ends as data, and wins over it.
        if (secret["stringData"] is JsonObject)
        {
            var data = secret.ChildOrNew("data");
            foreach (var (key, text) in secret.Pairs("stringData"))
            {
                data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
            }

            secret.Remove("stringData");
        }

        secret.DefaultText("type", "Opaque");
    }
}
