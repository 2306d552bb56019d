using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActorOrchestrator.Actors.Resources.Webhooks;

/// <summary>A <c>caBundle</c>: certificates in PEM, base64 once more as JSON carries bytes.</summary>
public static class CertificateBundle
{
    /// <summary>None when it is empty or cannot be read.</summary>
    public static X509Certificate2Collection Read(string base64)
    {
        var certificates = new X509Certificate2Collection();
        if (base64.Length == 0)
        {
            return certificates;
        }

        try
        {
            certificates.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(base64)));
        }
        catch (Exception malformed) when (malformed is FormatException or CryptographicException)
        {
            // An unreadable bundle trusts nobody; the call then fails with the reason that the handshake gives.
            certificates.Clear();
        }

        return certificates;
    }

    /// <summary>Whether a server's certificate is of the bundle and for the name by which it was reached.</summary>
    public static bool Trusts(X509Certificate2Collection roots, X509Certificate? shown, SslPolicyErrors errors, X509Chain? presented = null)
    {
        if (shown is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in presented?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        using var certificate = new X509Certificate2(shown);
        return chain.Build(certificate);
    }
}
