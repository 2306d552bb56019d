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

    /// <summary>Begins a conversation with a node: a POST of which both bodies stream at the same time.</summary>
    /// <param name="node">The Node object, which says where its endpoint is.</param>
    /// <param name="pathAndQuery">Such as <c>/exec/ns/pod/container</c>.</param>
    /// <param name="cancellation">Ends the wait for the node's answer; what follows is ended by disposing it.</param>
    /// <exception cref="HttpRequestException">The node does not answer.</exception>
    Task<NodeConnection> ConnectAsync(StoredObject node, string pathAndQuery, CancellationToken cancellation);
}
