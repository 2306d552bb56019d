using System.Globalization;
using System.Net.WebSockets;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Streams.Commands;
using ActorOrchestrator.Host.Api.Streams.Spdy;
using ActorOrchestrator.Host.Api.WebSockets;
using k8s.Models;

namespace ActorOrchestrator.Host.Api.Streams.Ports;

/// <summary>
/// <c>pods/portforward</c> in the three ways it is asked for: SPDY; SPDY inside the messages of a WebSocket (kubectl from 1.31 on); and a WebSocket with two channels
/// for each port that the query names, which browsers and other languages' libraries use.
/// </summary>
internal sealed class PortForwardEndpoint(INodeStreams nodes, ApiSettings settings, TimeProvider time)
{
    private const string Tunnel = "SPDY/3.1+portforward.k8s.io";
    private static readonly string[] Protocols = ["portforward.k8s.io"];
    private static readonly string[] SocketProtocols = [Tunnel, "v4.channel.k8s.io", "v4.base64.channel.k8s.io"];

    /// <exception cref="ApiException">What is asked for makes no sense.</exception>
    public Task ServeAsync(HttpContext http, StoredObject node, V1Pod pod)
    {
        var target = new PortTarget(nodes, node, pod);
        if (!WebSocketUpgrade.IsAsked(http))
        {
            return SpdyUpgrade.IsAsked(http) ? ServeSpdyAsync(http, target) : throw ApiException.BadRequest("Upgrade request required");
        }

        // A tunnel's ports come with its streams; the others are in the query and must be right before there is a socket.
        var tunnels = http.Request.Headers.SecWebSocketProtocol.ToString().Contains(Tunnel, StringComparison.Ordinal);
        var ports = tunnels ? [] : PortsOf(http.Request.Query);
        return WebSocketUpgrade.ServeAsync(http, SocketProtocols, socket => http.Response.Headers.SecWebSocketProtocol == Tunnel ? ServeTunnelAsync(http, socket, target) : ServeChannelsAsync(http, socket, ports, target));
    }

    private async Task ServeSpdyAsync(HttpContext http, PortTarget target)
    {
        if (await SpdyUpgrade.NegotiateAsync(http, Protocols).ConfigureAwait(false) is { } protocol)
        {
            await RunAsync(await SpdyUpgrade.AcceptAsync(http, protocol).ConfigureAwait(false), target, http.RequestAborted).ConfigureAwait(false);
        }
    }

    private async Task ServeTunnelAsync(HttpContext http, WebSocket socket, PortTarget target)
    {
        await using var transport = WebSocketStream.Create(socket, WebSocketMessageType.Binary, closeTimeout: TimeSpan.FromSeconds(2));
        await RunAsync(transport, target, http.RequestAborted).ConfigureAwait(false);
    }

    private async Task RunAsync(Stream transport, PortTarget target, CancellationToken aborted)
    {
        using var idle = new IdleTimeout(settings.StreamIdleTimeout, time);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(aborted, idle.Token);
        await using var session = new SpdySession(transport, time);
        using var forwards = new SpdyForwards(target, idle, settings.StreamCreationTimeout, time, gone.Token);
        try
        {
            await session.RunAsync(forwards.Accept, gone.Token).ConfigureAwait(false);
        }
        catch (Exception left) when (left is OperationCanceledException or IOException or WebSocketException)
        {
            // The client has left, was silent for too long, or does not speak SPDY.
        }

        await gone.CancelAsync().ConfigureAwait(false);
        await forwards.EndedAsync().ConfigureAwait(false);
    }

    private async Task ServeChannelsAsync(HttpContext http, WebSocket socket, int[] ports, PortTarget target)
    {
        using var idle = new IdleTimeout(settings.StreamIdleTimeout, time);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, idle.Token);
        using var channels = new ChannelSocket(socket, ChannelProtocol.Of(socket.SubProtocol));
        var forwards = new ChannelForwards(channels, ports, target, idle);
        try
        {
            await forwards.RunAsync(gone).ConfigureAwait(false);
        }
        catch (Exception left) when (left is OperationCanceledException or IOException or WebSocketException or ObjectDisposedException)
        {
            // The client has left.
        }
    }

    /// <exception cref="ApiException">400 with the kubelet's words.</exception>
    private static int[] PortsOf(IQueryCollection query)
    {
        if (query["ports"] is not { Count: > 0 } asked)
        {
            throw ApiException.BadRequest("query parameter \"port\" is required");
        }

        return [.. asked.SelectMany(text => (text ?? "").Split(',')).Select(PortOf)];
    }

    /// <exception cref="ApiException">400 with the kubelet's words.</exception>
    private static int PortOf(string text) => !ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        ? throw ApiException.BadRequest($"unable to parse \"{text}\" as a port: strconv.ParseUint: parsing \"{text}\": invalid syntax")
        : port > 0 ? port : throw ApiException.BadRequest($"port \"{text}\" must be > 0");
}
