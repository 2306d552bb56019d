using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Endpoints;

/// <summary>A port of a Service.</summary>
/// <param name="Target">A number or the name of a container's port.</param>
public sealed record ServicePort(string Name, string Protocol, string AppProtocol, JsonElement Target);

/// <summary>A port of a Service on one pod.</summary>
public sealed record ResolvedPort(string Name, string Protocol, string AppProtocol, int Number);

/// <summary>What a Service selects and offers, read once for each version of it.</summary>
public sealed record ServiceTarget
{
    private static readonly ViewCache<ServiceTarget> Views = new(From);

    public required StoredObject Source { get; init; }

    /// <summary>Selects nothing when the Service has no selector or is a name for something else (ExternalName): then others make its endpoints.</summary>
    public LabelSelector Selector { get; init; } = LabelSelector.Nothing;

    /// <summary>It has a selector, whatever its type: its Endpoints are not somebody's own.</summary>
    public bool HasSelector { get; init; }

    /// <summary>Empty, <c>PreferClose</c>, <c>PreferSameZone</c> or <c>PreferSameNode</c>.</summary>
    public string TrafficDistribution { get; init; } = "";

    public bool IsHeadless { get; init; }
    public bool PublishNotReady { get; init; }
    public ImmutableArray<ServicePort> Ports { get; init; } = [];

    public static ServiceTarget Of(StoredObject service) => Views[service];

    /// <summary>The pods that it selects and that have an address, in name order. Terminated pods serve nobody.</summary>
    public IEnumerable<PodEndpoint> Pods(ClusterSnapshot cluster) =>
        Selector.MatchesNothing
            ? []
            : cluster.InNamespace(ResourceTypes.Pods, Source.Key.Namespace)
                .Where(pod => Selector.Matches(pod.Metadata.Labels))
                .Select(PodEndpoint.Of)
                .Where(pod => pod.Address.Length > 0 && !pod.IsTerminated);

    /// <summary>Its ports on a pod. A named port that the pod does not have is left out.</summary>
    public ImmutableArray<ResolvedPort> PortsOn(PodEndpoint pod)
    {
        var ports = ImmutableArray.CreateBuilder<ResolvedPort>(Ports.Length);
        foreach (var port in Ports)
        {
            if (pod.FindPort(port.Target, port.Protocol) is { } number)
            {
                ports.Add(new ResolvedPort(port.Name, port.Protocol, port.AppProtocol, number));
            }
        }

        return ports.ToImmutable();
    }

    /// <summary>A pod's own DNS name exists only under the headless Service that it names.</summary>
    public bool Names(PodEndpoint pod) => pod.Hostname.Length > 0 && pod.Subdomain == Source.Key.Name;

    /// <summary>The Services that a changed pod is or was behind. A change that shows nowhere in endpoints touches none.</summary>
    public static IEnumerable<ObjectKey> Behind(Fact fact, ClusterSnapshot cluster)
    {
        var before = fact.Previous;
        var after = fact.Verb == FactVerb.Deleted ? null : fact.Object;
        if (before is not null && after is not null && SameForServices(before, after))
        {
            return [];
        }

        return cluster.InNamespace(ResourceTypes.Services, fact.Key.Namespace).Where(service =>
        {
            var selector = Of(service).Selector;
            return (before is not null && selector.Matches(before.Metadata.Labels)) || (after is not null && selector.Matches(after.Metadata.Labels));
        }).Select(service => service.Key);
    }

    /// <summary>The Services that a pod is behind now.</summary>
    public static IEnumerable<ObjectKey> Selecting(StoredObject pod, ClusterSnapshot cluster) => cluster.InNamespace(ResourceTypes.Services, pod.Key.Namespace)
        .Where(service => Of(service).Selector.Matches(pod.Metadata.Labels)).Select(service => service.Key);

    private static bool SameForServices(StoredObject before, StoredObject after)
    {
        var (old, now) = (PodEndpoint.Of(before), PodEndpoint.Of(after));
        return old with { Ports = [] } == now with { Ports = [] }
            && old.Ports.AsSpan().SequenceEqual(now.Ports.AsSpan())
            && before.Metadata.Labels.Count == after.Metadata.Labels.Count
            && before.Metadata.Labels.All(pair => after.Metadata.Labels.GetValueOrDefault(pair.Key) == pair.Value);
    }

    private static ServiceTarget From(StoredObject service)
    {
        using var document = JsonDocument.Parse(service.Utf8);
        var spec = JsonFields.Object(document.RootElement, "spec");
        var selector = JsonFields.Object(spec, "selector");
        var isName = JsonFields.Text(spec, "type") == "ExternalName";
        return new ServiceTarget
        {
            Source = service,
            Selector = selector.ValueKind == JsonValueKind.Object && !isName
                ? LabelSelector.FromMap(selector.EnumerateObject().Select(pair => KeyValuePair.Create(pair.Name, pair.Value.GetString() ?? "")))
                : LabelSelector.Nothing,
            HasSelector = selector.ValueKind == JsonValueKind.Object && selector.EnumerateObject().Any(),
            TrafficDistribution = JsonFields.Text(spec, "trafficDistribution"),
            IsHeadless = JsonFields.Text(spec, "clusterIP") is "None" or "",
            PublishNotReady = JsonFields.Object(spec, "publishNotReadyAddresses").ValueKind == JsonValueKind.True,
            Ports = [.. JsonFields.Items(spec, "ports").Select(PortOf)],
        };
    }

    private static ServicePort PortOf(JsonElement port)
    {
        var target = JsonFields.Object(port, "targetPort");
        var unset = target.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;
        return new ServicePort(
            JsonFields.Text(port, "name"),
            JsonFields.Text(port, "protocol") is { Length: > 0 } protocol ? protocol : "TCP",
            JsonFields.Text(port, "appProtocol"),
            (unset ? JsonFields.Object(port, "port") : target).Clone());
    }
}
