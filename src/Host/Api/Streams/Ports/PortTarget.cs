using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Host.Api.Streams.Ports;

/// <summary>The pod whose ports are forwarded, and the way to it.</summary>
internal sealed class PortTarget(INodeStreams nodes, StoredObject node, V1Pod pod)
{
    /// <summary>One connection; where none can be made, its reason as the client is told it.</summary>
    public async Task<(NodeConnection? Connection, string Reason)> ConnectAsync(int port, CancellationToken cancellation)
    {
        var path = $"/portForward/{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}?uid={Uri.EscapeDataString(pod.Metadata.Uid ?? "")}&port={port}";
        try
        {
            var connection = await nodes.ConnectAsync(node, path, cancellation).ConfigureAwait(false);
            if (connection.IsOpen)
            {
                return (connection, "");
            }

            await using (connection)
            {
                return (null, Failure(port, await connection.ReasonAsync(cancellation).ConfigureAwait(false)));
            }
        }
        catch (HttpRequestException unreachable)
        {
            return (null, Failure(port, $"error dialing backend: {unreachable.GetBaseException().Message}"));
        }
    }

    public string Failure(int port, string why) => $"error forwarding port {port} to pod {pod.Metadata.Name}, uid {pod.Metadata.Uid}: {why}";
}
