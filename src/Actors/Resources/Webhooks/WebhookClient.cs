using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;

namespace ActorOrchestrator.Actors.Resources.Webhooks;

/// <summary>A webhook could not be asked, or its answer not be read.</summary>
public sealed class WebhookException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Asks webhooks over HTTPS: by URL, or by a Service whose endpoints are found in the cluster's state. What is trusted is the bundle that the
/// configuration gives, else the machine's roots.
/// </summary>
public sealed class WebhookClient(IClusterReader reader)
{
    private const int MaxClients = 256;
    private const long MaxAnswer = 64 * 1024 * 1024;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, HttpClient> _clients = new(StringComparer.Ordinal);

    /// <summary>Sends a JSON document and reads the answer as one.</summary>
    /// <param name="config">A <c>clientConfig</c>: <c>url</c> or <c>service</c>, and <c>caBundle</c>.</param>
    /// <param name="body">What is sent.</param>
    /// <param name="timeout">For the whole of it.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="WebhookException">It did not answer, or not with a JSON object.</exception>
    public async Task<JsonObject> CallAsync(JsonObject config, JsonObject body, TimeSpan timeout, CancellationToken cancellation)
    {
        var url = UrlOf(config);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(timeout);
        try
        {
            using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, ObjectWriter.Relaxed));
            content.Headers.ContentType = new("application/json");
            using var response = await ClientFor(config).PostAsync(url, content, patience.Token).ConfigureAwait(false);
            var bytes = await response.Content.ReadAsByteArrayAsync(patience.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                throw new WebhookException($"Post \"{url}\": the server answered {(int)response.StatusCode}: {Shortened(bytes)}");
            }

            return JsonNode.Parse(bytes) as JsonObject ?? throw new WebhookException($"Post \"{url}\": the answer is no JSON object");
        }
        catch (HttpRequestException failed)
        {
            throw new WebhookException($"Post \"{url}\": {failed.GetBaseException().Message}", failed);
        }
        catch (JsonException malformed)
        {
            throw new WebhookException($"Post \"{url}\": couldn't get version/kind; json parse error: {malformed.Message}", malformed);
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new WebhookException($"Post \"{url}\": context deadline exceeded", late);
        }
    }

    private static Uri UrlOf(JsonObject config)
    {
        if (config.Object("service") is { } service)
        {
            var path = JsonNodes.Text(service, "path").TrimStart('/');
            return new Uri($"https://{JsonNodes.Text(service, "name")}.{JsonNodes.Text(service, "namespace")}.svc:{JsonNodes.Number(service, "port") ?? 443}/{path}");
        }

        return Uri.TryCreate(JsonNodes.Text(config, "url"), UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps
            ? url
            : throw new WebhookException($"\"{JsonNodes.Text(config, "url")}\" is no https URL");
    }

    private HttpClient ClientFor(JsonObject config)
    {
        var bundle = JsonNodes.Text(config, "caBundle");
        var service = config.Object("service");
        var key = $"{(service is null ? "" : $"{JsonNodes.Text(service, "namespace")}/{JsonNodes.Text(service, "name")}")} {Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(bundle)))}";
        if (_clients.TryGetValue(key, out var known))
        {
            return known;
        }

        // Configurations come and go; what is not used any more is made again if it ever is.
        if (_clients.Count >= MaxClients)
        {
            _clients.Clear();
        }

        return _clients.GetOrAdd(key, _ => new HttpClient(Handler(bundle, service is null ? null : (JsonObject)service.DeepClone()))
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswer,
        });
    }

    private SocketsHttpHandler Handler(string bundle, JsonObject? service)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            SslOptions = new SslClientAuthenticationOptions { EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 },
        };
        if (CertificateBundle.Read(bundle) is { Count: > 0 } roots)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) => CertificateBundle.Trusts(roots, certificate, errors);
        }

        if (service is not null)
        {
            handler.ConnectCallback = (_, cancellation) => ConnectAsync(service, cancellation);
        }

        return handler;
    }

    private async ValueTask<Stream> ConnectAsync(JsonObject service, CancellationToken cancellation)
    {
        var port = (int)(JsonNodes.Number(service, "port") ?? 443);
        var target = ServiceEndpoints.Resolve(reader.Current, JsonNodes.Text(service, "namespace"), JsonNodes.Text(service, "name"), port, out var problem)
            ?? throw new HttpRequestException(problem);
        return await ConnectAsync(target, cancellation).ConfigureAwait(false);
    }

    internal static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Shortened(byte[] bytes) => Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 512)));
}
