using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Scheduling;

/// <summary>A node and what runs on it, as far as placing pods is concerned. Immutable: a change makes another one.</summary>
public sealed record NodeInfo
{
    public required string Name { get; init; }
    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Its taints, and the one that its Ready condition stands for while the life-cycle controller has not set it yet.</summary>
    public ImmutableArray<Taint> Taints { get; init; } = [];

    /// <summary>Cordoned.</summary>
    public bool Unschedulable { get; init; }

    public ResourceAmounts Allocatable { get; init; } = ResourceAmounts.None;
    public long AllowedPods { get; init; }

    /// <summary>Bound pods and those that are assumed to be: their binding is on its way.</summary>
    public ImmutableDictionary<ObjectKey, PodInfo> Pods { get; init; } = ImmutableDictionary<ObjectKey, PodInfo>.Empty;

    public ResourceAmounts Requested { get; init; } = ResourceAmounts.None;
    public ResourceAmounts ScoredRequested { get; init; } = ResourceAmounts.None;
    public ImmutableArray<HostPort> UsedPorts { get; init; } = [];

    public NodeInfo With(PodInfo pod)
    {
        var node = Pods.TryGetValue(pod.Key, out var before) ? Without(before.Key) : this;
        return node with
        {
            Pods = node.Pods.Add(pod.Key, pod),
            Requested = node.Requested + pod.Requests,
            ScoredRequested = node.ScoredRequested + pod.ScoredRequests,
            UsedPorts = pod.HostPorts.IsEmpty ? node.UsedPorts : node.UsedPorts.AddRange(pod.HostPorts),
        };
    }

    public NodeInfo Without(ObjectKey key)
    {
        if (!Pods.TryGetValue(key, out var pod))
        {
            return this;
        }

        var rest = Pods.Remove(key);
        return this with
        {
            Pods = rest,
            Requested = Requested - pod.Requests,
            ScoredRequested = ScoredRequested - pod.ScoredRequests,
            UsedPorts = pod.HostPorts.IsEmpty ? UsedPorts : [.. rest.Values.SelectMany(other => other.HostPorts)],
        };
    }

    /// <summary>The same pods on a newer version of the node.</summary>
    public NodeInfo Described(NodeInfo newer) => newer with
    {
        Pods = Pods,
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
            Labels = node.Metadata.Labels,
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

    private bool SameLabels(ImmutableDictionary<string, string> other) =>
        Labels.Count == other.Count && Labels.All(pair => other.TryGetValue(pair.Key, out var value) && value == pair.Value);
}
