using System.Net;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Webhooks;

/// <summary>A service leads nowhere; the message is upstream's.</summary>
public sealed class ServiceResolutionException(string message) : Exception(message);

/// <summary>Where a webhook is called: a <c>clientConfig</c> of admission or of conversion. Equal targets share their connections.</summary>
/// <param name="Uri">For a service <c>https://name.namespace.svc:port/path</c>, which is the name that its certificate must have.</param>
/// <param name="CaBundle">PEM in base64; empty for the authorities of the system.</param>
/// <param name="Service">The service behind the URI; null for an address outside.</param>
public sealed record WebhookTarget(Uri Uri, string CaBundle, ObjectKey? Service)
{
    private const int DefaultPort = 443;

    /// <summary>Null when the configuration names neither a service nor a URL.</summary>
    public static WebhookTarget? From(JsonObject? clientConfig)
    {
        var bundle = clientConfig.Text("caBundle");
        if (clientConfig.Object("service") is { } service)
        {
            var (name, @namespace) = (service.Text("name"), service.Text("namespace"));
            var path = service.Text("path");
            var uri = new UriBuilder("https", $"{name}.{@namespace}.svc", (int)(service.Number("port") ?? DefaultPort), path.Length == 0 ? "/" : path).Uri;
            return new WebhookTarget(uri, bundle, new ObjectKey(ResourceTypes.Services, @namespace, name));
        }

        return Uri.TryCreate(clientConfig.Text("url"), UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps ? new WebhookTarget(url, bundle, null) : null;
    }

    /// <summary>One of the places at which the service answers now.</summary>
    /// <exception cref="ServiceResolutionException">There is no such service, port or endpoint; the message is upstream's.</exception>
    public DnsEndPoint Resolve(ClusterSnapshot cluster) => Service is not { } key
        ? new DnsEndPoint(Uri.DnsSafeHost, Uri.Port)
        : ServiceEndpoints.Resolve(cluster, key.Namespace, key.Name, Uri.Port, out var problem) ?? throw new ServiceResolutionException(problem);
}
