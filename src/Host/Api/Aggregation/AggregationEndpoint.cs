using System.Security.Authentication;
using ActorOrchestrator.Actors.Resources.Aggregation;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using Yarp.ReverseProxy.Forwarder;

namespace ActorOrchestrator.Host.Api.Aggregation;

/// <summary>
/// Hands requests for a group that another server serves to that server, which learns from headers who asks (front proxy). Watches, uploads and
/// upgraded connections pass like everything else.
/// </summary>
internal sealed class AggregationEndpoint(RemoteApiServices services, ApiServiceTransport transport, IHttpForwarder forwarder)
{
    /// <summary>A watch may be silent for very long. Headers of several values take lines of their own, which needs HTTP/1.1.</summary>
    private static readonly ForwarderRequestConfig Patient = new() { ActivityTimeout = TimeSpan.FromHours(24), Version = System.Net.HttpVersion.Version11 };

    /// <summary>Null when the path is not another server's.</summary>
    public Task? Serve(HttpContext context, string url, UserInfo user)
    {
        if (services.Current.IsEmpty)
        {
            return null;
        }

        const string Schemas = "/openapi/v3";
        var path = url.StartsWith(Schemas + "/apis/", StringComparison.Ordinal) ? url[Schemas.Length..] : url;
        return services.Find(path) is { } service ? ProxyAsync(context, service, user) : null;
    }

    private async Task ProxyAsync(HttpContext context, RemoteApiService service, UserInfo user)
    {
        if (!service.IsAvailable)
        {
            await StatusWriter.WriteAsync(context, ApiStatus.Unavailable("service unavailable")).ConfigureAwait(false);
            return;
        }

        var failure = await forwarder.SendAsync(
            context, $"https://{service.Host}:{service.Port}", transport.For(service), Patient, new FrontProxy(user), context.RequestAborted).ConfigureAwait(false);
        if (failure is not ForwarderError.None && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            var reason = context.Features.Get<IForwarderErrorFeature>()?.Exception?.GetBaseException();
            context.Response.Clear();
            var told = reason is HttpRequestException or AuthenticationException or IOException ? $"error trying to reach service: {reason.Message}" : "service unavailable";
            await StatusWriter.WriteAsync(context, ApiStatus.Unavailable(told)).ConfigureAwait(false);
        }
    }

    /// <summary>The user goes along in headers, and nothing by which he proved himself here.</summary>
    private sealed class FrontProxy(UserInfo user) : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(HttpContext context, HttpRequestMessage request, string destination, CancellationToken cancellation)
        {
            await base.TransformRequestAsync(context, request, destination, cancellation).ConfigureAwait(false);
            foreach (var name in request.Headers.Select(header => header.Key).Where(IsOurs).ToArray())
            {
                request.Headers.Remove(name);
            }

            request.Headers.Host = null;
            request.Headers.TryAddWithoutValidation("X-Remote-User", user.Name);
            AddAll(request, "X-Remote-Group", user.Groups);
            foreach (var (key, values) in user.Extra)
            {
                AddAll(request, "X-Remote-Extra-" + Uri.EscapeDataString(key), values);
            }
        }

        private static void AddAll(HttpRequestMessage request, string name, IEnumerable<string> values)
        {
            if (RepeatedHeaderEncoding.Join(values) is { Length: > 0 } lines)
            {
                request.Headers.TryAddWithoutValidation(name, lines);
            }
        }

        private static bool IsOurs(string name) =>
            name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) || name.StartsWith("X-Remote-", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase) || name.Equals("Cookie", StringComparison.OrdinalIgnoreCase);
    }
}
