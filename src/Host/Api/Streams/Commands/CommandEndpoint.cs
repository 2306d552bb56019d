using System.Net.WebSockets;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.WebSockets;
using ActorOrchestrator.Host.NodeEndpoint.Sessions;
using k8s.Models;

namespace ActorOrchestrator.Host.Api.Streams.Commands;

/// <summary><c>pods/exec</c> and <c>pods/attach</c>, once it is known which container of which node is meant.</summary>
internal sealed class CommandEndpoint(INodeStreams nodes, ApiSettings settings, TimeProvider time)
{
    /// <param name="http">The request, which wants to become something else.</param>
    /// <param name="node">Where the pod runs.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="container">Its container.</param>
    /// <param name="attaches">Rather than starting a command.</param>
    /// <exception cref="ApiException">What is asked for makes no sense.</exception>
    public Task ServeAsync(HttpContext http, StoredObject node, V1Pod pod, string container, bool attaches)
    {
        var start = CommandOptions.Read(http.Request.Query, attaches);
        var path = $"/{(attaches ? "attach" : "exec")}/{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}/{container}?uid={Uri.EscapeDataString(pod.Metadata.Uid ?? "")}";
        return WebSocketUpgrade.IsAsked(http)
            ? WebSocketUpgrade.ServeAsync(http, ChannelProtocol.Names, socket => ServeSocketAsync(http, socket, node, path, start))
            : throw ApiException.BadRequest("Upgrade request required");
    }

    /// <summary>The handshake comes first here: what fails later is told as the status of the command.</summary>
    private async Task ServeSocketAsync(HttpContext http, WebSocket socket, StoredObject node, string path, SessionStart start)
    {
        using var idle = new IdleTimeout(settings.StreamIdleTimeout, time);
        using var channels = new ChannelSocket(socket, ChannelProtocol.Of(socket.SubProtocol));
        var client = new ChannelClient(channels, start.Streams);
        var aborted = http.RequestAborted;
        try
        {
            await client.GreetAsync(aborted).ConfigureAwait(false);
            await using var connection = await nodes.ConnectAsync(node, path, aborted).ConfigureAwait(false);
            await (connection.IsOpen
                ? CommandRelay.RunAsync(client, connection, start, idle, aborted)
                : CommandRelay.RefuseAsync(client, $"unable to upgrade connection: {await connection.ReasonAsync(aborted).ConfigureAwait(false)}", idle, aborted)).ConfigureAwait(false);
        }
        catch (HttpRequestException unreachable)
        {
            await CommandRelay.RefuseAsync(client, $"error dialing backend: {unreachable.GetBaseException().Message}", idle, aborted).ConfigureAwait(false);
        }
        catch (Exception left) when (left is WebSocketException or OperationCanceledException && aborted.IsCancellationRequested)
        {
            // The client left before anything was begun.
        }
    }
}
