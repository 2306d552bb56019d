using k8s.Models;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The group admissionregistration.k8s.io.</summary>
internal static class AdmissionResources
{
    public static IEnumerable<ResourceDescriptor> All() =>
    [
        new()
        {
            Type = ResourceTypes.MutatingAdmissionPolicies, Version = "v1", Kind = "MutatingAdmissionPolicy", Model = typeof(V1MutatingAdmissionPolicy),
            UpdatesUnconditionally = false,
            Categories = BuiltInResources.ApiExtensions, Namespaced = false, GenerationFields = ["spec"],
            Columns = AdmissionColumns.MutatingAdmissionPolicies,
            Behaviour = Behaviour.Works("admission"),
        },
        new()
        {
            Type = ResourceTypes.MutatingAdmissionPolicyBindings, Version = "v1", Kind = "MutatingAdmissionPolicyBinding", Model = typeof(V1MutatingAdmissionPolicyBinding),
            UpdatesUnconditionally = false,
            Categories = BuiltInResources.ApiExtensions, Namespaced = false, GenerationFields = ["spec"],
            Columns = AdmissionColumns.PolicyBindings,
            Behaviour = Behaviour.Works("admission"),
        },
        new()
        {
            Type = ResourceTypes.MutatingWebhookConfigurations, Version = "v1", Kind = "MutatingWebhookConfiguration", Model = typeof(V1MutatingWebhookConfiguration),
            UpdatesUnconditionally = false,
            Categories = BuiltInResources.ApiExtensions, Namespaced = false, GenerationFields = ["webhooks"],
            Columns = AdmissionColumns.WebhookConfigurations,
            Behaviour = Behaviour.Works("admission"),
        },
        new()
        {
            Type = ResourceTypes.ValidatingAdmissionPolicies, Version = "v1", Kind = "ValidatingAdmissionPolicy", Model = typeof(V1ValidatingAdmissionPolicy),
            UpdatesUnconditionally = false,
            Categories = BuiltInResources.ApiExtensions, Namespaced = false, GenerationFields = ["spec"],
            Subresources = [Subresource.View("status", "ValidatingAdmissionPolicy")],
            Columns = AdmissionColumns.ValidatingAdmissionPolicies,
            Behaviour = Behaviour.Works("admission"),
        },
        new()
        {
            Type = ResourceTypes.ValidatingAdmissionPolicyBindings, Version = "v1", Kind = "ValidatingAdmissionPolicyBinding", Model = typeof(V1ValidatingAdmissionPolicyBinding),
            UpdatesUnconditionally = false,
            Categories = BuiltInResources.ApiExtensions, Namespaced = false, GenerationFields = ["spec"],
            Columns = AdmissionColumns.PolicyBindings,
            Behaviour = Behaviour.Works("admission"),
        },
        new()
        {
            Type = ResourceTypes.ValidatingWebhookConfigurations, Version = "v1", Kind = "ValidatingWebhookConfiguration", Model = typeof(V1ValidatingWebhookConfiguration),
            UpdatesUnconditionally = false,
            Categories = BuiltInResources.ApiExtensions, Namespaced = false, GenerationFields = ["webhooks"],
            Columns = AdmissionColumns.WebhookConfigurations,
            Behaviour = Behaviour.Works("admission"),
        },
    ];
}
