using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources.Metrics;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The group metrics.k8s.io, with metrics-server's columns. It is lowest of all: an APIService of the user's own takes its place.</summary>
internal static class MetricsResources
{
    private static readonly ImmutableArray<PrinterColumn> Columns =
    [
        CoreColumns.Name,
        new("cpu", "string", "quantity", "Processor time in cores, averaged over the window.", 0),
        new("memory", "string", "quantity", "Memory in use: the working set in bytes.", 0),
        new("Window", "string", "duration", "The time over which processor time was averaged.", 0),
    ];

    public static IEnumerable<ResourceDescriptor> All() =>
    [
        new()
        {
            Type = ResourceTypes.NodeMetrics, Version = "v1beta1", Kind = "NodeMetrics", Model = typeof(V1beta1NodeMetrics),
            Singular = "", Namespaced = false, Virtual = true, Verbs = ["get", "list"],
            Columns = Columns,
            Behaviour = Behaviour.Works("measured by the nodes themselves every `orchestrator.node.metrics-interval`; JSON and YAML only"),
        },
        new()
        {
            Type = ResourceTypes.PodMetrics, Version = "v1beta1", Kind = "PodMetrics", Model = typeof(V1beta1PodMetrics),
            Singular = "", Virtual = true, Verbs = ["get", "list"],
            Columns = Columns,
            Behaviour = Behaviour.Works("as above; a pod appears when all its containers have run for a window"),
        },
    ];
}
