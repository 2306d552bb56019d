using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorOrchestrator.Actors.Access.Certificates;
using ActorOrchestrator.Actors.Controllers.Certificates;

namespace ActorOrchestrator.Host.Certificates;

/// <summary>
/// The cluster's own certificate authority. Everything that speaks TLS here trusts this one and nothing else: the API server, the
/// admin's kubeconfig, node endpoints, and the cluster's own remoting. Keys are ECDSA P-256.
/// </summary>
public sealed class CertificateAuthority : ICertificateSigner, IDisposable
{
    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650);
    private static readonly TimeSpan LeafLife = TimeSpan.FromDays(365);

    /// <summary>Clocks of hosts differ; a certificate is valid a little before it was made.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");
    private readonly TimeProvider _time;

    private CertificateAuthority(X509Certificate2 certificate, TimeProvider time)
    {
        Certificate = certificate;
        _time = time;
    }

    /// <summary>With its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>SHA-256 of the authority's public key, in hex: what a joining host pins.</summary>
    public string Pin => PinOf(Certificate);

    public static string PinOf(X509Certificate2 certificate) =>
        Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    public static CertificateAuthority Create(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=orchestrator-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = time.GetUtcNow();
        return new CertificateAuthority(request.CreateSelfSigned(now - ClockSkew, now + AuthorityLife), time);
    }

    /// <exception cref="CryptographicException">The files are not a certificate and its key.</exception>
    public static CertificateAuthority Load(string certificateFile, string keyFile, TimeProvider time) =>
        new(X509Certificate2.CreateFromPemFile(certificateFile, keyFile), time);

    /// <summary>A certificate that the API server, a node's endpoint or remoting shows to others, and shows as a client too.</summary>
    /// <param name="subject">What it is for.</param>
    /// <param name="names">DNS names and IP addresses under which it is reached.</param>
    public X509Certificate2 IssueServer(CertificateSubject subject, IEnumerable<string> names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Issue(new CertificateRequest(subject.ToDistinguishedName(), key, HashAlgorithmName.SHA256), names, [ServerAuthentication, ClientAuthentication]);
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>A certificate that proves a user: CN is the user name, O are the groups.</summary>
    public X509Certificate2 IssueClient(CertificateSubject subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Issue(new CertificateRequest(subject.ToDistinguishedName(), key, HashAlgorithmName.SHA256), [], [ClientAuthentication]);
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Signs a joining host's request. Only the public key is taken from it: name, groups and uses are ours to give.</summary>
    /// <exception cref="CryptographicException">The request is not a PKCS#10 request that its own key has signed.</exception>
    public X509Certificate2 Sign(string requestPem, CertificateSubject subject, IEnumerable<string> names)
    {
        var asked = CertificateRequest.LoadSigningRequestPem(requestPem, HashAlgorithmName.SHA256);
        return Issue(new CertificateRequest(subject.ToDistinguishedName(), asked.PublicKey, HashAlgorithmName.SHA256), names, [ServerAuthentication, ClientAuthentication]);
    }

    /// <summary>Signs what a CertificateSigningRequest asked for and a signer has found good: subject, names and key are the request's.</summary>
    public string Sign(CertificateRequestText request, IReadOnlyCollection<string> usages, TimeSpan? life)
    {
        var asked = CertificateRequest.LoadSigningRequestPem(request.Pem, HashAlgorithmName.SHA256);
        var uses = usages.Select(usage => usage switch
        {
            "server auth" => ServerAuthentication,
            "client auth" => ClientAuthentication,
            _ => null,
        }).OfType<Oid>().ToArray();
        var keyUses = X509KeyUsageFlags.DigitalSignature | (usages.Contains("key encipherment") ? X509KeyUsageFlags.KeyEncipherment : 0);
        var issued = new CertificateRequest(asked.SubjectName, asked.PublicKey, HashAlgorithmName.SHA256);
        using var certificate = Issue(issued, [.. request.DnsNames, .. request.Addresses], uses, keyUses, life);
        return certificate.ExportCertificatePem() + "\n";
    }

    /// <summary>Whether a certificate was issued by this authority and is valid now.</summary>
    public static bool Trusts(X509Certificate2 authority, X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(certificate);
    }

    public void Dispose() => Certificate.Dispose();

    private X509Certificate2 Issue(
        CertificateRequest request, IEnumerable<string> names, Oid[] uses, X509KeyUsageFlags keyUses = X509KeyUsageFlags.DigitalSignature, TimeSpan? life = null)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(keyUses, true));
        var enhanced = new OidCollection();
        foreach (var use in uses)
        {
            enhanced.Add(use);
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(enhanced, false));
        var alternatives = new SubjectAlternativeNameBuilder();
        var any = false;
        foreach (var name in names.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            any = true;
            if (IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        if (any)
        {
            request.CertificateExtensions.Add(alternatives.Build());
        }

        var now = _time.GetUtcNow();
        var wanted = life is { } asked && asked < LeafLife ? asked : LeafLife;
        var end = now + wanted < Certificate.NotAfter ? now + wanted : Certificate.NotAfter;
        // The key that is certified may be of another kind than ours: RSA requests are signed with our ECDSA key all the same.
        using var key = Certificate.GetECDsaPrivateKey() ?? throw new CryptographicException("The authority's certificate has no ECDSA key.");
        return request.Create(Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now - ClockSkew, end, RandomNumberGenerator.GetBytes(16));
    }
}

/// <summary>Who a certificate speaks for, as the API reads it: CN is the user, each O a group.</summary>
public sealed record CertificateSubject(string User, params string[] Groups)
{
    /// <summary>May do everything.</summary>
    public static readonly CertificateSubject Admin = new("kubernetes-admin", "system:masters");

    public static readonly CertificateSubject ApiServer = new("orchestrator-api");

    /// <summary>By which servers behind APIServices know that a user's name in a header is ours to give.</summary>
    public static readonly CertificateSubject FrontProxy = new("front-proxy-client");

    /// <summary>A node, as the Node authorizer knows it.</summary>
    public static CertificateSubject Node(string name) => new($"system:node:{name}", "system:nodes");

    internal X500DistinguishedName ToDistinguishedName()
    {
        var builder = new X500DistinguishedNameBuilder();
        foreach (var group in Groups)
        {
            builder.AddOrganizationName(group);
        }

        builder.AddCommonName(User);
        return builder.Build();
    }
}
