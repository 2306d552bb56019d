using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for CertificateSigningRequests; what was stored before with a flaw may keep it.</summary>
internal static class CertificateValidation
{
    private const int ShortestLife = 600;
    private const int LongestDomain = 253;
    private const int LongestSigner = 571;
    private const string LegacySigner = "kubernetes.io/legacy-unknown";
    private static readonly string[] Verdicts = ["Approved", "Denied", "Failed"];

    private static readonly string[] Usages =
    [
        "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature",
        "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc",
        "ocsp signing", "s/mime", "server auth", "signing", "timestamping",
    ];

    public static void CertificateSigningRequest(JsonObject request, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var (spec, before) = (request.Child("spec") ?? [], old?.Child("spec"));
        if (RequestProblem(spec.Text("request")) is { } unreadable)
        {
            errors.Invalid(path.Field("request"), spec.Text("request"), unreadable);
        }

        OfUsages(spec, before, path.Field("usages"), errors);
        if (spec.Text("signerName") == LegacySigner && before?.Text("signerName") != LegacySigner)
        {
            errors.Invalid(path.Field("signerName"), LegacySigner, "the legacy signerName is not allowed via this API version");
        }
        else
        {
            Signer(spec.Text("signerName"), path.Field("signerName"), errors);
        }

        if (spec.Number("expirationSeconds") is < ShortestLife and var life)
        {
            errors.Invalid(path.Field("expirationSeconds"), life, $"may not specify a duration less than {ShortestLife} seconds (10 minutes)");
        }

        var (status, earlier) = (request.Child("status") ?? [], old?.Child("status") ?? []);
        OfConditions(status, earlier, FieldPath.Of("status", "conditions"), errors);
        var (certificate, known) = (status.Text("certificate"), earlier.Text("certificate"));
        if (certificate.Length > 0 && certificate != known && CertificateProblem(certificate) is { } problem)
        {
            errors.Invalid(FieldPath.Of("status", "certificate"), "<certificate data>", problem);
        }

        if (known.Length > 0 && certificate != known)
        {
            errors.Forbidden(FieldPath.Of("status", "certificate"), "updates may not modify existing certificate content");
        }
    }

    /// <summary><c>domain.example/path</c>.</summary>
    internal static void Signer(string name, FieldPath path, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(path, "signerName must be provided");
            return;
        }

        var parts = name.Split('/');
        if (parts.Length != 2)
        {
            errors.Invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
            return;
        }

        if (parts[0].Length > LongestDomain)
        {
            errors.TooLong(path, LongestDomain);
        }

        var labels = parts[0].Split('.');
        Labels(labels, parts[0], Names.Dns1123Label, path, errors);
        if (labels.Length < 2)
        {
            errors.Invalid(path, parts[0], "should be a domain with at least two segments separated by dots");
        }

        Labels(parts[1].Split('.'), parts[1], Names.Dns1123Subdomain, path, errors);
        if (name.Length > LongestSigner)
        {
            errors.TooLong(path, LongestSigner);
        }
    }

    /// <summary>The first label that is none, with everything that is wrong with it.</summary>
    private static void Labels(string[] labels, string whole, Func<string, IReadOnlyList<string>> rule, FieldPath path, FieldErrors errors)
    {
        foreach (var label in labels)
        {
            var problems = rule(label);
            foreach (var problem in problems)
            {
                errors.Invalid(path, whole, $"validating label \"{label}\": {problem}");
            }

            if (problems.Count > 0)
            {
                return;
            }
        }
    }

    private static void OfUsages(JsonObject spec, JsonObject? before, FieldPath path, FieldErrors errors)
    {
        if (spec.Count("usages") == 0)
        {
            errors.Required(path, "usages must be provided");
        }

        var usages = spec.Strings("usages").ToArray();
        var earlier = before?.Strings("usages").ToArray() ?? [];
        if (earlier.All(usage => Usages.Contains(usage)))
        {
            foreach (var (index, usage) in usages.Index().Where(item => !Usages.Contains(item.Item)))
            {
                errors.NotSupported(path.Index(index), usage, Usages);
            }
        }

        if (earlier.Distinct().Count() == earlier.Length)
        {
            HashSet<string> seen = [];
            foreach (var (index, usage) in usages.Index().Where(item => !seen.Add(item.Item)))
            {
                errors.Duplicate(path.Index(index), usage);
            }
        }
    }

    private static void OfConditions(JsonObject status, JsonObject earlier, FieldPath path, FieldErrors errors)
    {
        string[] TypesOf(JsonObject holder) => [.. holder.Items("conditions").Select(condition => condition.Text("type"))];
        var (types, before) = (TypesOf(status), TypesOf(earlier));
        var mayContradict = before.Contains("Approved") && before.Contains("Denied");
        var mayRepeat = before.Distinct().Count() < before.Length;
        HashSet<string> seen = [];
        foreach (var (index, condition) in status.Items("conditions").Index())
        {
            var (at, type) = (path.Index(index), condition.Text("type"));
            if (type.Length == 0 && !before.Contains(""))
            {
                errors.Required(at.Field("type"));
            }

            errors.OneOf(at.Field("status"), condition.Text("status"), Verdicts.Contains(type) ? ["True"] : ["False", "True", "Unknown"]);
            if (!mayContradict && ((type == "Approved" && seen.Contains("Denied")) || (type == "Denied" && seen.Contains("Approved"))))
            {
                errors.Invalid(at.Field("type"), type, "Approved and Denied conditions are mutually exclusive");
            }

            if (!seen.Add(type) && !mayRepeat)
            {
                errors.Duplicate(at.Field("type"), type);
            }
        }

        foreach (var verdict in Verdicts.Where(verdict => types.Count(type => type == verdict) < before.Count(type => type == verdict)))
        {
            errors.Forbidden(path, $"updates may not remove a condition of type \"{verdict}\"");
        }
    }

    /// <summary>A request in PEM, signed by the key that it is for. Signatures of kinds that this platform does not know are the signer's to judge.</summary>
    private static string? RequestProblem(string base64)
    {
        const string NoRequest = "PEM block type must be CERTIFICATE REQUEST";
        try
        {
            var text = Encoding.Latin1.GetString(Convert.FromBase64String(base64));
            if (!PemEncoding.TryFind(text, out var fields) || text[fields.Label] != "CERTIFICATE REQUEST")
            {
                return NoRequest;
            }

            var der = Convert.FromBase64String(text[fields.Base64Data]);
            var request = CertificateRequest.LoadSigningRequest(
                der, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.SkipSignatureValidation | CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            return request.PublicKey.Oid.Value is RsaKey or EllipticKey && !IsSigned(der) ? "x509: the signature of the certificate request does not hold" : null;
        }
        catch (FormatException)
        {
            return NoRequest;
        }
        catch (Exception malformed) when (malformed is CryptographicException or ArgumentException)
        {
            return $"x509: malformed certificate request: {malformed.Message}";
        }
    }

    private const string RsaKey = "1.2.840.113549.1.1.1";
    private const string EllipticKey = "1.2.840.10045.2.1";

    private static bool IsSigned(byte[] der)
    {
        try
        {
            CertificateRequest.LoadSigningRequest(der, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>What is signed is one or more certificates in PEM, and nothing else in PEM.</summary>
    private static string? CertificateProblem(string base64)
    {
        ReadOnlySpan<char> rest;
        try
        {
            rest = Encoding.Latin1.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException malformed)
        {
            return malformed.Message;
        }

        var blocks = 0;
        while (PemEncoding.TryFind(rest, out var fields))
        {
            var label = rest[fields.Label].ToString();
            if (label != "CERTIFICATE")
            {
                return $"only CERTIFICATE PEM blocks are allowed, found \"{label}\"";
            }

            blocks++;
            rest = rest[fields.Location.End..];
        }

        return blocks == 0 ? "must contain at least one CERTIFICATE PEM block" : null;
    }
}
