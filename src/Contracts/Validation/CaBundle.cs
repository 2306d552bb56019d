using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>A <c>caBundle</c>: certificates in PEM, base64 once more as JSON carries bytes.</summary>
public static class CaBundle
{
    /// <summary>Whether at least one certificate can be read from it, and nothing in it is malformed.</summary>
    public static bool IsReadable(string base64)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(base64)));
            return certificates.Count > 0;
        }
        catch (Exception malformed) when (malformed is FormatException or CryptographicException)
        {
            return false;
        }
    }
}
