using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Webhooks;

/// <summary>
/// From a Service to one of the addresses behind it, straight from its EndpointSlices: the control plane reaches what it asks without a service proxy
/// or a cluster DNS.
/// </summary>
public static class ServiceEndpoints
{
    /// <param name="cluster">The state that is looked at.</param>
    /// <param name="namespace">Of the Service.</param>
    /// <param name="name">Of the Service.</param>
    /// <param name="port">A port of the Service.</param>
    /// <param name="problem">Why there is none, in upstream's words.</param>
    /// <returns>One of the ready endpoints, by chance; null when there is none.</returns>
    public static DnsEndPoint? Resolve(ClusterSnapshot cluster, string @namespace, string name, int port, out string problem)
    {
        if (cluster.Find(new ObjectKey(ResourceTypes.Services, @namespace, name)) is not { } service)
        {
            problem = $"service \"{name}\" not found";
            return null;
        }

        using var document = JsonDocument.Parse(service.Utf8);
        var spec = Member(document.RootElement, "spec");
        if (Text(spec, "type") == "ExternalName")
        {
            problem = "";
            return new DnsEndPoint(Text(spec, "externalName"), port);
        }

        var declared = Items(spec, "ports").FirstOrDefault(item => Member(item, "port") is { ValueKind: JsonValueKind.Number } number && number.GetInt32() == port);
        if (declared.ValueKind != JsonValueKind.Object)
        {
            problem = $"no service port {port} found for service \"{name}\"";
            return null;
        }

        var targets = cluster.InNamespace(ResourceTypes.EndpointSlices, @namespace)
            .Where(slice => slice.Metadata.Labels.GetValueOrDefault("kubernetes.io/service-name") == name)
            .SelectMany(slice => Targets(slice, Text(declared, "name"))).ToArray();
        problem = targets.Length == 0 ? $"no endpoints available for service \"{name}\"" : "";
        return targets.Length == 0 ? null : targets[RandomNumberGenerator.GetInt32(targets.Length)];
    }

    private static List<DnsEndPoint> Targets(StoredObject slice, string portName)
    {
        var targets = new List<DnsEndPoint>();
        using var document = JsonDocument.Parse(slice.Utf8);
        var port = Items(document.RootElement, "ports").FirstOrDefault(item => Text(item, "name") == portName);
        if (Member(port, "port") is not { ValueKind: JsonValueKind.Number } number)
        {
            return targets;
        }

        foreach (var endpoint in Items(document.RootElement, "endpoints"))
        {
            // Readiness that nobody tells of counts as ready.
            if (Member(Member(endpoint, "conditions"), "ready").ValueKind != JsonValueKind.False)
            {
                targets.AddRange(Items(endpoint, "addresses").Where(address => address.ValueKind == JsonValueKind.String).Select(address => new DnsEndPoint(address.GetString()!, number.GetInt32())));
            }
        }

        return targets;
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    private static string Text(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    private static IEnumerable<JsonElement> Items(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];
}
