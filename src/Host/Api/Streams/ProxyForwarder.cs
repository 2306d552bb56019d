using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using Yarp.ReverseProxy.Forwarder;

namespace ActorOrchestrator.Host.Api.Streams;

/// <summary>
/// Hands a request to a pod or to an endpoint of a Service. What proves the user to this server does not go along; upgraded connections pass like
/// everything else, and where the answer sends the client elsewhere on the same server, it is sent there through this proxy.
/// </summary>
internal sealed class ProxyForwarder(IHttpForwarder forwarder) : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly ForwarderRequestConfig Patient = new() { ActivityTimeout = TimeSpan.FromHours(4), Version = HttpVersion.Version11 };

    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),

        // A pod's certificate is whatever its author made; the connection is inside the pod network, as upstream's.
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    });

    public void Dispose() => _invoker.Dispose();

    /// <param name="context">The request.</param>
    /// <param name="location">Scheme, host and port.</param>
    /// <param name="rest">What of the path is the target's own, as it was sent.</param>
    public async Task ForwardAsync(HttpContext context, Uri location, string rest)
    {
        var path = context.Request.Path.Value ?? "";
        if (rest.Length == 0 && !path.EndsWith('/') && (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)))
        {
            // Relative links of a page at the root only work below a slash.
            context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
            context.Response.Headers.Location = path + "/" + context.Request.QueryString.Value;
            return;
        }

        var prefix = rest.Length == 0 ? path.TrimEnd('/') : path.EndsWith(rest, StringComparison.Ordinal) ? path[..^rest.Length] : "";
        var failure = await forwarder.SendAsync(
            context, location.GetLeftPart(UriPartial.Authority), _invoker, Patient, new Transformer(location, rest, prefix), context.RequestAborted).ConfigureAwait(false);
        if (failure is not ForwarderError.None && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            var reason = context.Features.Get<IForwarderErrorFeature>()?.Exception?.GetBaseException();
            context.Response.Clear();
            var told = reason is HttpRequestException or AuthenticationException or IOException or System.Net.Sockets.SocketException
                ? $"error trying to reach service: dial tcp {location.Authority}: {reason.Message}"
                : "error trying to reach service";
            await StatusWriter.WriteAsync(context, ApiStatus.Unavailable(told)).ConfigureAwait(false);
        }
    }

    /// <summary>A redirect to the target itself, as the client must follow it; others stay as they are.</summary>
    internal static string Redirected(string sent, Uri location, string prefix)
    {
        if (sent.StartsWith('/') && !sent.StartsWith("//", StringComparison.Ordinal))
        {
            return prefix + sent;
        }

        return Uri.TryCreate(sent, UriKind.Absolute, out var target) && target.Scheme == location.Scheme && target.Authority == location.Authority
            ? prefix + target.PathAndQuery + target.Fragment
            : sent;
    }

    private sealed class Transformer(Uri location, string rest, string prefix) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(HttpContext context, HttpRequestMessage request, string destination, CancellationToken cancellation)
        {
            await base.TransformRequestAsync(context, request, destination, cancellation).ConfigureAwait(false);
            request.RequestUri = new Uri(
                $"{destination}{(rest.Length == 0 ? "/" : rest)}{context.Request.QueryString.Value}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
            foreach (var name in request.Headers.Select(header => header.Key).Where(IsOurs).ToArray())
            {
                request.Headers.Remove(name);
            }

            request.Headers.Host = null;
            request.Headers.TryAddWithoutValidation("X-Forwarded-Uri", prefix + rest);
            request.Headers.TryAddWithoutValidation("X-Forwarded-Host", context.Request.Host.Value);
            request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", context.Request.Scheme);
        }

        public override async ValueTask<bool> TransformResponseAsync(HttpContext context, HttpResponseMessage? response, CancellationToken cancellation)
        {
            var goesOn = await base.TransformResponseAsync(context, response, cancellation).ConfigureAwait(false);
            if (response?.Headers.Location is { } sent)
            {
                context.Response.Headers.Location = Redirected(sent.OriginalString, location, prefix);
            }

            return goesOn;
        }

        private static bool IsOurs(string name) =>
            name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("X-Remote-", StringComparison.OrdinalIgnoreCase);
    }
}
