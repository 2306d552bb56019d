using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;

namespace ActorOrchestrator.Actors.Resources.Webhooks;

/// <summary>A webhook could not be called or did not answer properly; the message is upstream's behind <c>failed to call webhook:</c>.</summary>
public sealed class WebhookCallException(string message, bool timedOut = false) : Exception(message)
{
    public bool TimedOut { get; } = timedOut;
}

/// <summary>
/// Calls webhooks over HTTPS with JSON. One pool of connections for each distinct target; pools of targets that are not used any more are closed.
/// </summary>
public sealed class WebhookCaller : IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024 * 1024;
    private const int MaxPools = 256;
    private static readonly HttpRequestOptionsKey<ClusterSnapshot> Cluster = new("cluster");

    private readonly ConcurrentDictionary<PoolKey, HttpClient> _pools = new();

    /// <param name="target">Whom to call.</param>
    /// <param name="body">What to send.</param>
    /// <param name="timeout">How long to wait in all.</param>
    /// <param name="cluster">Where services are looked up.</param>
    /// <param name="cancellation">The caller's own request has ended.</param>
    /// <exception cref="WebhookCallException">No proper answer in time.</exception>
    public async Task<JsonObject> PostAsync(WebhookTarget target, JsonObject body, TimeSpan timeout, ClusterSnapshot cluster, CancellationToken cancellation)
    {
        var seconds = (long)Math.Ceiling(timeout.TotalSeconds);
        var uri = new UriBuilder(target.Uri) { Query = target.Uri.Query.Length > 1 ? $"{target.Uri.Query[1..]}&timeout={seconds}s" : $"timeout={seconds}s" }.Uri;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(timeout);
        using var request = new HttpRequestMessage(HttpMethod.Post, uri);
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, ObjectWriter.Relaxed));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.ParseAdd("application/json");
        request.Options.Set(Cluster, cluster);
        try
        {
            using var response = await PoolOf(target).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
            var bytes = await ReadAsync(response, patience.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? Parse(bytes) : throw new WebhookCallException(Explain(response, bytes));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new WebhookCallException($"Post \"{uri}\": context deadline exceeded", timedOut: true);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or AuthenticationException or SocketException or ServiceResolutionException)
        {
            throw new WebhookCallException($"Post \"{uri}\": {Reason(exception, uri)}");
        }
    }

    public void Dispose()
    {
        foreach (var pool in _pools.Values)
        {
            pool.Dispose();
        }
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        for (int read; (read = await stream.ReadAsync(chunk, cancellation).ConfigureAwait(false)) > 0;)
        {
            buffer.Write(chunk, 0, read);
            if (buffer.Length > MaxAnswerBytes)
            {
                throw new WebhookCallException($"the answer has more than {MaxAnswerBytes} bytes");
            }
        }

        return buffer.ToArray();
    }

    private static JsonObject Parse(byte[] bytes)
    {
        try
        {
            return JsonNode.Parse(bytes) as JsonObject ?? throw new WebhookCallException("couldn't get version/kind; json parse error: the answer is no object");
        }
        catch (JsonException malformed)
        {
            throw new WebhookCallException($"couldn't get version/kind; json parse error: {malformed.Message}");
        }
    }

    /// <summary>In client-go's words.</summary>
    private static string Explain(HttpResponseMessage response, byte[] bytes)
    {
        var text = System.Text.Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 2048))).Trim();
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound => "the server could not find the requested resource",
            HttpStatusCode.Unauthorized => "the server has asked for the client to provide credentials",
            HttpStatusCode.Forbidden => "forbidden",
            HttpStatusCode.MethodNotAllowed => "the server does not allow this method on the requested resource",
            HttpStatusCode.TooManyRequests => "the server has received too many requests and has asked us to try again later",
            HttpStatusCode.BadRequest => "the server rejected our request for an unknown reason",
            HttpStatusCode.UnprocessableEntity => "the server rejected our request due to an error in our request",
            HttpStatusCode.Conflict => "the server reported a conflict",
            HttpStatusCode.ServiceUnavailable => "the server is currently unable to handle the request",
            >= HttpStatusCode.InternalServerError => $"an error on the server (\"{text}\") has prevented the request from succeeding",
            _ => $"the server responded with the status code {(int)response.StatusCode} but did not return more information",
        };
    }

    private static string Reason(Exception exception, Uri uri)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case ServiceResolutionException:
                    return inner.Message;
                case AuthenticationException:
                    return $"tls: failed to verify certificate: {inner.Message}";
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return $"dial tcp {uri.Host}:{uri.Port}: connect: connection refused";
            }
        }

        return exception.Message;
    }

    private HttpClient PoolOf(WebhookTarget target)
    {
        if (_pools.Count > MaxPools)
        {
            // Dropped pools finish what they do; their idle connections time out by themselves.
            _pools.Clear();
        }

        return _pools.GetOrAdd(new PoolKey(target.Uri.Host, target.Uri.Port, target.CaBundle, target.Service is not null), static (_, wanted) => Open(wanted), target);
    }

    private static HttpClient Open(WebhookTarget target)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectCallback = (context, cancellation) => ConnectAsync(target, context, cancellation),
        };
        handler.SslOptions.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        if (target.CaBundle.Length > 0)
        {
            // An unreadable bundle trusts nobody, and the call fails with the reason that the handshake gives.
            var authorities = CertificateBundle.Read(target.CaBundle);
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => CertificateBundle.Trusts(authorities, certificate, errors, chain);
        }

        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private static async ValueTask<Stream> ConnectAsync(WebhookTarget target, SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var place = context.InitialRequestMessage.Options.TryGetValue(Cluster, out var cluster) ? target.Resolve(cluster) : new DnsEndPoint(target.Uri.DnsSafeHost, target.Uri.Port);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(place, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private readonly record struct PoolKey(string Host, int Port, string CaBundle, bool IsService);
}
