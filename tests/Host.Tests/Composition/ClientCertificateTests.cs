using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorOrchestrator.Actors.Access.Certificates;
using ActorOrchestrator.Host.Api.Authentication;
using ActorOrchestrator.Host.Certificates;
using ActorOrchestrator.TestSupport;
using Microsoft.AspNetCore.Http;

namespace ActorOrchestrator.Host.Tests.Composition;

/// <summary>Which client certificates say who somebody is. One that does not hold is a 401, not a broken handshake.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly CertificateAuthority _authority;

    public ClientCertificateTests() => _authority = CertificateAuthority.Create(_time);

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task The_authoritys_own_are_their_subjects() =>
        Assert.Equal("system:masters", (await AskAsync(_authority.IssueClient(CertificateSubject.Admin))).User!.Groups[0]);

    [Fact]
    public async Task Those_of_another_authority_are_nobodys()
    {
        using var other = CertificateAuthority.Create(_time);
        var answer = await AskAsync(other.IssueClient(CertificateSubject.Admin));
        Assert.Null(answer.User);
        Assert.True(answer.IsRefused);
    }

    [Fact]
    public async Task Those_that_are_for_servers_alone_are_nobodys()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var asked = new CertificateRequest("CN=kubernetes-admin, O=system:masters", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var issued = _authority.Sign(new CertificateRequestText(asked, "kubernetes-admin", ["system:masters"], [], [], false), ["digital signature", "server auth"], null);
        Assert.True((await AskAsync(X509Certificate2.CreateFromPem(issued))).IsRefused);
    }

    [Fact]
    public async Task One_that_expires_while_its_connection_is_open_holds_no_longer()
    {
        var authenticator = new CertificateAuthenticator(new ClientAuthorities([_authority.Certificate]), _time);
        var context = new DefaultHttpContext();
        context.Connection.ClientCertificate = _authority.IssueClient(CertificateSubject.Admin);
        Assert.NotNull((await authenticator.AuthenticateAsync(context)).User);
        _time.Advance(TimeSpan.FromDays(36500));
        Assert.True((await authenticator.AuthenticateAsync(context)).IsRefused);
    }

    private ValueTask<AuthenticationResult> AskAsync(X509Certificate2 certificate)
    {
        var context = new DefaultHttpContext();
        context.Connection.ClientCertificate = certificate;
        return new CertificateAuthenticator(new ClientAuthorities([_authority.Certificate]), _time).AuthenticateAsync(context);
    }
}
