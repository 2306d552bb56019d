using System.Net;
using System.Security.Cryptography.X509Certificates;
using ActorOrchestrator.Host.Api.Authentication.Tokens;
using ActorOrchestrator.Host.Certificates;

namespace ActorOrchestrator.Host.Composition;

/// <summary>The certificates that one host uses. A control host has the authority itself; a host that joined has only the authority's certificate and its own.</summary>
public sealed class HostIdentity : IDisposable
{
    private HostIdentity(
        CertificateAuthority? authority, X509Certificate2 authorityCertificate, X509Certificate2 node, X509Certificate2? apiServer, X509Certificate2? admin, ServiceAccountKeys? serviceAccountKeys)
    {
        ServiceAccountKeys = serviceAccountKeys;
        Authority = authority;
        AuthorityCertificate = authorityCertificate;
        Node = node;
        ApiServer = apiServer;
        Admin = admin;
    }

    public CertificateAuthority? Authority { get; }
    public X509Certificate2 AuthorityCertificate { get; }

    /// <summary>For the node's endpoint and for the cluster's remoting.</summary>
    public X509Certificate2 Node { get; }

    public X509Certificate2? ApiServer { get; }
    public X509Certificate2? Admin { get; }

    /// <summary>Where the authority is, there are the keys of ServiceAccount tokens.</summary>
    public ServiceAccountKeys? ServiceAccountKeys { get; }

    /// <param name="apiAddress">The cluster IP under which pods reach the API.</param>
    public static HostIdentity Open(OrchestratorOptions options, PkiFolder pki, IPAddress apiAddress)
    {
        string[] own = [options.NodeName, options.AdvertiseAddress.ToString(), "127.0.0.1", "localhost"];
        if (!options.IsControl || options.JoinAddress is not null)
        {
            var node = pki.Load("node") ?? throw new HostException($"{pki.Folder} has no node certificate; join with a token first.");
            return new HostIdentity(null, pki.LoadAuthorityCertificate(), node, null, null, null);
        }

        var authority = pki.OpenAuthority();
        string[] api =
        [
            .. own, Environment.MachineName, apiAddress.ToString(),
            "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
        ];
        return new HostIdentity(
            authority,
            authority.Certificate,
            pki.Keep("node", own, () => authority.IssueServer(CertificateSubject.Node(options.NodeName), own)),
            pki.Keep("apiserver", api, () => authority.IssueServer(CertificateSubject.ApiServer, api)),
            pki.Keep("admin", [], () => authority.IssueClient(CertificateSubject.Admin)),
            ServiceAccountKeys.Open(pki));
    }

    public void Dispose()
    {
        Authority?.Dispose();
        AuthorityCertificate.Dispose();
        Node.Dispose();
        ApiServer?.Dispose();
        Admin?.Dispose();
        ServiceAccountKeys?.Dispose();
    }
}
