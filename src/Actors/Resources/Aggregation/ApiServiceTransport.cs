using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Webhooks;

namespace ActorOrchestrator.Actors.Resources.Aggregation;

/// <summary>
/// Connections to the servers behind APIServices: to one of the Service's endpoints, over TLS by the Service's name, with a client certificate by
/// which they know that the user's name in the headers is ours to give.
/// </summary>
/// <param name="reader">Where endpoints are looked up.</param>
/// <param name="own">The client certificate; null shows none.</param>
public sealed class ApiServiceTransport(IClusterReader reader, X509Certificate2? own)
{
    private const int MaxInvokers = 256;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<Target, HttpMessageInvoker> _invokers = new();

    /// <summary>Kept for as long as the APIService says the same of its server.</summary>
    public HttpMessageInvoker For(RemoteApiService service)
    {
        var target = new Target(service.Namespace, service.Service, service.Port, service.Bundle, service.Insecure);
        if (_invokers.TryGetValue(target, out var known))
        {
            return known;
        }

        // APIServices come and go; what is not used any more is made again if it ever is.
        if (_invokers.Count >= MaxInvokers)
        {
            _invokers.Clear();
        }

        return _invokers.GetOrAdd(target, Make);
    }

    private HttpMessageInvoker Make(Target target)
    {
        var tls = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            TargetHost = $"{target.Service}.{target.Namespace}.svc",
        };
        if (own is not null)
        {
            tls.LocalCertificateSelectionCallback = (_, _, _, _, _) => own;
            tls.ClientCertificates = [own];
        }

        if (target.Insecure)
        {
            tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        }
        else if (CertificateBundle.Read(target.Bundle) is { Count: > 0 } roots)
        {
            tls.RemoteCertificateValidationCallback = (_, certificate, _, errors) => CertificateBundle.Trusts(roots, certificate, errors);
        }

        return new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            RequestHeaderEncodingSelector = (name, _) => IsOfTheUser(name) ? new RepeatedHeaderEncoding(name) : null,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            SslOptions = tls,
            ConnectCallback = (_, cancellation) =>
            {
                var endpoint = ServiceEndpoints.Resolve(reader.Current, target.Namespace, target.Service, target.Port, out var problem)
                    ?? throw new HttpRequestException(problem);
                return ConnectAsync(endpoint, cancellation);
            },
        });
    }

    private static bool IsOfTheUser(string header) =>
        header.Equals("X-Remote-Group", StringComparison.OrdinalIgnoreCase) || header.StartsWith("X-Remote-Extra-", StringComparison.OrdinalIgnoreCase);

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed record Target(string Namespace, string Service, int Port, string Bundle, bool Insecure);
}
