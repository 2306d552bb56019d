using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.DaemonSets;

/// <summary>What decides whether a daemon belongs on a node: its name, labels and taints.</summary>
internal sealed record DaemonNode(NodeInfo Info, ImmutableArray<Taint> Taints)
{
    private static readonly ViewCache<DaemonNode> Views = new(Read);

    public string Name => Info.Name;

    public static DaemonNode Of(StoredObject node) => Views[node];

    /// <summary>No DaemonSet could tell them apart.</summary>
    public bool IsLike(DaemonNode other) =>
        Taints.AsSpan().SequenceEqual(other.Taints.AsSpan())
        && Info.Labels.Count == other.Info.Labels.Count
        && Info.Labels.All(label => other.Info.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private static DaemonNode Read(StoredObject node)
    {
        using var document = JsonDocument.Parse(node.Utf8);
        return new DaemonNode(
            new NodeInfo { Name = node.Key.Name, Labels = node.Metadata.Labels.ToFrozenDictionary(StringComparer.Ordinal) },
            [.. document.RootElement.Get("spec").Items("taints").Select(Taint.Read)]);
    }
}
