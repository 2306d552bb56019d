using k8s.Models;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The groups rbac.authorization.k8s.io, authentication.k8s.io, authorization.k8s.io and certificates.k8s.io.</summary>
internal static class AccessResources
{
    public static IEnumerable<ResourceDescriptor> Rbac() =>
    [
        new()
        {
            Type = ResourceTypes.ClusterRoleBindings, Version = "v1", Kind = "ClusterRoleBinding", Model = typeof(V1ClusterRoleBinding),
            CreatesOnUpdate = true,
            Namespaced = false, Names = NameRule.PathSegment,
            Columns = AccessColumns.ClusterRoleBindings,
            Behaviour = Behaviour.Works(),
        },
        new()
        {
            Type = ResourceTypes.ClusterRoles, Version = "v1", Kind = "ClusterRole", Model = typeof(V1ClusterRole),
            CreatesOnUpdate = true,
            Namespaced = false, Names = NameRule.PathSegment,
            Behaviour = Behaviour.Works(),
        },
        new()
        {
            Type = ResourceTypes.RoleBindings, Version = "v1", Kind = "RoleBinding", Model = typeof(V1RoleBinding),
            CreatesOnUpdate = true,
            Names = NameRule.PathSegment,
            Columns = AccessColumns.RoleBindings,
            Behaviour = Behaviour.Works(),
        },
        new()
        {
            Type = ResourceTypes.Roles, Version = "v1", Kind = "Role", Model = typeof(V1Role),
            CreatesOnUpdate = true,
            Names = NameRule.PathSegment,
            Behaviour = Behaviour.Works(),
        },
    ];

    public static IEnumerable<ResourceDescriptor> Authentication() =>
    [
        new()
        {
            Type = ResourceTypes.SelfSubjectReviews, Version = "v1", Kind = "SelfSubjectReview", Model = typeof(V1SelfSubjectReview),
            Namespaced = false, Virtual = true, Verbs = ["create"],
            Behaviour = Behaviour.Works(),
        },
        new()
        {
            Type = ResourceTypes.TokenReviews, Version = "v1", Kind = "TokenReview", Model = typeof(V1TokenReview),
            Namespaced = false, Virtual = true, Verbs = ["create"],
            Behaviour = Behaviour.Works(),
        },
    ];

    public static IEnumerable<ResourceDescriptor> Authorization() =>
    [
        new()
        {
            Type = ResourceTypes.LocalSubjectAccessReviews, Version = "v1", Kind = "LocalSubjectAccessReview", Model = typeof(V1LocalSubjectAccessReview),
            Virtual = true, Verbs = ["create"],
            Behaviour = Behaviour.Works(),
        },
        new()
        {
            Type = ResourceTypes.SelfSubjectAccessReviews, Version = "v1", Kind = "SelfSubjectAccessReview", Model = typeof(V1SelfSubjectAccessReview),
            Namespaced = false, Virtual = true, Verbs = ["create"],
            Behaviour = Behaviour.Works(),
        },
        new()
        {
            Type = ResourceTypes.SelfSubjectRulesReviews, Version = "v1", Kind = "SelfSubjectRulesReview", Model = typeof(V1SelfSubjectRulesReview),
            Namespaced = false, Virtual = true, Verbs = ["create"],
            Behaviour = Behaviour.Works(),
        },
        new()
        {
            Type = ResourceTypes.SubjectAccessReviews, Version = "v1", Kind = "SubjectAccessReview", Model = typeof(V1SubjectAccessReview),
            Namespaced = false, Virtual = true, Verbs = ["create"],
            Behaviour = Behaviour.Works(),
        },
    ];

    public static IEnumerable<ResourceDescriptor> Certificates() =>
    [
        new()
        {
            Type = ResourceTypes.CertificateSigningRequests, Version = "v1", Kind = "CertificateSigningRequest", Model = typeof(V1CertificateSigningRequest),
            ShortNames = ["csr"], Namespaced = false, Names = NameRule.PathSegment,
            Subresources = [Subresource.View("approval", "CertificateSigningRequest"), Subresource.View("status", "CertificateSigningRequest")],
            SelectableFields = [SelectableField.Of("spec.signerName")],
            Columns = AccessColumns.CertificateSigningRequests,
            Behaviour = Behaviour.Partly("kube-apiserver-client, kube-apiserver-client-kubelet and kubelet-serving are signed; legacy-unknown is not"),
        },
        new()
        {
            Type = ResourceTypes.ClusterTrustBundles, Version = "v1", Kind = "ClusterTrustBundle", Model = typeof(V1ClusterTrustBundle),
            UpdatesUnconditionally = false,
            Namespaced = false, Names = NameRule.ClusterTrustBundle,
            SelectableFields = [SelectableField.Of("spec.signerName")],
            Columns = AccessColumns.ClusterTrustBundles,
            Behaviour = Behaviour.StoredOnly("pods cannot project it yet"),
        },
        new()
        {
            Type = ResourceTypes.PodCertificateRequests, Version = "v1", Kind = "PodCertificateRequest", Model = typeof(V1PodCertificateRequest),
            UpdatesUnconditionally = false,
            Subresources = [Subresource.View("status", "PodCertificateRequest")],
            SelectableFields = [SelectableField.Of("spec.signerName"), SelectableField.Of("spec.podName"), SelectableField.Of("spec.nodeName")],
            Columns = AccessColumns.PodCertificateRequests,
            Behaviour = Behaviour.StoredOnly("nothing signs yet"),
        },
    ];
}
