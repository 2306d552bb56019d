using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Host.Api.Streams;

/// <summary>Over HTTPS, to the address and port that the node publishes in its status.</summary>
/// <param name="client">A client that trusts the cluster's authority and shows a certificate of the control plane; it must not time out a stream.</param>
public sealed class HttpsNodeStreams(HttpClient client) : INodeStreams
{
    private const int DefaultPort = 10250;

    public Task<HttpResponseMessage> OpenAsync(StoredObject node, string pathAndQuery, CancellationToken cancellation)
    {
        var status = node.As<V1Node>().Status;
        var host = status?.Addresses?.FirstOrDefault(address => address.Type == "InternalIP")?.Address
            ?? status?.Addresses?.FirstOrDefault(address => address.Type == "Hostname")?.Address
            ?? throw new HttpRequestException($"node {node.Key.Name} has published no address");
        var port = status.DaemonEndpoints?.KubeletEndpoint?.Port ?? DefaultPort;
        var authority = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        var request = new HttpRequestMessage(HttpMethod.Get, $"https://{authority}:{port}{pathAndQuery}");
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }
}
