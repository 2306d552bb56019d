using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Access.Certificates;
using ActorOrchestrator.Host.Certificates;

namespace ActorOrchestrator.Host.Tests.Composition;

/// <summary>The cluster's authority signs what a CertificateSigningRequest asks for.</summary>
public sealed class CertificateSigningTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_key_of_either_kind_is_certified_as_it_asks(bool isRsa)
    {
        using var authority = CertificateAuthority.Create(TimeProvider.System);
        using AsymmetricAlgorithm key = isRsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var asked = key is RSA rsa
            ? new CertificateRequest("O=dev,CN=bob", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("O=dev,CN=bob", (ECDsa)key, HashAlgorithmName.SHA256);
        var request = CertificateRequestText.Read(Object(asked.CreateSigningRequestPem()))!;
        Assert.Equal(("bob", "dev"), (request.CommonName, Assert.Single(request.Organizations)));
        Assert.Null(CertificateSigners.Refuse(CertificateSigners.ApiClient, request, ["client auth"]));
        Assert.NotNull(CertificateSigners.Refuse(CertificateSigners.NodeClient, request, ["client auth"]));
        using var signed = X509Certificate2.CreateFromPem(authority.Sign(request, ["client auth"], TimeSpan.FromHours(1)));
        Assert.True(CertificateAuthority.Trusts(authority.Certificate, signed));
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), signed.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.Equal(asked.SubjectName.RawData, signed.SubjectName.RawData);
        Assert.InRange(signed.NotAfter.ToUniversalTime(), TimeProvider.System.GetUtcNow().UtcDateTime, TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(61));
    }

    [Fact]
    public void A_nodes_serving_certificate_has_the_names_it_asks_for()
    {
        using var authority = CertificateAuthority.Create(TimeProvider.System);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var asked = new CertificateRequest("O=system:nodes,CN=system:node:n1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("n1");
        names.AddIpAddress(System.Net.IPAddress.Parse("192.0.2.7"));
        asked.CertificateExtensions.Add(names.Build());
        var request = CertificateRequestText.Read(Object(asked.CreateSigningRequestPem()))!;
        Assert.Null(CertificateSigners.Refuse(CertificateSigners.NodeServing, request, ["digital signature", "server auth"]));
        using var signed = X509Certificate2.CreateFromPem(authority.Sign(request, ["digital signature", "server auth"], null));
        Assert.True(signed.MatchesHostname("n1") && signed.MatchesHostname("192.0.2.7"));
        Assert.NotNull(CertificateSigners.Refuse(CertificateSigners.NodeClient, request, ["client auth"]));
    }

    private static JsonObject Object(string pem) => new() { ["spec"] = new JsonObject { ["request"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(pem)) } };
}
