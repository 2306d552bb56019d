using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Access.Certificates;

/// <summary>The signers that this program is, and what each of them signs (upstream's <c>kubernetes.io</c> signers).</summary>
public static class CertificateSigners
{
    public const string ApiClient = "kubernetes.io/kube-apiserver-client";
    public const string NodeClient = "kubernetes.io/kube-apiserver-client-kubelet";
    public const string NodeServing = "kubernetes.io/kubelet-serving";
    private const string NodeGroup = "system:nodes";
    private const string NodePrefix = "system:node:";

    public static bool IsOurs(string signer) => signer is ApiClient or NodeClient or NodeServing;

    /// <summary>Null when the signer signs it; otherwise why it does not.</summary>
    public static string? Refuse(string signer, CertificateRequestText request, IReadOnlyCollection<string> usages) => signer switch
    {
        ApiClient => Uses(usages, "client auth", "digital signature", "key encipherment"),
        NodeClient => RefuseNode(request)
            ?? (request.DnsNames.IsEmpty && request.Addresses.IsEmpty && !request.HasOtherNames ? null : "DNS, email, URI or IP subject alternative names are not allowed")
            ?? Uses(usages, "client auth", "digital signature", "key encipherment"),
        NodeServing => RefuseNode(request)
            ?? (request.HasOtherNames ? "Email and URI SANs are not allowed" : null)
            ?? (request.DnsNames.IsEmpty && request.Addresses.IsEmpty ? "at least one DNS or IP subjectAltName is required" : null)
            ?? Uses(usages, "server auth", "digital signature", "key encipherment"),
        _ => $"unrecognized signerName: \"{signer}\"",
    };

    /// <summary>Whether a request is one by which a kubelet gets or renews its own client certificate.</summary>
    public static bool IsNodeClient(CertificateRequestText request, IReadOnlyCollection<string> usages) => Refuse(NodeClient, request, usages) is null;

    private static string? RefuseNode(CertificateRequestText request) =>
        request.Organizations is not [NodeGroup] ? "subject organization is not system:nodes"
        : !request.CommonName.StartsWith(NodePrefix, StringComparison.Ordinal) ? "subject common name does not begin with system:node:"
        : null;

    private static string? Uses(IReadOnlyCollection<string> usages, string needed, params ImmutableArray<string> allowed) =>
        !usages.Contains(needed) ? $"usages did not include \"{needed}\""
        : usages.FirstOrDefault(usage => usage != needed && !allowed.Contains(usage)) is { } other ? $"usages included \"{other}\", which is not allowed"
        : null;
}
