using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Endpoints;

/// <summary>A port that a container declares.</summary>
public readonly record struct NamedPort(string Name, string Protocol, int Number);

/// <summary>What Services need to know of a pod, read once for each version of it.</summary>
public sealed record PodEndpoint
{
    private static readonly ViewCache<PodEndpoint> Views = new(From);

    public required ObjectKey Key { get; init; }
    public required string Uid { get; init; }
    public string NodeName { get; init; } = "";
    public string Hostname { get; init; } = "";
    public string Subdomain { get; init; } = "";

    /// <summary>The first IPv4 address; empty while it has none.</summary>
    public string Address { get; init; } = "";

    public bool IsReady { get; init; }
    public bool IsTerminating { get; init; }

    /// <summary>Succeeded or Failed.</summary>
    public bool IsTerminated { get; init; }

    public ImmutableArray<NamedPort> Ports { get; init; } = [];

    public static PodEndpoint Of(StoredObject pod) => Views[pod];

    /// <summary>The number behind a Service's <c>targetPort</c>; null when the pod has no port of that name and protocol.</summary>
    public int? FindPort(JsonElement targetPort, string protocol)
    {
        if (targetPort.ValueKind == JsonValueKind.Number)
        {
            return targetPort.GetInt32();
        }

        foreach (var port in Ports)
        {
            if (targetPort.ValueEquals(port.Name) && port.Protocol == protocol)
            {
                return port.Number;
            }
        }

        return null;
    }

    private static PodEndpoint From(StoredObject pod)
    {
        using var document = JsonDocument.Parse(pod.Utf8);
        var spec = JsonFields.Object(document.RootElement, "spec");
        var status = JsonFields.Object(document.RootElement, "status");
        var sidecars = JsonFields.Items(spec, "initContainers").Where(container => JsonFields.Text(container, "restartPolicy") == "Always");
        return new PodEndpoint
        {
            Key = pod.Key,
            Uid = pod.Uid,
            NodeName = JsonFields.Text(spec, "nodeName"),
            Hostname = JsonFields.Text(spec, "hostname"),
            Subdomain = JsonFields.Text(spec, "subdomain"),
            Address = AddressOf(status),
            IsReady = JsonFields.Items(status, "conditions")
                .Any(condition => JsonFields.Text(condition, "type") == "Ready" && JsonFields.Text(condition, "status") == "True"),
            IsTerminating = pod.Metadata.DeletionTimestamp is not null,
            IsTerminated = JsonFields.Text(status, "phase") is "Succeeded" or "Failed",
            Ports =
            [
                .. JsonFields.Items(spec, "containers").Concat(sidecars).SelectMany(container => JsonFields.Items(container, "ports")).Select(port => new NamedPort(
                    JsonFields.Text(port, "name"),
                    JsonFields.Text(port, "protocol") is { Length: > 0 } protocol ? protocol : "TCP",
                    port.TryGetProperty("containerPort", out var number) ? number.GetInt32() : 0)),
            ],
        };
    }

    private static string AddressOf(JsonElement status)
    {
        foreach (var address in JsonFields.Items(status, "podIPs").Select(item => JsonFields.Text(item, "ip")).Append(JsonFields.Text(status, "podIP")))
        {
            if (address.Length > 0 && !address.Contains(':'))
            {
                return address;
            }
        }

        return "";
    }
}
