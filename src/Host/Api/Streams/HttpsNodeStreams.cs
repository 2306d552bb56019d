using System.Net;
using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Host.Api.Streams;

/// <summary>Over HTTPS, to the address and port that the node publishes in its status.</summary>
/// <param name="client">A client that trusts the cluster's authority and shows a certificate of the control plane; it must not time out a stream.</param>
public sealed class HttpsNodeStreams(HttpClient client) : INodeStreams
{
    private const int DefaultPort = 10250;

    public Task<HttpResponseMessage> OpenAsync(StoredObject node, string pathAndQuery, CancellationToken cancellation) =>
        client.SendAsync(new HttpRequestMessage(HttpMethod.Get, At(node, pathAndQuery)), HttpCompletionOption.ResponseHeadersRead, cancellation);

    public async Task<NodeConnection> ConnectAsync(StoredObject node, string pathAndQuery, CancellationToken cancellation)
    {
        var content = new OpenContent();

        // HTTP/2, because only there both bodies flow at once, each with its own end and its own brake.
        var request = new HttpRequestMessage(HttpMethod.Post, At(node, pathAndQuery)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content };
        HttpResponseMessage? answer = null;
        try
        {
            answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            var output = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            var input = answer.StatusCode == HttpStatusCode.OK ? await content.Opened.WaitAsync(cancellation).ConfigureAwait(false) : Stream.Null;
            return new NodeConnection((int)answer.StatusCode, input, output, content.End, answer.Dispose);
        }
        catch
        {
            content.End();
            answer?.Dispose();
            throw;
        }
    }

    private static Uri At(StoredObject node, string pathAndQuery)
    {
        var status = node.As<V1Node>().Status;
        var host = status?.Addresses?.FirstOrDefault(address => address.Type == "InternalIP")?.Address
            ?? status?.Addresses?.FirstOrDefault(address => address.Type == "Hostname")?.Address
            ?? throw new HttpRequestException($"node {node.Key.Name} has published no address");
        var port = status.DaemonEndpoints?.KubeletEndpoint?.Port ?? DefaultPort;
        var authority = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        return new Uri($"https://{authority}:{port}{pathAndQuery}");
    }

    /// <summary>A body that is written for as long as its writer has something to say.</summary>
    private sealed class OpenContent : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Stream> Opened => _opened.Task;

        public void End() => _ended.TrySetResult();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            // The request's headers wait to go along with the first of the body, which waits for the answer to them.
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            _opened.TrySetResult(stream);
            await _ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
