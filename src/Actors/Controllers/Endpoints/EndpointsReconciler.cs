using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Endpoints;

/// <summary>Keeps the Endpoints object of a Service with a selector, for clients that still read it. Terminating pods are left out.</summary>
public static class EndpointsReconciler
{
    private const string HeadlessLabel = "service.kubernetes.io/headless";
    private const string OverCapacityAnnotation = "endpoints.kubernetes.io/over-capacity";
    private const int Capacity = 1000;
    private const string Act = "reconcile endpoints";

    public static ControllerDefinition Definition { get; } = new()
    {
        Name = "endpoint-controller",
        Observes = [ResourceTypes.Services, ResourceTypes.Pods, ResourceTypes.Endpoints],
        DirtiedBy = DirtiedBy,
        Everything = Everything,
        Reconcile = Reconcile,
    };

    private static IEnumerable<ObjectKey> Everything(ClusterSnapshot cluster) => cluster.All(ResourceTypes.Services).Select(service => service.Key);

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster) =>
        fact.Key.Type == ResourceTypes.Services ? [fact.Key]
        : fact.Key.Type == ResourceTypes.Endpoints ? [fact.Key with { Type = ResourceTypes.Services }]
        : fact.Key.Type == ResourceTypes.Pods ? ServiceTarget.Behind(fact, cluster)
        : [];

    private static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        var (key, cluster) = (observed.Key, observed.Snapshot);
        var endpointsKey = key with { Type = ResourceTypes.Endpoints };
        var current = cluster.Find(endpointsKey);
        if (cluster.Find(key) is not { } stored || stored.Metadata.DeletionTimestamp is not null)
        {
            // Endpoints of a name that never was our Service are somebody's own.
            return current is not null && IsOurs(current)
                ? Plan.Do(DeleteObject.Of(current, Act, new DeleteRequest()))
                : Plan.Nothing;
        }

        var service = ServiceTarget.Of(stored);
        if (service.Selector.MatchesNothing)
        {
            return Plan.Nothing;
        }

        var pods = service.Pods(cluster).Where(pod => service.PublishNotReady || !pod.IsTerminating).ToList();
        var overCapacity = pods.Count > Capacity;
        var subsets = Subsets(service, overCapacity ? pods.OrderByDescending(pod => pod.IsReady).Take(Capacity) : pods);
        if (current is null)
        {
            var made = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Endpoints",
                ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace },
            };
            Fill(made, service, subsets, overCapacity, now);
            return Plan.Do(CreateObject.Of(ResourceTypes.Endpoints, key.Namespace, made, Act));
        }

        return IsAsWanted(current.ToJson(), service, subsets, overCapacity)
            ? Plan.Nothing
            : Plan.Do(ChangeObject.AsItIs(current, Act, obj => Fill(obj, service, subsets, overCapacity, now)));
    }

    /// <summary>One subset for each distinct set of ports, in a stable order.</summary>
    private static JsonArray Subsets(ServiceTarget service, IEnumerable<PodEndpoint> pods)
    {
        var groups = new SortedDictionary<string, (JsonArray Ports, JsonArray Ready, JsonArray NotReady)>(StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            var ports = service.PortsOn(pod);
            if (ports.IsEmpty && !(service.Ports.IsEmpty && service.IsHeadless))
            {
                continue;
            }

            var key = string.Join(';', ports);
            if (!groups.TryGetValue(key, out var group))
            {
                groups[key] = group = ([.. ports.Select(PortJson)], [], []);
            }

            (service.PublishNotReady || pod.IsReady ? group.Ready : group.NotReady).Add((JsonNode)AddressJson(service, pod));
        }

        var subsets = new JsonArray();
        foreach (var (ports, ready, notReady) in groups.Values)
        {
            var subset = new JsonObject();
            if (ready.Count > 0)
            {
                subset["addresses"] = ready;
            }

            if (notReady.Count > 0)
            {
                subset["notReadyAddresses"] = notReady;
            }

            if (ports.Count > 0)
            {
                subset["ports"] = ports;
            }

            subsets.Add((JsonNode)subset);
        }

        return subsets;
    }

    private static JsonNode PortJson(ResolvedPort port)
    {
        var json = new JsonObject { ["port"] = port.Number, ["protocol"] = port.Protocol };
        if (port.Name.Length > 0)
        {
            json["name"] = port.Name;
        }

        if (port.AppProtocol.Length > 0)
        {
            json["appProtocol"] = port.AppProtocol;
        }

        return json;
    }

    private static JsonObject AddressJson(ServiceTarget service, PodEndpoint pod)
    {
        var address = new JsonObject { ["ip"] = pod.Address };
        if (service.Names(pod))
        {
            address["hostname"] = pod.Hostname;
        }

        if (pod.NodeName.Length > 0)
        {
            address["nodeName"] = pod.NodeName;
        }

        address["targetRef"] = new JsonObject { ["kind"] = "Pod", ["namespace"] = pod.Key.Namespace, ["name"] = pod.Key.Name, ["uid"] = pod.Uid };
        return address;
    }

    private static JsonObject Fill(JsonObject obj, ServiceTarget service, JsonArray subsets, bool overCapacity, DateTimeOffset now)
    {
        var metadata = obj.Ensure("metadata");
        metadata["labels"] = Labels(service);
        var annotations = metadata.Ensure("annotations");
        annotations["endpoints.kubernetes.io/last-change-trigger-time"] = JsonNodes.Time(now);
        annotations.Remove(OverCapacityAnnotation);
        if (overCapacity)
        {
            annotations[OverCapacityAnnotation] = "truncated";
        }

        if (subsets.Count == 0)
        {
            obj.Remove("subsets");
        }
        else
        {
            obj["subsets"] = subsets.DeepClone();
        }

        return obj;
    }

    private static bool IsAsWanted(JsonObject obj, ServiceTarget service, JsonArray subsets, bool overCapacity) =>
        JsonNode.DeepEquals(obj.Array("subsets") ?? [], subsets)
        && JsonNode.DeepEquals(obj.Object("metadata").Object("labels") ?? [], Labels(service))
        && (JsonNodes.Text(obj.Object("metadata").Object("annotations"), OverCapacityAnnotation).Length > 0) == overCapacity;

    private static JsonObject Labels(ServiceTarget service)
    {
        var labels = new JsonObject();
        foreach (var (name, value) in service.Source.Metadata.Labels.Where(pair => pair.Key != HeadlessLabel))
        {
            labels[name] = value;
        }

        // Marks what this controller made, so that it cleans up after a Service and nobody else does.
        labels["endpoints.kubernetes.io/managed-by"] = "endpoint-controller";
        if (service.IsHeadless)
        {
            labels[HeadlessLabel] = "";
        }

        return labels;
    }

    private static bool IsOurs(StoredObject endpoints) => endpoints.Metadata.Labels.GetValueOrDefault("endpoints.kubernetes.io/managed-by") == "endpoint-controller";
}
