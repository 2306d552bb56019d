using System.Collections.Immutable;
using k8s.Models;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The core group.</summary>
internal static class CoreResources
{
    private static readonly ImmutableArray<string> Proxied = ["create", "delete", "get", "patch", "update"];
    private static readonly ImmutableArray<string> Streamed = ["create", "get"];

    public static IEnumerable<ResourceDescriptor> All() =>
    [
        new()
        {
            Type = ResourceTypes.Bindings, Version = "v1", Kind = "Binding", Model = typeof(V1Binding),
            Virtual = true, Verbs = ["create"],
            Behaviour = Behaviour.Works(),
        },
        new()
        {
            Type = ResourceTypes.ComponentStatuses, Version = "v1", Kind = "ComponentStatus", Model = typeof(V1ComponentStatus),
            ShortNames = ["cs"], Namespaced = false, Virtual = true, Verbs = ["get", "list"],
            Columns = CoreColumns.ComponentStatuses,
            DeprecationWarning = "v1 ComponentStatus is deprecated in v1.19+",
            Behaviour = Behaviour.Works("the parts of the host"),
        },
        new()
        {
            Type = ResourceTypes.ConfigMaps, Version = "v1", Kind = "ConfigMap", Model = typeof(V1ConfigMap),
            ShortNames = ["cm"], Columns = CoreColumns.ConfigMaps,
            Behaviour = Behaviour.Works(),
        },
        new()
        {
            Type = ResourceTypes.Endpoints, Version = "v1", Kind = "Endpoints", Model = typeof(V1Endpoints),
            CreatesOnUpdate = true,
            ShortNames = ["ep"], Columns = CoreColumns.Endpoints,
            DeprecationWarning = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
            Behaviour = Behaviour.Works(),
        },
        new()
        {
            Type = ResourceTypes.Events, Version = "v1", Kind = "Event", Model = typeof(Corev1Event),
            CreatesOnUpdate = true,
            ShortNames = ["ev"], Columns = CoreColumns.Events,
            SelectableFields =
            [
                SelectableField.Of("involvedObject.kind"), SelectableField.Of("involvedObject.namespace"), SelectableField.Of("involvedObject.name"),
                SelectableField.Of("involvedObject.uid"), SelectableField.Of("involvedObject.apiVersion"), SelectableField.Of("involvedObject.resourceVersion"),
                SelectableField.Of("involvedObject.fieldPath"), SelectableField.Of("reason"), SelectableField.Of("reportingComponent"),
                new SelectableField("source", ["source", "component"]) { Otherwise = ["reportingComponent"] }, SelectableField.Of("type"),
            ],
            Behaviour = Behaviour.Works(),
        },
        new()
        {
            Type = ResourceTypes.LimitRanges, Version = "v1", Kind = "LimitRange", Model = typeof(V1LimitRange),
            CreatesOnUpdate = true,
            ShortNames = ["limits"],
            Behaviour = Behaviour.Works("admission"),
        },
        new()
        {
            Type = ResourceTypes.Namespaces, Version = "v1", Kind = "Namespace", Model = typeof(V1Namespace),
            ShortNames = ["ns"], Namespaced = false, Names = NameRule.DnsLabel, Verbs = ["create", "delete", "get", "list", "patch", "update", "watch"], Columns = CoreColumns.Namespaces,
            Subresources = [new("finalize", null, null, "Namespace", ["update"]), Subresource.View("status", "Namespace")],
            SelectableFields = [SelectableField.Of("status.phase")],
            Behaviour = Behaviour.Works(),
        },
        new()
        {
            Type = ResourceTypes.Nodes, Version = "v1", Kind = "Node", Model = typeof(V1Node),
            ShortNames = ["no"], Namespaced = false, Columns = CoreColumns.Nodes,
            Subresources = [new("proxy", null, null, "NodeProxyOptions", Proxied), Subresource.View("status", "Node")],
            SelectableFields = [SelectableField.Of("spec.unschedulable", "false")],
            Behaviour = Behaviour.Works(),
        },
        new()
        {
            Type = ResourceTypes.PersistentVolumeClaims, Version = "v1", Kind = "PersistentVolumeClaim", Model = typeof(V1PersistentVolumeClaim),
            ShortNames = ["pvc"],
            Subresources = [Subresource.View("status", "PersistentVolumeClaim")],
            Columns = CoreColumns.PersistentVolumeClaims,
            Behaviour = Behaviour.Partly("bound, provisioned by the class local-path, expanded; other provisioners are asked"),
        },
        new()
        {
            Type = ResourceTypes.PersistentVolumes, Version = "v1", Kind = "PersistentVolume", Model = typeof(V1PersistentVolume),
            ShortNames = ["pv"], Namespaced = false,
            Subresources = [Subresource.View("status", "PersistentVolume")],
            Columns = CoreColumns.PersistentVolumes,
            Behaviour = Behaviour.Partly("bound, released and reclaimed; nodes mount hostPath, local and the class local-path"),
        },
        Pods(),
        new()
        {
            Type = ResourceTypes.PodTemplates, Version = "v1", Kind = "PodTemplate", Model = typeof(V1PodTemplate),
           GenerationFields = ["template"],
            Columns = CoreColumns.PodTemplates,
            Behaviour = Behaviour.Works("a template that others read"),
        },
        new()
        {
            Type = ResourceTypes.ReplicationControllers, Version = "v1", Kind = "ReplicationController", Model = typeof(V1ReplicationController),
            ShortNames = ["rc"], Categories = BuiltInResources.AllCategory, GenerationFields = ["spec"],
            Subresources = [Subresource.Scale, Subresource.View("status", "ReplicationController")],
            SelectableFields = [SelectableField.Of("status.replicas", "0")],
            Columns = CoreColumns.ReplicationControllers,
        },
        new()
        {
            Type = ResourceTypes.ResourceQuotas, Version = "v1", Kind = "ResourceQuota", Model = typeof(V1ResourceQuota),
            ShortNames = ["quota"],
            Subresources = [Subresource.View("status", "ResourceQuota")],
            Columns = CoreColumns.ResourceQuotas,
            Behaviour = Behaviour.Works("admission"),
        },
        new()
        {
            Type = ResourceTypes.Secrets, Version = "v1", Kind = "Secret", Model = typeof(V1Secret),
            Columns = CoreColumns.Secrets,
            SelectableFields = [SelectableField.Of("type")],
            Behaviour = Behaviour.Works(),
        },
        new()
        {
            Type = ResourceTypes.ServiceAccounts, Version = "v1", Kind = "ServiceAccount", Model = typeof(V1ServiceAccount),
            ShortNames = ["sa"], Columns = CoreColumns.ServiceAccounts,
            Subresources = [new("token", "authentication.k8s.io", "v1", "TokenRequest", ["create"])],
            Behaviour = Behaviour.Works(),
        },
        new()
        {
            Type = ResourceTypes.Services, Version = "v1", Kind = "Service", Model = typeof(V1Service),
            CreatesOnUpdate = true,
            ShortNames = ["svc"], Categories = BuiltInResources.AllCategory, Names = NameRule.Dns1035Label, Columns = CoreColumns.Services,
            Subresources = [new("proxy", null, null, "ServiceProxyOptions", Proxied), Subresource.View("status", "Service")],
            SelectableFields = [SelectableField.Of("spec.clusterIP"), SelectableField.Of("spec.type")],
            Behaviour = Behaviour.Partly("ClusterIP, NodePort, headless and ExternalName; nothing hands out load balancers"),
        },
    ];

    private static ResourceDescriptor Pods() => new()
    {
        Type = ResourceTypes.Pods, Version = "v1", Kind = "Pod", Model = typeof(V1Pod),
        ShortNames = ["po"], Categories = BuiltInResources.AllCategory, Columns = CoreColumns.Pods, GenerationFields = ["spec"],
        Subresources =
        [
            new("attach", null, null, "PodAttachOptions", Streamed),
            new("binding", null, null, "Binding", ["create"]),
            Subresource.View("ephemeralcontainers", "Pod"),
            new("eviction", "policy", "v1", "Eviction", ["create"]),
            new("exec", null, null, "PodExecOptions", Streamed),
            new("log", null, null, "Pod", ["get"]),
            new("portforward", null, null, "PodPortForwardOptions", Streamed),
            new("proxy", null, null, "PodProxyOptions", Proxied),
            Subresource.View("resize", "Pod"),
            Subresource.View("status", "Pod"),
        ],
        SelectableFields =
        [
            SelectableField.Of("spec.nodeName"), SelectableField.Of("spec.restartPolicy"), SelectableField.Of("spec.schedulerName"),
            SelectableField.Of("spec.serviceAccountName"), SelectableField.Of("spec.hostNetwork", "false"), SelectableField.Of("status.phase"),
            SelectableField.Of("status.podIP"), SelectableField.Of("status.podIPs"), SelectableField.Of("status.nominatedNodeName"),

            // What clients of old call the node.
            new SelectableField("spec.host", ["spec", "nodeName"]),
        ],
        Behaviour = Behaviour.Works(),
    };
}
