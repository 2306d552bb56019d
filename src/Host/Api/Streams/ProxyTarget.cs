using System.Globalization;
using System.Net;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Webhooks;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using k8s.Models;

namespace ActorOrchestrator.Host.Api.Streams;

/// <summary>What a path means by <c>[scheme:]name[:port]</c>, and where that is: the rules of upstream's <c>ResourceLocation</c> of pods and services.</summary>
/// <param name="Scheme">http or https.</param>
/// <param name="Name">Of the pod or Service.</param>
/// <param name="Port">A number or a name; empty for the only one there is.</param>
internal readonly record struct ProxyTarget(string Scheme, string Name, string Port)
{
    /// <exception cref="ApiException">It has none of these forms.</exception>
    public static ProxyTarget Parse(string text)
    {
        switch (text.Split(':'))
        {
            case [var name] when name.Length > 0:
                return new ProxyTarget("http", name, "");
            case [var name, var port] when name.Length > 0:
                return new ProxyTarget("http", name, port);
            case ["http" or "https" or "", var name, var port] parts when name.Length > 0:
                return new ProxyTarget(parts[0].Length == 0 ? "http" : parts[0], name, port);
            default:
                throw ApiException.BadRequest($"invalid proxy target \"{text}\": it must be name, name:port, or scheme:name:port");
        }
    }

    /// <exception cref="ApiException">The pod has no address, or no such port.</exception>
    public Uri LocationOf(V1Pod pod)
    {
        PodTarget.MustHaveAddress(pod);
        var ports = (pod.Spec.Containers ?? []).SelectMany(container => container.Ports ?? []).ToArray();
        var asked = Port;
        var port = asked.Length == 0
            ? ports.FirstOrDefault()?.ContainerPort
            : Number(asked) ?? ports.FirstOrDefault(candidate => candidate.Name == asked)?.ContainerPort ?? throw ApiException.BadRequest($"pod {Name} has no port \"{asked}\"");
        return At(pod.Status.PodIPs[0].Ip, port ?? (Scheme == "https" ? 443 : 80));
    }

    /// <summary>One of the ready endpoints, by chance.</summary>
    /// <exception cref="ApiException">503 with upstream's words: no such port, or no endpoints.</exception>
    public Uri LocationOf(StoredObject service, ClusterSnapshot cluster)
    {
        var asked = Port;
        var ports = service.As<V1Service>().Spec.Ports ?? [];
        var port = asked.Length == 0 && ports.Count == 1 ? ports[0]
            : ports.FirstOrDefault(candidate => (candidate.Name ?? "") == asked) ?? ports.FirstOrDefault(candidate => Number(asked) == candidate.Port);
        if (port is null)
        {
            throw new ApiException(ApiStatus.Unavailable($"no service port \"{asked}\" found for service \"{Name}\""));
        }

        return ServiceEndpoints.Resolve(cluster, service.Key.Namespace, Name, port.Port, out var problem) is { } endpoint
            ? At(endpoint.Host, endpoint.Port)
            : throw new ApiException(ApiStatus.Unavailable(problem));
    }

    private Uri At(string host, int port) =>
        new(IPAddress.TryParse(host, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"{Scheme}://[{host}]:{port}" : $"{Scheme}://{host}:{port}");

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 65536 ? number : null;
}
