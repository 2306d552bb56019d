using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;

namespace ActorOrchestrator.Contracts.Tests.Validation;

/// <summary>Requests with keys of every kind that a pod may ask a certificate for.</summary>
internal static class PodKeys
{
    public static string Stub(string kind)
    {
        switch (kind)
        {
            case "none":
                return "";
            case "Ed25519":
                var secret = new Ed25519PrivateKeyParameters(new SecureRandom());
                return Convert.ToBase64String(new Pkcs10CertificationRequest("Ed25519", new X509Name("CN=p"), secret.GeneratePublicKey(), null, secret).GetDerEncoded());
            case "EC224" or "EC256" or "forged":
                using (var key = ECDsa.Create(kind == "EC224" ? ECCurve.CreateFromFriendlyName("secp224r1") : ECCurve.NamedCurves.nistP256))
                {
                    return Of(new CertificateRequest("CN=p", key, HashAlgorithmName.SHA256), kind == "forged");
                }

            default:
                using (var key = RSA.Create(kind == "RSA2048" ? 2048 : 3072))
                {
                    return Of(new CertificateRequest("CN=p", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), forged: false);
                }
        }
    }

    private static string Of(CertificateRequest request, bool forged)
    {
        var signed = request.CreateSigningRequest();
        if (forged)
        {
            signed[^1] ^= 1;
        }

        return Convert.ToBase64String(signed);
    }
}
