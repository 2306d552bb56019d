using System.Collections.Frozen;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission.Nodes;

/// <summary>A node that writes through the API writes only of itself and of its own pods, and gives itself no labels that scheduling trusts.</summary>
public sealed class NodeRestriction : IAdmissionPlugin
{
    private const string MirrorAnnotation = "kubernetes.io/config.mirror";
    private const string LeaseNamespace = "kube-node-lease";

    private static readonly FrozenSet<string> OwnLabels = new[]
    {
        "kubernetes.io/hostname", "kubernetes.io/arch", "kubernetes.io/os", "beta.kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/instance-type",
        "node.kubernetes.io/instance-type", "topology.kubernetes.io/zone", "topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone",
        "failure-domain.beta.kubernetes.io/region", "node.kubernetes.io/windows-build",
    }.ToFrozenSet(StringComparer.Ordinal);

    public ValueTask<ApiStatus?> ValidateAsync(AdmissionRequest request, CancellationToken cancellation) => new(
        request.Options.User.NodeName is not { } node ? null
        : request.Key.Type == ResourceTypes.Pods ? Pod(request, node)
        : request.Key.Type == ResourceTypes.Nodes ? Node(request, node)
        : request.Key.Type == ResourceTypes.Leases ? Lease(request, node)
        : request.Key.Type == ResourceTypes.PersistentVolumeClaims ? ClaimStatus(request, node)
        : request.Key.Type == ResourceTypes.CSINodes && request.Key.Name != node ? ApiStatus.Forbidden(request.Key, "can only access CSINode with the same name as the requesting node")
        : null);

    private static ApiStatus? Pod(AdmissionRequest request, string node)
    {
        var subresource = request.Options.Subresource;
        var nodeName = (request.Old ?? request.Object).Object("spec").Text("nodeName");
        var why = (subresource, request.Operation) switch
        {
            ("", AdmissionOperation.Create) => NewMirror(request, node),
            ("", AdmissionOperation.Delete) => nodeName == node ? null : $"node \"{node}\" can only delete pods with spec.nodeName set to itself",
            ("", _) => $"unexpected operation \"UPDATE\", node \"{node}\" can only create and delete mirror pods",
            ("status", _) when nodeName != node => $"node \"{node}\" can only update pod status for pods with spec.nodeName set to itself",
            ("status", _) => SameLabels(request) ? null : $"node \"{node}\" cannot update labels through pod status",
            ("eviction", _) => nodeName == node ? null : $"node {node} can only evict pods with spec.nodeName set to itself",
            _ => $"unexpected pod subresource \"{subresource}\", only 'status' and 'eviction' are allowed",
        };
        return why is null ? null : ApiStatus.Forbidden(request.Key, why);
    }

    private static string? NewMirror(AdmissionRequest request, string node)
    {
        var (pod, spec) = (request.Object, request.Object.Ensure("spec"));
        if (pod.Object("metadata").Object("annotations")?[MirrorAnnotation] is null)
        {
            return $"pod does not have \"{MirrorAnnotation}\" annotation, node \"{node}\" can only create mirror pods";
        }

        if (spec.Text("nodeName") != node)
        {
            return $"node \"{node}\" can only create pods with spec.nodeName set to itself";
        }

        return Owner(request, node)
            ?? (spec.Text("serviceAccountName").Length > 0 ? $"node \"{node}\" can not create pods that reference a service account"
            : PodReferences.HasSecrets(spec) ? $"node \"{node}\" can not create pods that reference secrets"
            : PodReferences.HasConfigMaps(spec) ? $"node \"{node}\" can not create pods that reference configmaps"
            : (spec.Array("volumes") ?? []).Any(volume => volume.Object("persistentVolumeClaim") is not null) ? $"node \"{node}\" can not create pods that reference persistentvolumeclaims"
            : null);
    }

    /// <summary>A mirror pod belongs to its node and goes with it.</summary>
    private static string? Owner(AdmissionRequest request, string node)
    {
        var owners = request.Object.Object("metadata").Array("ownerReferences") ?? [];
        if (owners.Count > 1)
        {
            return $"node \"{node}\" can only create pods with a single owner reference set to itself";
        }

        if (owners.Count == 0 || owners[0] is not JsonObject owner || owner.Text("apiVersion") != "v1" || owner.Text("kind") != "Node" || owner.Text("name") != node)
        {
            return $"node \"{node}\" can only create pods with an owner reference set to itself";
        }

        var uid = request.Snapshot.Find(new ObjectKey(ResourceTypes.Nodes, "", node))?.Uid;
        return !owner.Flag("controller") ? $"node \"{node}\" can only create pods with a controller owner reference set to itself"
            : owner.Flag("blockOwnerDeletion") ? $"node \"{node}\" must not set blockOwnerDeletion on an owner reference"
            : uid is not null && uid != owner.Text("uid") ? $"node {node} UID mismatch: expected {owner.Text("uid")} got {uid}"
            : null;
    }

    /// <summary>Of claims a node reports how much there is and how it goes on growing.</summary>
    private static ApiStatus? ClaimStatus(AdmissionRequest request, string node)
    {
        if (request.Options.Subresource != "status")
        {
            return ApiStatus.Forbidden(request.Key, "may only update PVC status");
        }

        return JsonNode.DeepEquals(Rest(request.Object), Rest(request.Old ?? []))
            ? null
            : ApiStatus.Forbidden(request.Key, $"node \"{node}\" is not allowed to update fields other than status.capacity and status.conditions");

        static JsonObject Rest(JsonObject claim)
        {
            var rest = claim.DeepClone().AsObject();
            foreach (var field in (ReadOnlySpan<string>)["resourceVersion", "managedFields"])
            {
                rest.Ensure("metadata").Remove(field);
            }

            foreach (var field in (ReadOnlySpan<string>)["capacity", "conditions", "allocatedResources", "allocatedResourceStatuses"])
            {
                rest.Ensure("status").Remove(field);
            }

            return rest;
        }
    }

    private static ApiStatus? Node(AdmissionRequest request, string node)
    {
        if (request.Key.Name != node)
        {
            return ApiStatus.Forbidden(request.Key, $"node \"{node}\" is not allowed to modify node \"{request.Key.Name}\"");
        }

        if (request.Operation == AdmissionOperation.Delete)
        {
            return null;
        }

        if (request.Old is not null && !JsonNode.DeepEquals(request.Old.Object("spec")?["taints"], request.Object.Object("spec")?["taints"]))
        {
            return ApiStatus.Forbidden(request.Key, $"node \"{node}\" is not allowed to modify taints");
        }

        var (before, after) = (request.Old.Object("metadata").Object("labels"), request.Object.Object("metadata").Object("labels"));
        var touched = (after ?? []).Select(pair => pair.Key).Union((before ?? []).Select(pair => pair.Key))
            .Where(label => !JsonNode.DeepEquals(before?[label], after?[label]) && !IsOwn(label)).Order(StringComparer.Ordinal).ToArray();
        if (touched.Length > 0)
        {
            return ApiStatus.Forbidden(request.Key, request.Old is null
                ? $"node \"{node}\" is not allowed to set the following labels: {string.Join(", ", touched)}"
                : $"is not allowed to modify labels: {string.Join(", ", touched)}");
        }

        return null;
    }

    private static ApiStatus? Lease(AdmissionRequest request, string node) =>
        request.Key.Namespace != LeaseNamespace ? ApiStatus.Forbidden(request.Key, $"can only access leases in the \"{LeaseNamespace}\" system namespace")
        : request.Key.Name != node ? ApiStatus.Forbidden(request.Key, "can only access node lease with the same name as the requesting node")
        : null;

    /// <summary>A label outside of Kubernetes' own names is the node's own business.</summary>
    private static bool IsOwn(string label)
    {
        var slash = label.IndexOf('/', StringComparison.Ordinal);
        var prefix = slash < 0 ? "" : label[..slash];
        var reserved = prefix is "kubernetes.io" or "k8s.io" || prefix.EndsWith(".kubernetes.io", StringComparison.Ordinal) || prefix.EndsWith(".k8s.io", StringComparison.Ordinal);
        return !reserved || OwnLabels.Contains(label)
            || prefix is "kubelet.kubernetes.io" or "node.kubernetes.io"
            || prefix.EndsWith(".kubelet.kubernetes.io", StringComparison.Ordinal) || prefix.EndsWith(".node.kubernetes.io", StringComparison.Ordinal);
    }

    private static bool SameLabels(AdmissionRequest request) => JsonNode.DeepEquals(
        request.Old.Object("metadata").Object("labels") ?? new JsonObject(), request.Object.Object("metadata").Object("labels") ?? new JsonObject());
}
