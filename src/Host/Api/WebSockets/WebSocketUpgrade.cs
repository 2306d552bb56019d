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
    public static Task ServeAsync(HttpContext context, Func<WebSocket, Task> serve)
    {
        var offered = context.Request.Headers.SecWebSocketProtocol.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var chosen = Array.Find(offered, protocol => !protocol.StartsWith(TokenProtocol, StringComparison.Ordinal));
        if (offered.Length > 0 && chosen is null)
        {
            throw new ApiException(ApiStatus.BadRequest("missing additional subprotocol"));
        }

        var handshake = new WebSocketMiddleware(
            async upgrading =>
            {
                if (!upgrading.WebSockets.IsWebSocketRequest)
                {
                    throw new ApiException(ApiStatus.BadRequest("the WebSocket handshake is malformed"));
                }

                using var socket = await upgrading.WebSockets.AcceptWebSocketAsync(chosen).ConfigureAwait(false);
                await serve(socket).ConfigureAwait(false);
            },
            Options.Create(new WebSocketOptions()),
            context.RequestServices.GetRequiredService<ILoggerFactory>());
        return handshake.Invoke(context);
    }
}
