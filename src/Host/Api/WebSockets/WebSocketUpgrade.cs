using System.Net.WebSockets;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.Options;

namespace ActorOrchestrator.Host.Api.WebSockets;

/// <summary>
/// A request that wants to become a WebSocket: by <c>Upgrade: websocket</c> over HTTP/1.1, by an extended CONNECT over HTTP/2. Only the endpoints that can be one
/// look, so that other requests pay nothing for it.
/// </summary>
internal static class WebSocketUpgrade
{
    /// <summary>
    /// How often the client hears from the server, whatever either has to say: it finds connections that are dead, and it counts as life for kubectl, which gives up after a minute
    /// in which its pings were not answered, as they are not while what it sends is not taken.
    /// </summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    private const string TokenProtocol = "base64url.bearer.authorization.k8s.io.";

    public static bool IsAsked(HttpContext context)
    {
        if (HttpMethods.IsConnect(context.Request.Method))
        {
            return context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" };
        }

        var headers = context.Request.Headers;
        return headers.Upgrade.Count > 0
            && string.Equals(headers.Upgrade.ToString(), "websocket", StringComparison.OrdinalIgnoreCase)
            && headers.Connection.ToString().Contains("upgrade", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Shakes hands and hands the socket on. The subprotocol is the first that is offered and carries no token; a token never goes back.</summary>
    /// <exception cref="ApiException">400: not a handshake.</exception>
    public static Task ServeAsync(HttpContext context, Func<WebSocket, Task> serve) => ServeAsync(context, [], serve);

    /// <param name="context">The request.</param>
    /// <param name="known">The subprotocols of which one must be chosen if any is offered; empty for any.</param>
    /// <param name="serve">What is done with the socket.</param>
    /// <exception cref="ApiException">400: not a handshake; 403: no subprotocol that is known.</exception>
    public static Task ServeAsync(HttpContext context, string[] known, Func<WebSocket, Task> serve)
    {
        var offered = context.Request.Headers.SecWebSocketProtocol.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var chosen = Array.Find(offered, protocol => !protocol.StartsWith(TokenProtocol, StringComparison.Ordinal));
        if (offered.Length > 0 && chosen is null)
        {
            throw new ApiException(ApiStatus.BadRequest("missing additional subprotocol"));
        }

        if (chosen is not null && known.Length > 0)
        {
            // The token is no protocol to choose: what is left of the offer is what counts.
            string[] left = [.. offered.Where(protocol => !protocol.StartsWith(TokenProtocol, StringComparison.Ordinal))];
            chosen = Array.Find(left, protocol => known.Contains(protocol)) ?? throw new ApiException(new ApiStatus(
                403, "Forbidden", $"requested protocol(s) are not supported: [{string.Join(' ', left)}]; supports [ {string.Join(' ', known)}]"));
        }

        var handshake = new WebSocketMiddleware(
            async upgrading =>
            {
                if (!upgrading.WebSockets.IsWebSocketRequest)
                {
                    throw new ApiException(ApiStatus.BadRequest("the WebSocket handshake is malformed"));
                }

                // A name with a slash, which the RFC does not allow and Kubernetes has, is told by hand: the library would refuse it.
                var isToken = chosen?.Contains('/', StringComparison.Ordinal) != true;
                if (!isToken)
                {
                    upgrading.Response.Headers.SecWebSocketProtocol = chosen;
                }

                using var socket = await upgrading.WebSockets.AcceptWebSocketAsync(
                    new WebSocketAcceptContext { SubProtocol = isToken ? chosen : null, KeepAliveInterval = KeepAlive }).ConfigureAwait(false);
                await serve(socket).ConfigureAwait(false);
            },
            Options.Create(new WebSocketOptions()),
            context.RequestServices.GetRequiredService<ILoggerFactory>());
        return handshake.Invoke(context);
    }
}
