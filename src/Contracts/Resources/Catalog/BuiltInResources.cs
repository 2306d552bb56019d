using System.Collections.Immutable;
using k8s.Models;

namespace ActorOrchestrator.Contracts.Resources.Catalog;

/// <summary>The served kinds as data. Names, verbs and selectable fields are upstream's (its registry strategies and discovery documents).</summary>
internal static class BuiltInResources
{
    private static readonly ImmutableArray<string> Proxied = ["create", "delete", "get", "patch", "update"];
    private static readonly ImmutableArray<string> Streamed = ["create", "get"];
    private static readonly ImmutableArray<string> AllCategory = ["all"];

    public static ImmutableArray<ResourceDescriptor> All { get; } = [.. Core(), .. Apps(), .. Others()];

    private static IEnumerable<ResourceDescriptor> Core() =>
    [
        new()
        {
            Type = new("", "bindings"), Version = "v1", Kind = "Binding", Singular = "binding", Model = typeof(V1Binding),
            Verbs = ["create"],
        },
        new()
        {
            Type = ResourceTypes.ConfigMaps, Version = "v1", Kind = "ConfigMap", Singular = "configmap", Model = typeof(V1ConfigMap),
            ShortNames = ["cm"], Columns = CoreColumns.ConfigMaps,
        },
        new()
        {
            Type = ResourceTypes.Endpoints, Version = "v1", Kind = "Endpoints", Singular = "endpoints", Model = typeof(V1Endpoints),
            ShortNames = ["ep"], Columns = CoreColumns.Endpoints,
        },
        new()
        {
            Type = ResourceTypes.Events, Version = "v1", Kind = "Event", Singular = "event", Model = typeof(Corev1Event),
            ShortNames = ["ev"], Columns = CoreColumns.Events,
            SelectableFields =
            [
                SelectableField.Of("involvedObject.kind"), SelectableField.Of("involvedObject.namespace"), SelectableField.Of("involvedObject.name"),
                SelectableField.Of("involvedObject.uid"), SelectableField.Of("involvedObject.apiVersion"), SelectableField.Of("involvedObject.resourceVersion"),
                SelectableField.Of("involvedObject.fieldPath"), SelectableField.Of("reason"), SelectableField.Of("reportingComponent"),
                new SelectableField("source", ["source", "component"]), SelectableField.Of("type"),
            ],
        },
        new()
        {
            Type = ResourceTypes.Namespaces, Version = "v1", Kind = "Namespace", Singular = "namespace", Model = typeof(V1Namespace),
            ShortNames = ["ns"], Namespaced = false, Names = NameRule.DnsLabel, Columns = CoreColumns.Namespaces,
            Verbs = ["create", "delete", "get", "list", "patch", "update", "watch"],
            Subresources = [new("finalize", null, null, "Namespace", ["update"]), Subresource.View("status", "Namespace")],
            SelectableFields = [SelectableField.Of("status.phase")],
        },
        new()
        {
            Type = ResourceTypes.Nodes, Version = "v1", Kind = "Node", Singular = "node", Model = typeof(V1Node),
            ShortNames = ["no"], Namespaced = false, Columns = CoreColumns.Nodes,
            Subresources = [new("proxy", null, null, "NodeProxyOptions", Proxied), Subresource.View("status", "Node")],
            SelectableFields = [SelectableField.Of("spec.unschedulable", "false")],
        },
        Pods(),
        new()
        {
            Type = ResourceTypes.Secrets, Version = "v1", Kind = "Secret", Singular = "secret", Model = typeof(V1Secret),
            Columns = CoreColumns.Secrets, SelectableFields = [SelectableField.Of("type")],
        },
        new()
        {
            Type = ResourceTypes.ServiceAccounts, Version = "v1", Kind = "ServiceAccount", Singular = "serviceaccount", Model = typeof(V1ServiceAccount),
            ShortNames = ["sa"], Columns = CoreColumns.ServiceAccounts,
            Subresources = [new("token", "authentication.k8s.io", "v1", "TokenRequest", ["create"])],
        },
        new()
        {
            Type = ResourceTypes.Services, Version = "v1", Kind = "Service", Singular = "service", Model = typeof(V1Service),
            ShortNames = ["svc"], Categories = AllCategory, Names = NameRule.Dns1035Label, Columns = CoreColumns.Services,
            Subresources = [new("proxy", null, null, "ServiceProxyOptions", Proxied), Subresource.View("status", "Service")],
            SelectableFields = [SelectableField.Of("spec.clusterIP"), SelectableField.Of("spec.type")],
        },
    ];

    private static ResourceDescriptor Pods() => new()
    {
        Type = ResourceTypes.Pods, Version = "v1", Kind = "Pod", Singular = "pod", Model = typeof(V1Pod),
        ShortNames = ["po"], Categories = AllCategory, Columns = CoreColumns.Pods, GenerationFields = ["spec"],
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
            Subresource.View("status", "Pod"),
        ],
        SelectableFields =
        [
            SelectableField.Of("spec.nodeName"), SelectableField.Of("spec.restartPolicy"), SelectableField.Of("spec.schedulerName"),
            SelectableField.Of("spec.serviceAccountName"), SelectableField.Of("spec.hostNetwork", "false"), SelectableField.Of("status.phase"),
            SelectableField.Of("status.podIP"), SelectableField.Of("status.nominatedNodeName"),
        ],
    };

    private static IEnumerable<ResourceDescriptor> Apps() =>
    [
        new()
        {
            Type = ResourceTypes.Deployments, Version = "v1", Kind = "Deployment", Singular = "deployment", Model = typeof(V1Deployment),
            ShortNames = ["deploy"], Categories = AllCategory, Columns = AppsColumns.Deployments, GenerationFields = ["spec"],
            Subresources = [Subresource.Scale, Subresource.View("status", "Deployment")],
        },
        new()
        {
            Type = ResourceTypes.ReplicaSets, Version = "v1", Kind = "ReplicaSet", Singular = "replicaset", Model = typeof(V1ReplicaSet),
            ShortNames = ["rs"], Categories = AllCategory, Columns = AppsColumns.ReplicaSets, GenerationFields = ["spec"],
            Subresources = [Subresource.Scale, Subresource.View("status", "ReplicaSet")],
            SelectableFields = [SelectableField.Of("status.replicas", "0")],
        },
    ];

    private static IEnumerable<ResourceDescriptor> Others() =>
    [
        new()
        {
            Type = ResourceTypes.Leases, Version = "v1", Kind = "Lease", Singular = "lease", Model = typeof(V1Lease),
            Columns = AppsColumns.Leases,
        },
        new()
        {
            Type = ResourceTypes.EndpointSlices, Version = "v1", Kind = "EndpointSlice", Singular = "endpointslice", Model = typeof(V1EndpointSlice),
            Columns = AppsColumns.EndpointSlices, GenerationFields = ["addressType", "endpoints", "ports"],
        },
    ];
}
