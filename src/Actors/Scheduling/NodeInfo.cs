using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Scheduling;

/// <summary>A node and what runs on it, as far as placing pods is concerned. Immutable: a change makes another one.</summary>
public sealed record NodeInfo
{
    public required string Name { get; init; }
    public FrozenDictionary<string, string> Labels { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Its taints, and the one that its Ready condition stands for while the life-cycle controller has not set it yet.</summary>
    public ImmutableArray<Taint> Taints { get; init; } = [];

    /// <summary>Cordoned.</summary>
    public bool Unschedulable { get; init; }

    public ResourceAmounts Allocatable { get; init; } = ResourceAmounts.None;
    public long AllowedPods { get; init; }

    /// <summary>Its number in the snapshot; -1 outside of one.</summary>
    public int Slot { get; init; } = -1;

    /// <summary>Bytes of the images that it has, by each of their names.</summary>
    public ImmutableDictionary<string, long> Images { get; init; } = ImmutableDictionary<string, long>.Empty;

    /// <summary>Bound pods and those that are assumed to be (their binding is on its way), the most important first.</summary>
    public ImmutableArray<PodInfo> Pods { get; init; } = [];

    /// <summary>As many as <see cref="Pods"/>, but for a node that is only thought of without some of them.</summary>
    public int PodCount { get; init; }

    public ResourceAmounts Requested { get; init; } = ResourceAmounts.None;
    public ResourceAmounts ScoredRequested { get; init; } = ResourceAmounts.None;
    public ImmutableArray<HostPort> UsedPorts { get; init; } = [];

    public NodeInfo With(PodInfo pod)
    {
        var node = Without(pod.Key);
        return node with
        {
            Pods = node.Pods.Insert(node.PlaceFor(pod), pod),
            PodCount = node.PodCount + 1,
            Requested = node.Requested + pod.Requests,
            ScoredRequested = node.ScoredRequested + pod.ScoredRequests,
            UsedPorts = pod.HostPorts.IsEmpty ? node.UsedPorts : node.UsedPorts.AddRange(pod.HostPorts),
        };
    }

    public NodeInfo Without(ObjectKey key)
    {
        var place = PlaceOf(key);
        if (place < 0)
        {
            return this;
        }

        var pod = Pods[place];
        var rest = Pods.RemoveAt(place);
        return this with
        {
            Pods = rest,
            PodCount = PodCount - 1,
            Requested = Requested - pod.Requests,
            ScoredRequested = ScoredRequested - pod.ScoredRequests,
            UsedPorts = pod.HostPorts.IsEmpty ? UsedPorts : [.. rest.SelectMany(other => other.HostPorts)],
        };
    }

    /// <summary>As if nobody were there.</summary>
    internal NodeInfo Emptied() => this with { Pods = [], PodCount = 0, Requested = ResourceAmounts.None, UsedPorts = [] };

    /// <summary>Without what one of its pods holds, which stays listed: enough for those who ask about room only.</summary>
    internal NodeInfo LessInThought(PodInfo pod) => this with
    {
        PodCount = PodCount - 1,
        Requested = Requested - pod.Requests,
        UsedPorts = pod.HostPorts.IsEmpty ? UsedPorts : UsedPorts.RemoveRange(pod.HostPorts),
    };

    internal NodeInfo MoreInThought(PodInfo pod) => this with
    {
        PodCount = PodCount + 1,
        Requested = Requested + pod.Requests,
        UsedPorts = pod.HostPorts.IsEmpty ? UsedPorts : UsedPorts.AddRange(pod.HostPorts),
    };

    public PodInfo? Find(ObjectKey key) => PlaceOf(key) is >= 0 and var place ? Pods[place] : null;

    /// <summary>The same pods on a newer version of the node.</summary>
    public NodeInfo Described(NodeInfo newer) => newer with
    {
        Slot = Slot,
        Labels = SameLabels(newer.Labels) ? Labels : newer.Labels,
        Pods = Pods,
        PodCount = PodCount,
        Requested = Requested,
        ScoredRequested = ScoredRequested,
        UsedPorts = UsedPorts,
    };

    /// <summary>Whether a pod that was refused could think differently about the newer description.</summary>
    public bool DiffersFor(NodeInfo newer) =>
        Unschedulable != newer.Unschedulable || AllowedPods != newer.AllowedPods || Allocatable != newer.Allocatable
        || !Taints.AsSpan().SequenceEqual(newer.Taints.AsSpan()) || !SameLabels(newer.Labels);

    /// <summary>The node without its pods.</summary>
    public static NodeInfo From(StoredObject node)
    {
        using var document = JsonDocument.Parse(node.Utf8);
        var root = document.RootElement;
        var spec = PodInfo.Object(root, "spec");
        var status = PodInfo.Object(root, "status");
        var allocatable = PodInfo.Object(status, "allocatable");
        if (allocatable.ValueKind != JsonValueKind.Object)
        {
            allocatable = PodInfo.Object(status, "capacity");
        }

        var pods = PodInfo.Object(allocatable, "pods");
        return new NodeInfo
        {
            Name = node.Key.Name,
            Labels = node.Metadata.Labels.ToFrozenDictionary(StringComparer.Ordinal),
            Images = ReadImages(status),
            Unschedulable = PodInfo.Object(spec, "unschedulable").ValueKind == JsonValueKind.True,
            Taints = WithReadiness([.. PodRequests.Items(spec, "taints").Select(Taint.Read)], status),
            Allocatable = ResourceAmounts.Read(allocatable),
            AllowedPods = pods.ValueKind != JsonValueKind.Undefined && Quantity.TryParse(pods.ToString(), out var count) ? count.Value : 0,
        };
    }

    /// <summary>A node that is not Ready takes no new pod, even in the moment before its taint is written.</summary>
    private static ImmutableArray<Taint> WithReadiness(ImmutableArray<Taint> taints, JsonElement status)
    {
        var ready = PodRequests.Items(status, "conditions").Where(condition => PodInfo.Text(condition, "type") == "Ready")
            .Select(condition => PodInfo.Text(condition, "status")).FirstOrDefault("");
        if (ready == "True" || taints.Any(taint => taint.Key is Taint.NotReady or Taint.Unreachable && taint.Effect == "NoSchedule"))
        {
            return taints;
        }

        return taints.Add(new Taint(ready == "Unknown" ? Taint.Unreachable : Taint.NotReady, "", "NoSchedule"));
    }

    private static ImmutableDictionary<string, long> ReadImages(JsonElement status)
    {
        var images = ImmutableDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (var image in PodRequests.Items(status, "images"))
        {
            var bytes = PodInfo.Object(image, "sizeBytes") is { ValueKind: JsonValueKind.Number } size && size.TryGetInt64(out var number) ? number : 0;
            foreach (var name in PodRequests.Items(image, "names"))
            {
                images[name.GetString() ?? ""] = bytes;
            }
        }

        return images.ToImmutable();
    }

    private int PlaceOf(ObjectKey key)
    {
        for (var i = 0; i < Pods.Length; i++)
        {
            if (Pods[i].Key == key)
            {
                return i;
            }
        }

        return -1;
    }

    private int PlaceFor(PodInfo pod)
    {
        var place = Pods.Length;
        while (place > 0 && pod.IsMoreImportantThan(Pods[place - 1]))
        {
            place--;
        }

        return place;
    }

    private bool SameLabels(FrozenDictionary<string, string> other) =>
        Labels.Count == other.Count && Labels.All(pair => other.TryGetValue(pair.Key, out var value) && value == pair.Value);
}
