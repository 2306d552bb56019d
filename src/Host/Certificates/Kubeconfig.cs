using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActorOrchestrator.Host.Certificates;

/// <summary>The file that points kubectl at the cluster, with the admin's certificate inside.</summary>
public static class Kubeconfig
{
    /// <param name="server">The API server's address, as <c>https://127.0.0.1:6443</c>.</param>
    /// <param name="authority">What the client trusts.</param>
    /// <param name="admin">What the client proves itself with; its key is written into the text.</param>
    public static string Render(string server, X509Certificate2 authority, X509Certificate2 admin)
    {
        using var key = admin.GetECDsaPrivateKey() ?? throw new ArgumentException("The admin's certificate has no ECDSA key.", nameof(admin));
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: orchestrator
              cluster:
                server: {server}
                certificate-authority-data: {Base64(authority.ExportCertificatePem())}
            users:
            - name: admin
              user:
                client-certificate-data: {Base64(admin.ExportCertificatePem())}
                client-key-data: {Base64(key.ExportPkcs8PrivateKeyPem())}
            contexts:
            - name: orchestrator
              context:
                cluster: orchestrator
                user: admin
            current-context: orchestrator

            """;
    }

    private static string Base64(string pem) => Convert.ToBase64String(Encoding.UTF8.GetBytes(pem + "\n"));
}
