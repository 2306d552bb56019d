using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Host.Api.Authentication.Tokens;
using ActorOrchestrator.Host.Certificates;

namespace ActorOrchestrator.Host.Composition;

/// <summary>Where this host's node gets its pods' tokens: from the issuer in this process when it has the key, otherwise from a control host's API.</summary>
internal sealed class NodeTokens : IDisposable
{
    private readonly HttpClient? _client;

    public NodeTokens(OrchestratorOptions options, HostIdentity identity, TokenIssuer? issuer, IClusterReader reader)
    {
        if (issuer is not null)
        {
            Source = new LocalServiceAccountTokens(issuer, options.NodeName);
            return;
        }

        _client = ClientOf(identity);
        Source = new RemoteServiceAccountTokens(_client, reader, options.JoinAddress ?? "");
    }

    public IServiceAccountTokens Source { get; }

    public void Dispose() => _client?.Dispose();

    /// <summary>Shows the node's certificate, and talks to nobody but the control plane.</summary>
    private static HttpClient ClientOf(HostIdentity identity) => new(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(5),
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificates = [identity.Node],
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 shown
                && CertificateAuthority.Trusts(identity.AuthorityCertificate, shown)
                && shown.GetNameInfo(X509NameType.SimpleName, forIssuer: false) == CertificateSubject.ApiServer.User,
        },
    })
    {
        Timeout = TimeSpan.FromSeconds(10),
    };
}
