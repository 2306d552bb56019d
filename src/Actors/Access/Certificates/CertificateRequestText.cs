using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;

namespace ActorOrchestrator.Actors.Access.Certificates;

/// <summary>The PKCS#10 request inside a CertificateSigningRequest, as far as signers look at it.</summary>
/// <param name="Pem">As it was sent.</param>
/// <param name="CommonName">The user.</param>
/// <param name="Organizations">The groups.</param>
/// <param name="DnsNames">Subject alternative names.</param>
/// <param name="Addresses">Subject alternative names.</param>
/// <param name="HasOtherNames">E-mail addresses or URIs.</param>
public sealed record CertificateRequestText(
    string Pem, string CommonName, ImmutableArray<string> Organizations, ImmutableArray<string> DnsNames, ImmutableArray<string> Addresses, bool HasOtherNames)
{
    private const string CommonNameId = "2.5.4.3";
    private const string OrganizationId = "2.5.4.10";
    private const byte EmailTag = 0x81;
    private const byte UriTag = 0x86;

    /// <summary>Null when there is none that its own key has signed.</summary>
    public static CertificateRequestText? Read(JsonObject obj)
    {
        try
        {
            var pem = Encoding.UTF8.GetString(Convert.FromBase64String(obj.Object("spec").Text("request")));
            var request = CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            var parts = request.SubjectName.EnumerateRelativeDistinguishedNames().Where(part => !part.HasMultipleElements).ToArray();
            var names = request.CertificateExtensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault()
                ?? request.CertificateExtensions.Where(extension => extension.Oid?.Value == "2.5.29.17").Select(extension => new X509SubjectAlternativeNameExtension(extension.RawData)).FirstOrDefault();
            return new CertificateRequestText(
                pem,
                Values(parts, CommonNameId).LastOrDefault(""),
                [.. Values(parts, OrganizationId)],
                [.. names?.EnumerateDnsNames() ?? []],
                [.. names?.EnumerateIPAddresses().Select(address => address.ToString()) ?? []],
                names is not null && HasOther(names.RawData));
        }
        catch (Exception malformed) when (malformed is FormatException or CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Values(X500RelativeDistinguishedName[] parts, string id) =>
        parts.Where(part => part.GetSingleElementType().Value == id).Select(part => part.GetSingleElementValue() ?? "");

    private static bool HasOther(byte[] names)
    {
        var reader = new System.Formats.Asn1.AsnReader(names, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        while (reader.HasData)
        {
            if (reader.ReadEncodedValue().Span[0] is EmailTag or UriTag)
            {
                return true;
            }
        }

        return false;
    }
}
