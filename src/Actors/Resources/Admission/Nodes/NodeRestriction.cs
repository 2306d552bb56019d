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
        : null);

    private static ApiStatus? Pod(AdmissionRequest request, string node)
    {
        var subresource = request.Options.Subresource;
        var nodeName = (request.Old ?? request.Object).Object("spec").Text("nodeName");
        var why = (subresource, request.Operation) switch
        {
            ("", AdmissionOperation.Create) => NewMirror(request.Object, node),
            ("", AdmissionOperation.Delete) => nodeName == node ? null : $"node \"{node}\" can only delete pods with spec.nodeName set to itself",
            ("", _) => $"unexpected operation \"UPDATE\", node \"{node}\" can only create and delete mirror pods",
            ("status", _) when nodeName != node => $"node \"{node}\" can only update pod status for pods with spec.nodeName set to itself",
            ("status", _) => SameLabels(request) ? null : $"node \"{node}\" cannot update labels through pod status",
            ("eviction", _) => nodeName == node ? null : $"node \"{node}\" can only evict pods with spec.nodeName set to itself",
            _ => $"unexpected pod subresource \"{subresource}\", only 'status' and 'eviction' are allowed",
        };
        return why is null ? null : ApiStatus.Forbidden(request.Key, why);
    }

    private static string? NewMirror(JsonObject pod, string node)
    {
        var spec = pod.Object("spec");
        if (pod.Object("metadata").Object("annotations")?[MirrorAnnotation] is null)
        {
            return $"pod does not have \"{MirrorAnnotation}\" annotation, node \"{node}\" can only create mirror pods";
        }

        if (spec.Text("nodeName") != node)
        {
            return $"node \"{node}\" can only create pods with spec.nodeName set to itself";
        }

        var sources = (spec.Array("volumes") ?? []).OfType<JsonObject>().SelectMany(volume => volume.Select(property => property.Key)).ToHashSet(StringComparer.Ordinal);
        return sources.Contains("secret") ? $"node \"{node}\" can not create pods that reference secrets"
            : sources.Contains("configMap") ? $"node \"{node}\" can not create pods that reference configmaps"
            : sources.Contains("persistentVolumeClaim") ? $"node \"{node}\" can not create pods that reference persistentvolumeclaims"
            : null;
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

        var (before, after) = (request.Old.Object("metadata").Object("labels"), request.Object.Object("metadata").Object("labels"));
        var touched = (after ?? []).Select(pair => pair.Key).Union((before ?? []).Select(pair => pair.Key))
            .Where(label => !JsonNode.DeepEquals(before?[label], after?[label]) && !IsOwn(label)).Order(StringComparer.Ordinal).ToArray();
        if (touched.Length > 0)
        {
            var act = request.Old is null ? "set" : "modify";
            return ApiStatus.Forbidden(request.Key, $"node \"{node}\" is not allowed to {act} the following labels: {string.Join(", ", touched)}");
        }

        return request.Old is not null && !JsonNode.DeepEquals(request.Old.Object("spec")?["taints"], request.Object.Object("spec")?["taints"])
            ? ApiStatus.Forbidden(request.Key, $"node \"{node}\" is not allowed to modify taints")
            : null;
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
