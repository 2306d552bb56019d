using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Access;

/// <summary>The types that authentication, authorization and certificates are made of.</summary>
public static class AccessTypes
{
    public const string RbacGroup = "rbac.authorization.k8s.io";
    public const string AuthenticationGroup = "authentication.k8s.io";
    public const string AuthorizationGroup = "authorization.k8s.io";
    public const string CertificatesGroup = "certificates.k8s.io";

    public static readonly ResourceType Roles = new(RbacGroup, "roles");
    public static readonly ResourceType RoleBindings = new(RbacGroup, "rolebindings");
    public static readonly ResourceType ClusterRoles = new(RbacGroup, "clusterroles");
    public static readonly ResourceType ClusterRoleBindings = new(RbacGroup, "clusterrolebindings");
    public static readonly ResourceType CertificateSigningRequests = new(CertificatesGroup, "certificatesigningrequests");
    public static readonly ResourceType TokenReviews = new(AuthenticationGroup, "tokenreviews");
    public static readonly ResourceType SelfSubjectReviews = new(AuthenticationGroup, "selfsubjectreviews");
    public static readonly ResourceType SubjectAccessReviews = new(AuthorizationGroup, "subjectaccessreviews");
    public static readonly ResourceType SelfSubjectAccessReviews = new(AuthorizationGroup, "selfsubjectaccessreviews");
    public static readonly ResourceType LocalSubjectAccessReviews = new(AuthorizationGroup, "localsubjectaccessreviews");
    public static readonly ResourceType SelfSubjectRulesReviews = new(AuthorizationGroup, "selfsubjectrulesreviews");
}
