using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Streams;

/// <summary>The way to a node's own HTTPS endpoint, which streams what remoting must not carry.</summary>
public interface INodeStreams
{
    /// <summary>Opens a GET on a node; the answer's headers have arrived when it returns, its body streams.</summary>
    /// <param name="node">The Node object, which says where its endpoint is.</param>
    /// <param name="pathAndQuery">Such as <c>/containerLogs/ns/pod/container?follow=true</c>.</param>
    /// <param name="cancellation">Ends the stream too.</param>
    /// <exception cref="HttpRequestException">The node does not answer.</exception>
    Task<HttpResponseMessage> OpenAsync(StoredObject node, string pathAndQuery, CancellationToken cancellation);
}
