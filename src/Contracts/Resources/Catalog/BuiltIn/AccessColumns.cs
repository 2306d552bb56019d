using System.Collections.Immutable;
using static ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn.CoreColumns;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The Table columns of rbac.authorization.k8s.io and certificates.k8s.io, with upstream's headings, order and priorities.</summary>
internal static class AccessColumns
{
    public static readonly ImmutableArray<PrinterColumn> Roles =
    [
        Name,
        Text("Created At", "When the object was created."),
    ];

    public static readonly ImmutableArray<PrinterColumn> ClusterRoles =
    [
        Name,
        Text("Created At", "When the object was created."),
    ];

    public static readonly ImmutableArray<PrinterColumn> RoleBindings =
    [
        Name,
        Text("Role", "The role that is granted."),
        Age,
        Text("Users", "Users in the binding.", 1),
        Text("Groups", "Groups in the binding.", 1),
        Text("ServiceAccounts", "ServiceAccounts in the binding.", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> ClusterRoleBindings =
    [
        Name,
        Text("Role", "The role that is granted."),
        Age,
        Text("Users", "Users in the binding.", 1),
        Text("Groups", "Groups in the binding.", 1),
        Text("ServiceAccounts", "ServiceAccounts in the binding.", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> CertificateSigningRequests =
    [
        Name,
        Age,
        Text("SignerName", "Who is asked to sign."),
        Text("Requestor", "Who asks."),
        Text("RequestedDuration", "For how long the certificate is asked for."),
        Text("Condition", "Whether it is approved, denied, issued."),
    ];

    public static readonly ImmutableArray<PrinterColumn> ClusterTrustBundles =
    [
        Name,
        Text("SignerName", "The signer whose anchors these are."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> PodCertificateRequests =
    [
        Name,
        Text("PodName", "The pod that the certificate is for."),
        Text("ServiceAccountName", "Its service account."),
        Text("NodeName", "Its node."),
        Text("SignerName", "Who is asked to sign."),
        Text("State", "Pending, Issued, Denied or Failed."),
        Age,
    ];
}
