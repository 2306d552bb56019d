using System.Collections.Immutable;
using k8s.Models;
using static ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn.CoreColumns;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The Table columns of rbac.authorization.k8s.io and certificates.k8s.io, with upstream's headings, types, order and priorities.</summary>
internal static class AccessColumns
{
    public static readonly ImmutableArray<PrinterColumn> RoleBindings =
    [
        Name,
        Text("Role", Of<V1RoleBinding>("roleRef")),
        Age,
        Text("Users", "Users in the roleBinding", 1),
        Text("Groups", "Groups in the roleBinding", 1),
        Text("ServiceAccounts", "ServiceAccounts in the roleBinding", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> ClusterRoleBindings =
    [
        Name,
        Text("Role", Of<V1ClusterRoleBinding>("roleRef")),
        Age,
        Text("Users", "Users in the clusterRoleBinding", 1),
        Text("Groups", "Groups in the clusterRoleBinding", 1),
        Text("ServiceAccounts", "ServiceAccounts in the clusterRoleBinding", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> CertificateSigningRequests =
    [
        Name,
        Age,
        Text("SignerName", Of<V1CertificateSigningRequestSpec>("signerName")),
        Text("Requestor", Of<V1CertificateSigningRequestSpec>("request")),
        Text("RequestedDuration", Of<V1CertificateSigningRequestSpec>("expirationSeconds")),
        Text("Condition", Of<V1CertificateSigningRequestStatus>("conditions")),
    ];

    public static readonly ImmutableArray<PrinterColumn> ClusterTrustBundles =
    [
        Name,
        Text("SignerName", Of<V1ClusterTrustBundleSpec>("signerName")),
    ];

    public static readonly ImmutableArray<PrinterColumn> PodCertificateRequests =
    [
        Name,
        Text("PodName", Of<V1PodCertificateRequestSpec>("podName")),
        Text("ServiceAccountName", Of<V1PodCertificateRequestSpec>("serviceAccountName")),
        Text("NodeName", Of<V1PodCertificateRequestSpec>("nodeName")),
        Text("SignerName", Of<V1PodCertificateRequestSpec>("signerName")),
        Text("State", "Is the request Pending, Issued, Denied, or Failed?"),
    ];
}
