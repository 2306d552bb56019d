using k8s.Models;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The groups that extend and protect the API itself: apiextensions.k8s.io, apiregistration.k8s.io and flowcontrol.apiserver.k8s.io.</summary>
internal static class ExtensionResources
{
    public static IEnumerable<ResourceDescriptor> ApiExtensions() =>
    [
        new()
        {
            Type = ResourceTypes.CustomResourceDefinitions, Version = "v1", Kind = "CustomResourceDefinition", Model = typeof(V1CustomResourceDefinition),
            UpdatesUnconditionally = false,
            ShortNames = ["crd", "crds"], Categories = BuiltInResources.ApiExtensions, Namespaced = false, GenerationFields = ["spec"],
            Subresources = [Subresource.View("status", "CustomResourceDefinition")],
            Behaviour = Behaviour.Works(),
        },
    ];

    public static IEnumerable<ResourceDescriptor> ApiRegistration() =>
    [
        new()
        {
            Type = ResourceTypes.ApiServices, Version = "v1", Kind = "APIService", Model = typeof(V1APIService),
            UpdatesUnconditionally = false,
            Categories = BuiltInResources.ApiExtensions, Namespaced = false, Names = NameRule.PathSegment,
            Subresources = [Subresource.View("status", "APIService")],
            Columns = ExtensionColumns.ApiServices,
            Behaviour = Behaviour.Works("requests are proxied to its Service; discovery and OpenAPI of both versions are merged"),
        },
    ];

    public static IEnumerable<ResourceDescriptor> FlowControl() =>
    [
        new()
        {
            Type = ResourceTypes.FlowSchemas, Version = "v1", Kind = "FlowSchema", Model = typeof(V1FlowSchema),
            Namespaced = false, GenerationFields = ["spec"],
            Subresources = [Subresource.View("status", "FlowSchema")],
            Columns = ExtensionColumns.FlowSchemas,
            Behaviour = Behaviour.Works("requests are classified by them, share seats, and wait in fair queues"),
        },
        new()
        {
            Type = ResourceTypes.PriorityLevelConfigurations, Version = "v1", Kind = "PriorityLevelConfiguration", Model = typeof(V1PriorityLevelConfiguration),
            Namespaced = false, GenerationFields = ["spec"],
            Subresources = [Subresource.View("status", "PriorityLevelConfiguration")],
            Columns = ExtensionColumns.PriorityLevelConfigurations,
            Behaviour = Behaviour.Works("requests are classified by them, share seats, and wait in fair queues"),
        },
    ];
}
