using System.Net.WebSockets;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Streams.Spdy;
using ActorOrchestrator.Host.Api.WebSockets;
using ActorOrchestrator.Host.NodeEndpoint;
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
            : SpdyUpgrade.IsAsked(http) ? ServeSpdyAsync(http, node, path, start)
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

    /// <summary>Here the node is asked first: what fails is told as the answer to the request, and nothing becomes anything else.</summary>
    private async Task ServeSpdyAsync(HttpContext http, StoredObject node, string path, SessionStart start)
    {
        if (await SpdyUpgrade.NegotiateAsync(http, SpdyClient.Protocols).ConfigureAwait(false) is not { } protocol)
        {
            return;
        }

        var aborted = http.RequestAborted;
        NodeConnection connection;
        try
        {
            connection = await nodes.ConnectAsync(node, path, aborted).ConfigureAwait(false);
        }
        catch (HttpRequestException unreachable)
        {
            await StatusWriter.WriteAsync(http, ApiStatus.InternalError($"error dialing backend: {unreachable.GetBaseException().Message}")).ConfigureAwait(false);
            return;
        }

        await using (connection)
        {
            if (!connection.IsOpen)
            {
                await PlainAnswer.WriteAsync(http, StatusCodes.Status500InternalServerError, await connection.ReasonAsync(aborted).ConfigureAwait(false)).ConfigureAwait(false);
                return;
            }

            using var idle = new IdleTimeout(settings.StreamIdleTimeout, time);
            using var gone = CancellationTokenSource.CreateLinkedTokenSource(aborted, idle.Token);
            var transport = await SpdyUpgrade.AcceptAsync(http, protocol).ConfigureAwait(false);
            await using var session = new SpdySession(transport, time);
            var client = new SpdyClient(start.Streams, SpdyClient.VersionOf(protocol));
            var running = session.RunAsync(client.Accept, gone.Token);
            try
            {
                using var patience = new CancellationTokenSource(settings.StreamCreationTimeout, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(gone.Token, patience.Token);
                await client.OpenedAsync(running, either.Token).ConfigureAwait(false);
                await CommandRelay.RunAsync(client, connection, start, idle, gone.Token).ConfigureAwait(false);
            }
            catch (Exception left) when (left is OperationCanceledException or IOException or System.Threading.Channels.ChannelClosedException)
            {
                // It left, or never opened what it asked for.
            }

            await session.CloseAsync().ConfigureAwait(false);
            await gone.CancelAsync().ConfigureAwait(false);
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
