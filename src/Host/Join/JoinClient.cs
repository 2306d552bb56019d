using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using ActorOrchestrator.Host.Certificates;
using ActorOrchestrator.Host.Composition;

namespace ActorOrchestrator.Host.Join;

/// <summary>What a host that joined remembers, so that it needs no token again. <c>DATA/join.conf</c>.</summary>
public sealed record JoinedCluster(string ClusterId, string[] Seeds, string ClusterCidr, string ServiceCidr)
{
    public static JoinedCluster? Load(string file) => File.Exists(file) ? JsonSerializer.Deserialize<JoinedCluster>(File.ReadAllText(file)) : null;

    public void Save(string file) => PkiFolder.WritePrivate(file, JsonSerializer.Serialize(this));
}

/// <summary>The joining host's half of joining.</summary>
public static class JoinClient
{
    /// <summary>Joins once, or finds that this folder has joined before.</summary>
    /// <exception cref="HostException">No token, nobody there, another cluster than the token's, or a refusal.</exception>
    public static async Task<JoinedCluster> JoinAsync(OrchestratorOptions options, HostFolder folder, PkiFolder pki, CancellationToken cancellation)
    {
        if (JoinedCluster.Load(folder.JoinFile) is { } known && pki.Load("node") is not null)
        {
            return known;
        }

        var token = JoinToken.Parse(options.JoinToken ?? throw new HostException("--token is needed to join the first time; on a control host it is printed by: orchestrator token create"))
            ?? throw new HostException("--token is not one that orchestrator token create printed.");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=system:node:{options.NodeName}", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var authorityPem = await FetchAuthorityAsync(options.JoinAddress!, cancellation).ConfigureAwait(false);
        using var authority = X509Certificate2.CreateFromPem(authorityPem);
        if (CertificateAuthority.PinOf(authority) != token.Pin)
        {
            throw new HostException($"{options.JoinAddress} belongs to another cluster than the token.");
        }

        var reply = await AskAsync(options.JoinAddress!, authority, new JoinRequest(token.ToString(), options.NodeName, options.AdvertiseAddress.ToString(), request), cancellation).ConfigureAwait(false);
        pki.Write("ca", authorityPem, null);
        pki.Write("node", reply.Certificate, key.ExportPkcs8PrivateKeyPem());
        folder.AdoptClusterId(reply.ClusterId);
        var joined = new JoinedCluster(reply.ClusterId, reply.Seeds, reply.ClusterCidr, reply.ServiceCidr);
        joined.Save(folder.JoinFile);
        return joined;
    }

    /// <summary>Asked of whoever answers: what comes back counts only when its key is the one that the token pins.</summary>
    private static async Task<string> FetchAuthorityAsync(string address, CancellationToken cancellation)
    {
        using var client = Client((_, _) => true);
        return await Reached(address, async () =>
        {
            using var response = await client.GetAsync($"https://{address}{JoinEndpoint.AuthorityPath}", cancellation).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false)
                : throw new HostException($"{address} is not a control host of an orchestrator: it answered {(int)response.StatusCode}.");
        }, cancellation).ConfigureAwait(false);
    }

    private static async Task<JoinReply> AskAsync(string address, X509Certificate2 authority, JoinRequest request, CancellationToken cancellation)
    {
        using var client = Client((certificate, errors) => certificate is not null && (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == 0 && CertificateAuthority.Trusts(authority, certificate));
        return await Reached(address, async () =>
        {
            using var response = await client.PostAsJsonAsync($"https://{address}{JoinEndpoint.Path}", request, cancellation).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? await response.Content.ReadFromJsonAsync<JoinReply>(cancellation).ConfigureAwait(false) ?? throw new HostException($"{address} answered nothing.")
                : throw new HostException($"{address} does not let this host join: {await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false)}");
        }, cancellation).ConfigureAwait(false);
    }

    private static async Task<T> Reached<T>(string address, Func<Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is HttpRequestException or TaskCanceledException or UriFormatException && !cancellation.IsCancellationRequested)
        {
            throw new HostException($"{address} cannot be asked: {failed.GetBaseException().Message}", failed);
        }
    }

    private static HttpClient Client(Func<X509Certificate2?, SslPolicyErrors, bool> accepts) => new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, errors) => accepts(certificate as X509Certificate2, errors) },
    })
    {
        Timeout = TimeSpan.FromSeconds(20),
    };
}
