using ActorOrchestrator.Contracts.Resources.Conversion;
using k8s.Models;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The groups scheduling.k8s.io, coordination.k8s.io, node.k8s.io, events.k8s.io and resource.k8s.io.</summary>
internal static class SchedulingResources
{
    public static IEnumerable<ResourceDescriptor> Scheduling() =>
    [
        new()
        {
            Type = ResourceTypes.PriorityClasses, Version = "v1", Kind = "PriorityClass", Model = typeof(V1PriorityClass),
            ShortNames = ["pc"], Namespaced = false, GenerationFields = ["value"],
            Columns = SchedulingColumns.PriorityClasses,
        },
    ];

    public static IEnumerable<ResourceDescriptor> Coordination() =>
    [
        new()
        {
            Type = ResourceTypes.Leases, Version = "v1", Kind = "Lease", Model = typeof(V1Lease),
            CreatesOnUpdate = true, UpdatesUnconditionally = false,
            Columns = SchedulingColumns.Leases,
            Behaviour = Behaviour.Works("for whoever elects a leader; nodes renew theirs (`orchestrator.node.lease-duration`), but the control plane goes by heartbeats"),
        },
    ];

    public static IEnumerable<ResourceDescriptor> Nodes() =>
    [
        new()
        {
            Type = ResourceTypes.RuntimeClasses, Version = "v1", Kind = "RuntimeClass", Model = typeof(V1RuntimeClass),
            CreatesOnUpdate = true, UpdatesUnconditionally = false,
            Namespaced = false,
            Columns = SchedulingColumns.RuntimeClasses,
            Behaviour = Behaviour.StoredOnly("pods that name one are refused by the node"),
        },
    ];

    public static IEnumerable<ResourceDescriptor> Events() =>
    [
        new()
        {
            Type = ResourceTypes.Events, Group = "events.k8s.io", Version = "v1", Kind = "Event", Model = typeof(Eventsv1Event),
            CreatesOnUpdate = true,
            Converter = new EventConverter(),
            ShortNames = ["ev"], Columns = CoreColumns.Events,
            SelectableFields =
            [
                SelectableField.Of("reason"), Renamed("regarding.kind", "involvedObject", "kind"), Renamed("regarding.namespace", "involvedObject", "namespace"),
                Renamed("regarding.name", "involvedObject", "name"), Renamed("regarding.uid", "involvedObject", "uid"),
                Renamed("regarding.apiVersion", "involvedObject", "apiVersion"), Renamed("regarding.resourceVersion", "involvedObject", "resourceVersion"),
                Renamed("regarding.fieldPath", "involvedObject", "fieldPath"), Renamed("reportingController", "reportingComponent"), SelectableField.Of("type"),
            ],
            Behaviour = Behaviour.Works("another view of the core events"),
        },
    ];

    public static IEnumerable<ResourceDescriptor> DynamicResources() =>
    [
        new()
        {
            Type = ResourceTypes.DeviceClasses, Version = "v1", Kind = "DeviceClass", Model = typeof(V1DeviceClass),
            Namespaced = false, GenerationFields = ["spec"],
            Columns = SchedulingColumns.NameAndAge,
            Behaviour = Behaviour.StoredOnly("there is no dynamic resource allocation"),
        },
        new()
        {
            Type = ResourceTypes.DeviceTaintRules, Version = "v1", Kind = "DeviceTaintRule", Model = typeof(V1DeviceTaintRule),
            Namespaced = false, GenerationFields = ["spec"],
            Subresources = [Subresource.View("status", "DeviceTaintRule")],
            Columns = SchedulingColumns.DeviceTaintRules,
            Behaviour = Behaviour.StoredOnly("there is no dynamic resource allocation"),
        },
        new()
        {
            Type = ResourceTypes.ResourceClaims, Version = "v1", Kind = "ResourceClaim", Model = typeof(Resourcev1ResourceClaim),
            Subresources = [Subresource.View("status", "ResourceClaim")],
            Columns = SchedulingColumns.ResourceClaims,
            Behaviour = Behaviour.StoredOnly("there is no dynamic resource allocation"),
        },
        new()
        {
            Type = ResourceTypes.ResourceClaimTemplates, Version = "v1", Kind = "ResourceClaimTemplate", Model = typeof(V1ResourceClaimTemplate),
            Columns = SchedulingColumns.NameAndAge,
            Behaviour = Behaviour.StoredOnly("there is no dynamic resource allocation"),
        },
        new()
        {
            Type = ResourceTypes.ResourceSlices, Version = "v1", Kind = "ResourceSlice", Model = typeof(V1ResourceSlice),
            Namespaced = false, GenerationFields = ["spec"],
            SelectableFields = [SelectableField.Of("spec.nodeName"), SelectableField.Of("spec.driver")],
            Columns = SchedulingColumns.ResourceSlices,
            Behaviour = Behaviour.StoredOnly("there is no dynamic resource allocation"),
        },
    ];

    /// <summary>Selectors are judged on the stored form, which is the core event.</summary>
    private static SelectableField Renamed(string label, params string[] path) => new(label, path);
}
