using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>The rules for volumes that project several sources into one directory; no two may make the same file.</summary>
internal static class ProjectedValidation
{
    private const long ShortestToken = 600;
    private const long LongestToken = 1L << 32;
    private const int ShortestCertificate = 3600;
    private const int LongestCertificate = 91 * 86400;
    private const int LongestOfKubernetes = 86400;
    private static readonly string[] KeyTypes = ["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"];

    public static void Sources(JsonObject projected, FieldPath path, FieldErrors errors)
    {
        HashSet<string> files = new(StringComparer.Ordinal);
        foreach (var (index, source) in projected.Items("sources").Index())
        {
            var at = path.Field("sources").Index(index);
            var count = 0;
            foreach (var kind in (ReadOnlySpan<string>)["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate"])
            {
                if (source.Child(kind) is { } content)
                {
                    One(kind, content, path, at.Field(kind), files, errors);
                    count++;
                }
            }

            if (count > 1)
            {
                errors.Forbidden(at, "may not specify more than 1 volume type per source");
            }
        }
    }

    private static void One(string kind, JsonObject content, FieldPath volume, FieldPath path, HashSet<string> files, FieldErrors errors)
    {
        switch (kind)
        {
            case "secret" or "configMap":
                VolumeSourceValidation.Needs(content, path, errors, "name");
                VolumeValidation.Items(content, path, errors);
                foreach (var item in content.Items("items"))
                {
                    Taken(item.Text("path"), content.Text("name"), volume, files, errors);
                }

                break;
            case "downwardAPI":
                foreach (var item in content.Items("items"))
                {
                    VolumeValidation.DownwardFile(item, path, errors);
                    Taken(item.Text("path"), item.Text("path"), volume, files, errors);
                }

                break;
            case "serviceAccountToken":
                Token(content, volume, path, errors);
                break;
            case "clusterTrustBundle":
                Bundle(content, path, errors);
                VolumeSourceValidation.Needs(content, path, errors, "path");
                VolumeValidation.LocalFile(content.Text("path"), path.Field("path"), errors);
                Taken(content.Text("path"), content.Text("path"), volume, files, errors);
                break;
            case "podCertificate":
                Certificate(content, volume, path, files, errors);
                break;
        }
    }

    /// <summary>The path of a token is told of the volume, not of the source.</summary>
    private static void Token(JsonObject token, FieldPath volume, FieldPath path, FieldErrors errors)
    {
        if (token.Number("expirationSeconds") is { } seconds)
        {
            if (seconds < ShortestToken)
            {
                errors.Invalid(path.Field("expirationSeconds"), seconds, "may not specify a duration less than 10 minutes");
            }
            else if (seconds > LongestToken)
            {
                errors.Invalid(path.Field("expirationSeconds"), seconds, "may not specify a duration larger than 2^32 seconds");
            }
        }

        VolumeSourceValidation.Needs(token, volume, errors, "path");
        VolumeValidation.LocalFile(token.Text("path"), volume.Field("path"), errors);
    }

    private static void Bundle(JsonObject bundle, FieldPath path, FieldErrors errors)
    {
        switch (bundle.Has("name"), bundle.Has("signerName"))
        {
            case (true, true):
                errors.Invalid(path, bundle, "only one of name and signerName may be used");
                break;
            case (true, false):
                var name = bundle.Text("name");
                if (name.Length == 0)
                {
                    errors.Required(path.Field("name"), "must be a valid object name");
                }

                foreach (var problem in Names.ClusterTrustBundle(name))
                {
                    errors.Invalid(path.Field("name"), name, $"not a valid clustertrustbundlename: {problem}");
                }

                if (bundle.Has("labelSelector"))
                {
                    errors.Invalid(path.Field("labelSelector"), bundle["labelSelector"], "labelSelector must be unset if name is specified");
                }

                break;
            case (false, true):
                if (bundle.Text("signerName").Length == 0)
                {
                    errors.Required(path.Field("signerName"), "must be a valid signer name");
                }

                LabelSelectorValidation.Check(bundle.Child("labelSelector"), path.Field("labelSelector"), errors);
                break;
            default:
                errors.Required(path, "either name or signerName must be specified");
                break;
        }
    }

    private static void Certificate(JsonObject certificate, FieldPath volume, FieldPath path, HashSet<string> files, FieldErrors errors)
    {
        if (!KeyTypes.Contains(certificate.Text("keyType")))
        {
            errors.NotSupported(path.Field("keyType"), certificate.Text("keyType"), KeyTypes);
        }

        if (certificate.Number("maxExpirationSeconds") is { } seconds)
        {
            var most = certificate.Text("signerName").StartsWith("kubernetes.io/", StringComparison.Ordinal) ? LongestOfKubernetes : LongestCertificate;
            if (seconds < ShortestCertificate)
            {
                errors.Invalid(path.Field("maxExpirationSeconds"), seconds, $"if provided, maxExpirationSeconds must be >= {ShortestCertificate}");
            }
            else if (seconds > most)
            {
                errors.Invalid(path.Field("maxExpirationSeconds"), seconds, $"if provided, maxExpirationSeconds must be <= {most}");
            }
        }

        var given = 0;
        foreach (var field in (ReadOnlySpan<string>)["credentialBundlePath", "keyPath", "certificateChainPath"])
        {
            if (certificate.Text(field) is { Length: > 0 } file)
            {
                given++;
                VolumeValidation.LocalFile(file, path.Field(field), errors);
                Taken(file, file, volume, files, errors);
            }
        }

        if (given == 0)
        {
            errors.Required(path, "specify at least one of credentialBundlePath, keyPath, and certificateChainPath");
        }
    }

    private static void Taken(string file, string told, FieldPath volume, HashSet<string> files, FieldErrors errors)
    {
        if (file.Length > 0 && !files.Add(file))
        {
            errors.Invalid(volume, told, "conflicting duplicate paths");
        }
    }
}
