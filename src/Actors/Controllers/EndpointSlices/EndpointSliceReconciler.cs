using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Endpoints;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.EndpointSlices;

/// <summary>
/// Keeps a Service's EndpointSlices. An endpoint stays in the slice that it is in; new ones fill slices that are being written anyway, then the
/// others, then new slices: as few writes as possible, as upstream's reconciler has it. An endpoint is ready only while its pod is and is not terminating, so that what proxies
/// read is always a subset of the ready pods as of the revision that was looked at.
/// </summary>
public static class EndpointSliceReconciler
{
    public const string ServiceNameLabel = "kubernetes.io/service-name";
    public const string ManagedByLabel = "endpointslice.kubernetes.io/managed-by";
    public const string Manager = "endpointslice-controller.k8s.io";
    private const string HeadlessLabel = "service.kubernetes.io/headless";
    private const string ZoneLabel = "topology.kubernetes.io/zone";
    private const int MaxEndpoints = 100;
    private const string Act = "reconcile endpoints";

    public static ControllerDefinition Definition { get; } = new()
    {
        Name = "endpointslice-controller",
        Observes = [ResourceTypes.Services, ResourceTypes.Pods, ResourceTypes.EndpointSlices, ResourceTypes.Nodes],
        DirtiedBy = DirtiedBy,
        Everything = Everything,
        Reconcile = Reconcile,
    };

    private static IEnumerable<ObjectKey> Everything(ClusterSnapshot cluster) => cluster.All(ResourceTypes.Services).Select(service => service.Key)
        .Concat(cluster.All(ResourceTypes.EndpointSlices).Where(IsOurs).Select(ServiceOf)).Distinct();

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster) =>
        fact.Key.Type == ResourceTypes.Services ? [fact.Key]
        : fact.Key.Type == ResourceTypes.Pods ? ServiceTarget.Behind(fact, cluster)
        : fact.Key.Type == ResourceTypes.EndpointSlices && IsOurs(fact.Object) ? [ServiceOf(fact.Object)]
        : fact.Key.Type == ResourceTypes.Nodes && HasMoved(fact) ? cluster.PodsOnNode(fact.Key.Name).SelectMany(pod => ServiceTarget.Selecting(pod, cluster)).Distinct()
        : [];

    /// <summary>Endpoints tell their node's zone, and a node that is not there has none.</summary>
    private static bool HasMoved(Fact fact) =>
        fact.Verb != FactVerb.Updated || fact.Previous is null
        || fact.Previous.Metadata.Labels.GetValueOrDefault(ZoneLabel) != fact.Object.Metadata.Labels.GetValueOrDefault(ZoneLabel);

    private static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        var (key, cluster) = (observed.Key, observed.Snapshot);
        var slices = cluster.InNamespace(ResourceTypes.EndpointSlices, key.Namespace).Where(slice => IsOurs(slice) && ServiceOf(slice) == key).ToArray();
        if (cluster.Find(key) is not { } stored || stored.Metadata.DeletionTimestamp is not null)
        {
            // The owner reference would do it too; a proxy should not have to wait for that.
            return Plan.Together(slices.Select(Delete));
        }

        var service = ServiceTarget.Of(stored);
        if (service.Selector.MatchesNothing)
        {
            return Plan.Together(slices.Select(Delete));
        }

        var wanted = Wanted(service, cluster);
        if (wanted.Count == 0)
        {
            // A Service without pods has one empty slice, so that "no endpoints" is told from "not looked at yet".
            wanted[SlicePorts.Key([])] = new Group([], []);
        }

        var writes = new List<PlanAction>();
        var byPorts = slices.GroupBy(slice => SlicePorts.Key(SlicePorts.Read(slice.ToJson()))).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var (ports, group) in wanted)
        {
            writes.AddRange(Distribute(service, group, byPorts.GetValueOrDefault(ports, [])));
            byPorts.Remove(ports);
        }

        writes.AddRange(byPorts.Values.SelectMany(list => list).Select(Delete));
        return writes.Count == 0 ? Plan.Nothing : Plan.Together(writes);
    }

    private static Dictionary<string, Group> Wanted(ServiceTarget service, ClusterSnapshot cluster)
    {
        var groups = new Dictionary<string, Group>(StringComparer.Ordinal);
        foreach (var pod in service.Pods(cluster))
        {
            var ports = service.PortsOn(pod);
            var node = pod.NodeName.Length == 0 ? null : cluster.Find(new ObjectKey(ResourceTypes.Nodes, "", pod.NodeName));
            if (ports.IsEmpty && !(service.Ports.IsEmpty && service.IsHeadless))
            {
                continue;
            }

            if (node is null && pod.NodeName.Length > 0 && !service.PublishNotReady)
            {
                // Nobody serves there; the pod itself is collected later.
                continue;
            }

            var key = SlicePorts.Key(ports);
            if (!groups.TryGetValue(key, out var group))
            {
                groups[key] = group = new Group(ports, []);
            }

            group.Endpoints[pod.Uid] = EndpointOf(service, pod, node?.Metadata.Labels.GetValueOrDefault(ZoneLabel));
        }

        return groups;
    }

    private static IEnumerable<PlanAction> Distribute(ServiceTarget service, Group group, List<StoredObject> slices)
    {
        var missing = new Dictionary<string, JsonObject>(group.Endpoints, StringComparer.Ordinal);
        var contents = new List<(StoredObject Slice, List<JsonObject> Endpoints, bool Changed)>();
        foreach (var slice in slices.OrderBy(slice => slice.Key.Name, StringComparer.Ordinal))
        {
            var kept = new List<JsonObject>();
            var before = (slice.ToJson().Array("endpoints") ?? []).OfType<JsonObject>().ToArray();
            var changed = !HasMetadata(slice, service);
            foreach (var endpoint in before)
            {
                if (missing.Remove(JsonNodes.Text(endpoint.Object("targetRef"), "uid"), out var wanted))
                {
                    kept.Add(wanted);
                    changed |= !JsonNode.DeepEquals(wanted, endpoint);
                }
                else
                {
                    changed = true;
                }
            }

            contents.Add((slice, kept, changed));
        }

        // Slices that are written anyway take the new ones first, then those with the least room left.
        var rest = new Queue<JsonObject>(missing.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value));
        for (var i = 0; i < contents.Count; i++)
        {
            contents = i == 0 ? [.. contents.OrderByDescending(content => content.Changed).ThenByDescending(content => content.Endpoints.Count)] : contents;
            var (slice, endpoints, changed) = contents[i];
            while (rest.Count > 0 && endpoints.Count < MaxEndpoints)
            {
                endpoints.Add(rest.Dequeue());
                changed = true;
            }

            contents[i] = (slice, endpoints, changed);
        }

        var single = contents.Count == 1 || group.Endpoints.Count == 0;
        var keptOne = false;
        foreach (var (slice, endpoints, changed) in contents)
        {
            if (endpoints.Count == 0 && (!single || keptOne))
            {
                yield return Delete(slice);
                continue;
            }

            keptOne = true;
            if (changed)
            {
                yield return Update(slice, service, group.Ports, endpoints);
            }
        }

        while (rest.Count > 0 || (!keptOne && contents.Count == 0))
        {
            keptOne = true;
            yield return Create(service, group.Ports, [.. Enumerable.Range(0, Math.Min(MaxEndpoints, rest.Count)).Select(_ => rest.Dequeue())]);
            if (rest.Count == 0)
            {
                break;
            }
        }
    }

    private static JsonObject EndpointOf(ServiceTarget service, PodEndpoint pod, string? zone)
    {
        var ready = service.PublishNotReady || (pod.IsReady && !pod.IsTerminating);
        var endpoint = new JsonObject
        {
            ["addresses"] = new JsonArray(pod.Address),
            ["conditions"] = new JsonObject
            {
                ["ready"] = ready,
                ["serving"] = pod.IsReady,
                ["terminating"] = pod.IsTerminating,
            },
            ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["name"] = pod.Key.Name, ["namespace"] = pod.Key.Namespace, ["uid"] = pod.Uid },
        };
        if (service.Names(pod))
        {
            endpoint["hostname"] = pod.Hostname;
        }

        if (pod.NodeName.Length > 0)
        {
            endpoint["nodeName"] = pod.NodeName;
            if (zone is { Length: > 0 })
            {
                endpoint["zone"] = zone;
            }
        }

        if (ready && HintsFor(service, pod.NodeName, zone ?? "") is { } hints)
        {
            endpoint["hints"] = hints;
        }

        return endpoint;
    }

    /// <summary>For whom an endpoint is meant first, by <c>spec.trafficDistribution</c>: those of its zone and, with PreferSameNode, those of its node.</summary>
    private static JsonObject? HintsFor(ServiceTarget service, string node, string zone)
    {
        var hints = new JsonObject();
        if (zone.Length > 0 && service.TrafficDistribution is ("PreferClose" or "PreferSameZone" or "PreferSameNode"))
        {
            hints["forZones"] = new JsonArray(new JsonObject { ["name"] = zone });
        }

        if (node.Length > 0 && service.TrafficDistribution == "PreferSameNode")
        {
            hints["forNodes"] = new JsonArray(new JsonObject { ["name"] = node });
        }

        return hints.Count == 0 ? null : hints;
    }

    private static PlanAction Create(ServiceTarget service, ImmutableArray<ResolvedPort> ports, List<JsonObject> endpoints)
    {
        var owner = service.Source;
        var slice = new JsonObject
        {
            ["apiVersion"] = "discovery.k8s.io/v1",
            ["kind"] = "EndpointSlice",
            ["metadata"] = new JsonObject
            {
                ["generateName"] = owner.Key.Name + "-",
                ["namespace"] = owner.Key.Namespace,
                ["labels"] = LabelsFor(service),
                ["ownerReferences"] = new JsonArray(new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Service",
                    ["name"] = owner.Key.Name,
                    ["uid"] = owner.Uid,
                    ["controller"] = true,
                    ["blockOwnerDeletion"] = true,
                }),
            },
            ["addressType"] = "IPv4",
            ["endpoints"] = new JsonArray([.. endpoints]),
            ["ports"] = SlicePorts.ToJson(ports),
        };
        return CreateObject.Of(ResourceTypes.EndpointSlices, owner.Key.Namespace, slice, Act);
    }

    private static PlanAction Update(StoredObject slice, ServiceTarget service, ImmutableArray<ResolvedPort> ports, List<JsonObject> endpoints) =>
        ChangeObject.AsItIs(slice, Act, obj =>
        {
            obj.Ensure("metadata")["labels"] = LabelsFor(service);
            obj["endpoints"] = new JsonArray([.. endpoints.Select(endpoint => endpoint.DeepClone())]);
            obj["ports"] = SlicePorts.ToJson(ports);
            return obj;
        });

    private static PlanAction Delete(StoredObject slice) =>
        DeleteObject.Of(slice, Act, new DeleteRequest());

    /// <summary>The Service's own labels and those that are reserved for the controller.</summary>
    private static JsonObject LabelsFor(ServiceTarget service)
    {
        var labels = new JsonObject();
        foreach (var (name, value) in service.Source.Metadata.Labels.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            labels[name] = value;
        }

        labels.Remove(HeadlessLabel);
        if (service.IsHeadless)
        {
            labels[HeadlessLabel] = "";
        }

        labels[ServiceNameLabel] = service.Source.Key.Name;
        labels[ManagedByLabel] = Manager;
        return labels;
    }

    private static bool HasMetadata(StoredObject slice, ServiceTarget service)
    {
        var wanted = LabelsFor(service);
        return wanted.Count == slice.Metadata.Labels.Count && wanted.All(pair => slice.Metadata.Labels.GetValueOrDefault(pair.Key) == (string?)pair.Value);
    }

    private static bool IsOurs(StoredObject slice) => slice.Metadata.Labels.GetValueOrDefault(ManagedByLabel) == Manager;

    private static ObjectKey ServiceOf(StoredObject slice) =>
        new(ResourceTypes.Services, slice.Key.Namespace, slice.Metadata.Labels.GetValueOrDefault(ServiceNameLabel, ""));

    private sealed record Group(ImmutableArray<ResolvedPort> Ports, Dictionary<string, JsonObject> Endpoints);
}
