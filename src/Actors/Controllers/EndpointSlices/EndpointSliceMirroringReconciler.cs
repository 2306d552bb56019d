using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Endpoints;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.EndpointSlices;

/// <summary>
/// Endpoints that somebody writes for a Service without a selector, mirrored into EndpointSlices, which is what proxies read (upstream's
/// endpointslicemirroring controller): one slice for each set of ports and family of addresses, at most a thousand addresses of a subset.
/// </summary>
public static class EndpointSliceMirroringReconciler
{
    public const string Manager = "endpointslicemirroring-controller.k8s.io";
    private const string SkipLabel = "endpointslice.kubernetes.io/skip-mirror";
    private const string LeaderAnnotation = "control-plane.alpha.kubernetes.io/leader";
    private const int MaxAddresses = 1000;
    private const string Act = "mirror endpoints";

    // What tells of the Endpoints object itself is not true of its mirror.
    private static readonly string[] OwnAnnotations = ["endpoints.kubernetes.io/last-change-trigger-time", "kubectl.kubernetes.io/last-applied-configuration"];

    public static ControllerDefinition Definition { get; } = new()
    {
        Name = "endpointslicemirroring-controller",
        Observes = [ResourceTypes.Endpoints, ResourceTypes.Services, ResourceTypes.EndpointSlices],
        DirtiedBy = DirtiedBy,
        Everything = Everything,
        Reconcile = Reconcile,
    };

    private sealed record Wanted(string AddressType, ImmutableArray<ResolvedPort> Ports, SortedDictionary<string, JsonObject> Endpoints);

    private static IEnumerable<ObjectKey> Everything(ClusterSnapshot cluster) => cluster.All(ResourceTypes.Endpoints).Select(endpoints => endpoints.Key)
        .Where(key => ServiceOf(key, cluster) is not { HasSelector: true })
        .Concat(cluster.All(ResourceTypes.EndpointSlices).Where(IsOurs).Select(EndpointsOf)).Distinct();

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster)
    {
        if (fact.Key.Type == ResourceTypes.EndpointSlices)
        {
            return IsOurs(fact.Object) ? [EndpointsOf(fact.Object)] : [];
        }

        // A Service with a selector has slices of its own: what becomes of its Endpoints is no news here.
        var key = fact.Key with { Type = ResourceTypes.Endpoints };
        var got = fact.Key.Type == ResourceTypes.Services && fact.Previous is not null && !ServiceTarget.Of(fact.Previous).HasSelector;
        return got || ServiceOf(key, cluster) is not { HasSelector: true } ? [key] : [];
    }

    private static ServiceTarget? ServiceOf(ObjectKey endpoints, ClusterSnapshot cluster) =>
        cluster.Find(endpoints with { Type = ResourceTypes.Services }) is { } service ? ServiceTarget.Of(service) : null;

    private static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        var (key, endpoints, cluster) = (observed.Key, observed.Object, observed.Snapshot);
        var slices = cluster.InNamespace(ResourceTypes.EndpointSlices, key.Namespace).Where(slice => IsOurs(slice) && EndpointsOf(slice) == key).ToList();
        if (endpoints is null || !IsMirrored(endpoints) || ServiceOf(key, cluster) is not { HasSelector: false })
        {
            return Plan.Together(slices.Select(Delete));
        }

        var (wanted, notices) = Read(endpoints);
        var plan = Mirror(endpoints, wanted, slices);

        // Told once with what is written, not again when the writes are looked at.
        return plan.IsNothing && wanted.Count > 0 ? plan : plan.And(notices);
    }

    private static (List<Wanted> Groups, List<PlanAction> Notices) Read(StoredObject endpoints)
    {
        var groups = new Dictionary<string, Wanted>(StringComparer.Ordinal);
        var (invalid, skipped) = (0, 0);
        foreach (var subset in endpoints.ToJson().Array("subsets") ?? [])
        {
            var ports = SlicePorts.Read(subset);
            var added = 0;
            var addresses = (subset.Array("addresses") ?? []).Select(address => (address, true))
                .Concat((subset.Array("notReadyAddresses") ?? []).Select(address => (address, false))).ToArray();
            foreach (var (address, ready) in addresses)
            {
                if (added >= MaxAddresses)
                {
                    break;
                }

                if (!IPAddress.TryParse(address.Text("ip"), out var ip))
                {
                    invalid++;
                    continue;
                }

                added++;
                var type = ip.AddressFamily == AddressFamily.InterNetworkV6 && !ip.IsIPv4MappedToIPv6 ? "IPv6" : "IPv4";
                var group = $"{type} {SlicePorts.Key(ports)}";
                if (!groups.TryGetValue(group, out var wanted))
                {
                    groups[group] = wanted = new Wanted(type, ports, new SortedDictionary<string, JsonObject>(StringComparer.Ordinal));
                }

                var endpoint = EndpointOf(address, ip, ready);
                wanted.Endpoints.TryAdd(endpoint.ToJsonString(), endpoint);
            }

            skipped += addresses.Length - added;
        }

        var notices = new List<PlanAction>();
        if (invalid > 0)
        {
            notices.Add(RecordEvent.Warn(endpoints, "InvalidIPAddress", $"Skipped {invalid} invalid IP addresses when mirroring to EndpointSlices"));
        }

        if (skipped > invalid)
        {
            notices.Add(RecordEvent.Warn(
                endpoints, "TooManyAddressesToMirror", $"A max of {MaxAddresses} addresses can be mirrored to EndpointSlices per Endpoints subset. {skipped} addresses were skipped"));
        }

        return ([.. groups.Values], notices);
    }

    private static Plan Mirror(StoredObject endpoints, List<Wanted> wanted, List<StoredObject> slices)
    {
        var left = slices.Select(slice => (Slice: slice, Json: slice.ToJson())).OrderBy(item => item.Slice.Key.Name, StringComparer.Ordinal).ToList();
        var missing = new List<Wanted>();
        var writes = new List<PlanAction>();
        foreach (var group in wanted)
        {
            var index = left.FindIndex(item => item.Json.Text("addressType") == group.AddressType && SlicePorts.Key(SlicePorts.Read(item.Json)) == SlicePorts.Key(group.Ports));
            if (index < 0)
            {
                missing.Add(group);
                continue;
            }

            if (!IsAsWanted(left[index].Json, endpoints, group))
            {
                writes.Add(Update(left[index].Slice, endpoints, group));
            }

            left.RemoveAt(index);
        }

        foreach (var group in missing)
        {
            // A slice that is not needed any more becomes the one that is, which is one write instead of two.
            var index = left.FindIndex(item => item.Json.Text("addressType") == group.AddressType);
            writes.Add(index < 0 ? Create(endpoints, group) : Update(left[index].Slice, endpoints, group));
            if (index >= 0)
            {
                left.RemoveAt(index);
            }
        }

        writes.AddRange(left.Select(item => Delete(item.Slice)));
        return writes.Count == 0 ? Plan.Nothing : Plan.Together(writes);
    }

    private static JsonObject EndpointOf(JsonNode? address, IPAddress ip, bool ready)
    {
        var endpoint = new JsonObject
        {
            ["addresses"] = new JsonArray((ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString()),
            ["conditions"] = new JsonObject { ["ready"] = ready },
        };
        if (address.Object("targetRef") is { } target)
        {
            endpoint["targetRef"] = target.DeepClone();
        }

        foreach (var field in (ReadOnlySpan<string>)["nodeName", "hostname"])
        {
            if (address.Text(field) is { Length: > 0 } text)
            {
                endpoint[field] = text;
            }
        }

        return endpoint;
    }

    private static bool IsAsWanted(JsonObject slice, StoredObject endpoints, Wanted group) =>
        JsonNode.DeepEquals(slice.Array("endpoints"), EndpointsJson(group))
        && JsonNode.DeepEquals(slice.Object("metadata").Object("labels"), LabelsFor(endpoints))
        && JsonNode.DeepEquals(slice.Object("metadata").Object("annotations") ?? [], AnnotationsFor(endpoints));

    private static CreateObject Create(StoredObject endpoints, Wanted group)
    {
        var slice = new JsonObject
        {
            ["apiVersion"] = "discovery.k8s.io/v1",
            ["kind"] = "EndpointSlice",
            ["metadata"] = new JsonObject
            {
                ["generateName"] = endpoints.Key.Name + "-",
                ["namespace"] = endpoints.Key.Namespace,
                ["ownerReferences"] = new JsonArray(new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Endpoints",
                    ["name"] = endpoints.Key.Name,
                    ["uid"] = endpoints.Uid,
                    ["controller"] = true,
                    ["blockOwnerDeletion"] = true,
                }),
            },
            ["addressType"] = group.AddressType,
        };
        return CreateObject.Of(ResourceTypes.EndpointSlices, endpoints.Key.Namespace, Fill(slice, endpoints, group), Act);
    }

    private static ChangeObject Update(StoredObject slice, StoredObject endpoints, Wanted group) =>
        ChangeObject.AsItIs(slice, Act, obj => Fill(obj, endpoints, group));

    private static PlanAction Delete(StoredObject slice) => DeleteObject.Of(slice, Act, new DeleteRequest());

    private static JsonObject Fill(JsonObject slice, StoredObject endpoints, Wanted group)
    {
        var metadata = slice.Ensure("metadata");
        metadata["labels"] = LabelsFor(endpoints);
        metadata.Remove("annotations");
        if (AnnotationsFor(endpoints) is { Count: > 0 } annotations)
        {
            metadata["annotations"] = annotations;
        }

        slice["endpoints"] = EndpointsJson(group);
        slice["ports"] = SlicePorts.ToJson(group.Ports);
        return slice;
    }

    private static JsonArray EndpointsJson(Wanted group) => new([.. group.Endpoints.Values.Take(MaxAddresses).Select(endpoint => endpoint.DeepClone())]);

    private static JsonObject LabelsFor(StoredObject endpoints)
    {
        var labels = MapOf(endpoints.Metadata.Labels);
        labels[EndpointSliceReconciler.ServiceNameLabel] = endpoints.Key.Name;
        labels[EndpointSliceReconciler.ManagedByLabel] = Manager;
        return labels;
    }

    private static JsonObject AnnotationsFor(StoredObject endpoints) => MapOf(endpoints.Metadata.Annotations.RemoveRange(OwnAnnotations));

    private static JsonObject MapOf(ImmutableDictionary<string, string> entries) =>
        new(entries.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    private static bool IsMirrored(StoredObject endpoints) =>
        endpoints.Metadata.DeletionTimestamp is null
        && endpoints.Metadata.Labels.GetValueOrDefault(SkipLabel) != "true"
        && !endpoints.Metadata.Annotations.ContainsKey(LeaderAnnotation);

    private static bool IsOurs(StoredObject slice) => slice.Metadata.Labels.GetValueOrDefault(EndpointSliceReconciler.ManagedByLabel) == Manager;

    private static ObjectKey EndpointsOf(StoredObject slice) =>
        new(ResourceTypes.Endpoints, slice.Key.Namespace, slice.Metadata.Labels.GetValueOrDefault(EndpointSliceReconciler.ServiceNameLabel, ""));
}
