using System.Collections.Immutable;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>
/// The served kinds as data, in the order of upstream's group priorities. Names, verbs and selectable fields are upstream's (its registry strategies and
/// discovery documents). Of two views of one stored type the stored form stands first.
/// </summary>
internal static class BuiltInResources
{
    internal static readonly ImmutableArray<string> AllCategory = ["all"];
    internal static readonly ImmutableArray<string> ApiExtensions = ["api-extensions"];

    public static ImmutableArray<ResourceDescriptor> All { get; } =
    [
        .. CoreResources.All(),
        .. ExtensionResources.ApiRegistration(),
        .. WorkloadResources.Apps(),
        .. SchedulingResources.Events(),
        .. AccessResources.Authentication(),
        .. AccessResources.Authorization(),
        .. WorkloadResources.Autoscaling(),
        .. WorkloadResources.Batch(),
        .. AccessResources.Certificates(),
        .. NetworkingResources.Networking(),
        .. WorkloadResources.Policy(),
        .. AccessResources.Rbac(),
        .. StorageResources.All(),
        .. AdmissionResources.All(),
        .. ExtensionResources.ApiExtensions(),
        .. SchedulingResources.Scheduling(),
        .. SchedulingResources.Coordination(),
        .. SchedulingResources.Nodes(),
        .. NetworkingResources.Discovery(),
        .. ExtensionResources.FlowControl(),
        .. SchedulingResources.DynamicResources(),
        .. MetricsResources.All(),
    ];
}
