using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>
/// The rules for PodCertificateRequests: whoever asks has the key that it asks for, what is asked for is fixed, and a request ends once, issued, denied or failed
/// (KEP-4317).
/// </summary>
internal static class PodCertificateValidation
{
    private const int LongestUid = 128;
    private const int MostBytes = 10 * 1024;
    private const int LongestChain = 100 * 1024;
    private const int ShortestLife = 3600;
    private const int LongestLife = 91 * 86400;
    private const int LongestKubernetesLife = 86400;
    private static readonly string[] Ends = ["Issued", "Denied", "Failed"];
    private static readonly string[] Curves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];
    private static readonly FieldPath Stub = FieldPath.Of("spec", "stubPKCS10Request");
    private static readonly FieldPath Chain = FieldPath.Of("status", "certificateChain");

    public static void Request(JsonObject request, JsonObject? old, FieldErrors errors)
    {
        if (old is null)
        {
            Create(request.Child("spec") ?? [], errors);
            return;
        }

        errors.Immutable(FieldPath.Of("spec"), request["spec"], old["spec"]);
        var (status, before) = (request.Child("status") ?? [], old.Child("status") ?? []);
        if (!JsonNode.DeepEquals(status, before))
        {
            Status(status, before, old.Child("spec") ?? [], errors);
        }
    }

    private static void Create(JsonObject spec, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        CertificateValidation.Signer(spec.Text("signerName"), path.Field("signerName"), errors);
        foreach (var (name, uid) in (ReadOnlySpan<(string, string)>)
            [("podName", "podUID"), ("serviceAccountName", "serviceAccountUID"), ("nodeName", "nodeUID")])
        {
            errors.Check(path.Field(name), spec.Text(name), Names.Dns1123Subdomain(spec.Text(name)));
            if (spec.Text(uid).Length == 0)
            {
                errors.Invalid(path.Field(uid), "", "must not be empty");
            }
            else if (spec.Text(uid).Length > LongestUid)
            {
                errors.TooLong(path.Field(uid), LongestUid);
            }
        }

        if (spec.Number("maxExpirationSeconds") is not { } life)
        {
            errors.Required(path.Field("maxExpirationSeconds"), "must be set");
            return;
        }

        var domain = spec.Text("signerName").Split('/')[0];
        var most = domain == "kubernetes.io" || domain.EndsWith(".kubernetes.io", StringComparison.Ordinal) ? LongestKubernetesLife : LongestLife;
        if (life < ShortestLife || life > most)
        {
            errors.Invalid(path.Field("maxExpirationSeconds"), life, $"must be in the range [{ShortestLife}, {most}]");
        }

        Possession(spec, errors);
    }

    /// <summary>The stub is signed with the key that the certificate is for.</summary>
    private static void Possession(JsonObject spec, FieldErrors errors)
    {
        var stub = Bytes(spec.Text("stubPKCS10Request"));
        if (stub.Length > MostBytes)
        {
            errors.TooLong(Stub, MostBytes);
            return;
        }

        try
        {
            var request = new Pkcs10CertificationRequest(stub);
            var before = errors.Count;
            Kind(request.GetPublicKey(), errors);
            if (before == errors.Count && !request.Verify())
            {
                errors.Invalid(Stub, "could not verify the signature of the PKCS#10 CSR");
            }
        }
        catch (Exception unreadable) when (unreadable is GeneralSecurityException or SecurityUtilityException or CryptoException or PkcsException or ArgumentException
            or InvalidCastException or IOException or InvalidOperationException or IndexOutOfRangeException)
        {
            errors.Invalid(Stub, spec["stubPKCS10Request"], "must be a valid PKCS#10 CSR");
        }
    }

    private static void Kind(AsymmetricKeyParameter key, FieldErrors errors)
    {
        switch (key)
        {
            case Ed25519PublicKeyParameters:
                break;
            case ECPublicKeyParameters curve:
                if (!Curves.Contains(curve.PublicKeyParamSet?.Id))
                {
                    errors.Invalid(Stub, $"curve P-{curve.Parameters.Curve.FieldSize}", "elliptic public keys must use curve P256 or P384");
                }

                break;
            case RsaKeyParameters rsa:
                var bits = (rsa.Modulus.BitLength + 7) / 8 * 8;
                if (bits is not (3072 or 4096))
                {
                    errors.Invalid(Stub, $"{bits}-bit modulus", "RSA keys must have modulus size 3072 or 4096");
                }

                break;
            default:
                errors.Invalid(Stub, "unknown public key type; supported types are Ed25519, ECDSA, and RSA");
                break;
        }
    }

    private static void Status(JsonObject status, JsonObject before, JsonObject spec, FieldErrors errors)
    {
        var problems = errors.Count;
        Conditions(status, errors);
        if (problems != errors.Count)
        {
            return;
        }

        if (End(before) is not null)
        {
            errors.Invalid(FieldPath.Of("status"), "immutable after PodCertificateRequest is issued, denied, or failed");
            return;
        }

        switch (End(status))
        {
            case "Issued":
                Issued(status, spec, errors);
                break;
            case "Denied" or "Failed" when status.Any(field => field.Key != "conditions" && field.Value is not null):
                errors.Invalid(FieldPath.Of("status"), "non-condition status fields must be empty when denying or failing the PodCertificateRequest");
                break;
            case null:
                errors.Invalid(FieldPath.Of("status"), "status is immutable unless transitioning to \"Issued\", \"Denied\", or \"Failed\"");
                break;
        }
    }

    private static void Conditions(JsonObject status, FieldErrors errors)
    {
        var known = 0;
        foreach (var (index, condition) in status.Items("conditions").Index())
        {
            var at = FieldPath.Of("status", "conditions", $"[{index}]");
            if (!Ends.Contains(condition.Text("type")))
            {
                errors.NotSupported(at.Field("type"), condition.Text("type"), Ends);
                continue;
            }

            if (++known > 1)
            {
                errors.Invalid(at.Field("type"), condition.Text("type"), "There may be at most one condition with type \"Issued\", \"Denied\", or \"Failed\"");
            }

            if (condition.Text("status") != "True")
            {
                errors.NotSupported(at.Field("status"), condition.Text("status"), "True");
            }
        }
    }

    private static void Issued(JsonObject status, JsonObject spec, FieldErrors errors)
    {
        var chain = status.Text("certificateChain");
        if (chain.Length > LongestChain)
        {
            errors.TooLong(Chain, LongestChain);
            return;
        }

        if (Leaf(chain, errors) is not { } leaf)
        {
            return;
        }

        using (leaf)
        {
            var asked = new Pkcs10CertificationRequest(Bytes(spec.Text("stubPKCS10Request"))).GetCertificationRequestInfo().SubjectPublicKeyInfo.GetDerEncoded();
            if (!leaf.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(asked))
            {
                errors.Invalid(Chain, chain, "leaf certificate was not issued to the requested public key");
                return;
            }

            Times(status, leaf, spec.Number("maxExpirationSeconds") ?? LongestLife, errors);
        }
    }

    private static X509Certificate2? Leaf(string chain, FieldErrors errors)
    {
        X509Certificate2? leaf = null;
        var rest = chain.AsSpan();
        while (PemEncoding.TryFind(rest, out var block))
        {
            var first = leaf is null;
            var label = rest[block.Label].ToString();
            var encoded = rest[block.Base64Data].ToString();
            rest = rest[block.Location.End..];
            if (label != "CERTIFICATE")
            {
                errors.Invalid(Chain, chain, "issued certificate chain must consist entirely of CERTIFICATE PEM blocks");
                leaf?.Dispose();
                return null;
            }

            try
            {
                var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(encoded));
                if (first)
                {
                    leaf = certificate;
                }
                else
                {
                    certificate.Dispose();
                }
            }
            catch (CryptographicException)
            {
                errors.Invalid(Chain, chain, $"{(first ? "leaf" : "intermediate")} certificate does not parse as valid X.509");
                leaf?.Dispose();
                return null;
            }
        }

        if (leaf is null)
        {
            errors.Invalid(Chain, chain, "issued certificate chain must contain at least one certificate");
        }

        return leaf;
    }

    private static void Times(JsonObject status, X509Certificate2 leaf, long longest, FieldErrors errors)
    {
        var before = Time(status, "notBefore", "must be present and consistent with the issued certificate", errors);
        var after = Time(status, "notAfter", "must be present and consistent with the issued certificate", errors);
        var refresh = Time(status, "beginRefreshAt", "must be present and in the range [notbefore+10min, notafter-10min]", errors);
        if (before is null || after is null || refresh is null)
        {
            return;
        }

        var (from, to) = (new DateTimeOffset(leaf.NotBefore.ToUniversalTime()), new DateTimeOffset(leaf.NotAfter.ToUniversalTime()));
        var at = FieldPath.Of("status");
        if (before != from)
        {
            errors.Invalid(at.Field("notBefore"), status.Text("notBefore"), "must be set to the NotBefore time encoded in the leaf certificate");
        }
        else if (after != to)
        {
            errors.Invalid(at.Field("notAfter"), status.Text("notAfter"), "must be set to the NotAfter time encoded in the leaf certificate");
        }
        else if (to - from < TimeSpan.FromHours(1))
        {
            errors.Invalid(Chain, (to - from).Ticks * 100, "leaf certificate lifetime must be >= 1 hour");
        }
        else if (to - from > TimeSpan.FromSeconds(longest))
        {
            errors.Invalid(Chain, (to - from).Ticks * 100, $"leaf certificate lifetime must be <= spec.maxExpirationSeconds ({longest})");
        }
        else if (refresh < from.AddMinutes(10))
        {
            errors.Invalid(at.Field("beginRefreshAt"), status.Text("beginRefreshAt"), "must be at least 10 minutes after status.notBefore");
        }
        else if (refresh > to.AddMinutes(-10))
        {
            errors.Invalid(at.Field("beginRefreshAt"), status.Text("beginRefreshAt"), "must be at least 10 minutes before status.notAfter");
        }
    }

    private static DateTimeOffset? Time(JsonObject status, string field, string why, FieldErrors errors)
    {
        if (DateTimeOffset.TryParse(status.Text(field), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time;
        }

        errors.Required(FieldPath.Of("status", field), why);
        return null;
    }

    private static string? End(JsonObject status) =>
        status.Items("conditions").Select(condition => condition.Text("type")).FirstOrDefault(type => Ends.Contains(type));

    private static byte[] Bytes(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : [];
    }
}
