using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using ActorOrchestrator.Actors.NodeAgent.Probes;

namespace ActorOrchestrator.Host.Engine;

/// <summary>Probes over the network. No connection is kept between probes, as the kubelet does: a probe is to prove that a new one can be made.</summary>
public sealed class NetworkProber : IProber, IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        UseCookies = false,
        UseProxy = false,
        MaxAutomaticRedirections = 10,
        PooledConnectionLifetime = TimeSpan.Zero,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public void Dispose() => _client.Dispose();

    public async Task<ProbeOutcome> HttpAsync(HttpProbe probe, CancellationToken cancellation = default)
    {
        var uri = $"{probe.Scheme.ToLowerInvariant()}://{Bracketed(probe.Host)}:{probe.Port}{probe.Path}";
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.ConnectionClose = true;
            request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.34");
            request.Headers.TryAddWithoutValidation("Accept", "*/*");
            foreach (var (name, value) in probe.Headers)
            {
                request.Headers.Remove(name);
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            var status = (int)response.StatusCode;
            return status is >= 200 and < 400 ? new ProbeOutcome(true, "") : new ProbeOutcome(false, $"HTTP probe failed with statuscode: {status}");
        }
        catch (Exception failed) when (failed is HttpRequestException or UriFormatException or IOException)
        {
            return new ProbeOutcome(false, $"Get \"{uri}\": {Reason(failed, probe.Host, probe.Port)}");
        }
    }

    public async Task<ProbeOutcome> TcpAsync(string host, int port, CancellationToken cancellation = default)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(host, port, cancellation);
            return new ProbeOutcome(true, "");
        }
        catch (SocketException failed)
        {
            return new ProbeOutcome(false, Reason(failed, host, port));
        }
    }

    public async Task<ProbeOutcome> GrpcAsync(string host, int port, string service, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{Bracketed(host)}:{port}/grpc.health.v1.Health/Check")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(CheckRequest(service)),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        try
        {
            using var response = await _client.SendAsync(request, cancellation);
            var body = await response.Content.ReadAsByteArrayAsync(cancellation);
            // A HealthCheckResponse is field 1, a varint; 1 is SERVING.
            return body is [0, _, _, _, _, 8, 1, ..]
                ? new ProbeOutcome(true, "")
                : new ProbeOutcome(false, $"service unhealthy (responded with \"{(body.Length > 6 && body[6] == 2 ? "NOT_SERVING" : "UNKNOWN")}\")");
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException)
        {
            return new ProbeOutcome(false, $"timeout: failed to connect service \"{host}:{port}\": {Reason(failed, host, port)}");
        }
    }

    /// <summary>A gRPC message (no compression, its length) with a HealthCheckRequest, whose field 1 is the service.</summary>
    private static byte[] CheckRequest(string service)
    {
        var name = Encoding.UTF8.GetBytes(service);
        byte[] message = name.Length == 0 ? [] : [10, (byte)name.Length, .. name];
        var framed = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed, 5);
        return framed;
    }

    private static string Reason(Exception failed, string host, int port) => failed.GetBaseException() switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => $"dial tcp {Bracketed(host)}:{port}: connect: connection refused",
        SocketException { SocketErrorCode: SocketError.HostUnreachable } => $"dial tcp {Bracketed(host)}:{port}: connect: no route to host",
        SocketException { SocketErrorCode: SocketError.ConnectionReset } => "read: connection reset by peer",
        HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } => "EOF",
        var other => other.Message,
    };

    private static string Bracketed(string host) => host.Contains(':') ? $"[{host}]" : host;
}
