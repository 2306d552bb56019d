using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Metrics;

/// <summary>
/// What containers and nodes used lately: the port of whoever scales by it or shows it (<c>metrics.k8s.io</c>). It is measured, never persisted: after a change
/// of leader it is empty until the nodes have reported again, and what is asked of it is then unknown, not zero.
/// </summary>
public interface IResourceMetrics
{
    /// <summary>What the pod used, or null when nobody has measured it yet (or not lately).</summary>
    PodUsage? Pod(string @namespace, string name);

    /// <summary>All pods measured lately in the namespace, in all namespaces when it is null.</summary>
    IEnumerable<PodUsage> Pods(string? @namespace);

    /// <summary>What the node used, or null when it has not reported lately.</summary>
    NodeUsage? Node(string name);

    /// <summary>All nodes that have reported lately.</summary>
    IEnumerable<NodeUsage> Nodes();
}

/// <summary>What one container used.</summary>
/// <param name="Name">The container's name in its pod.</param>
/// <param name="CpuNanocores">Billionths of a core, averaged over the window.</param>
/// <param name="MemoryBytes">The working set at the window's end, bytes.</param>
public sealed record ContainerUsage(string Name, long CpuNanocores, long MemoryBytes);

/// <summary>What the running containers of one pod used.</summary>
/// <param name="Uid">The pod's uid: a pod of the same name that came later has other figures.</param>
/// <param name="Timestamp">The end of the window.</param>
/// <param name="Window">The time over which processor use was averaged.</param>
public sealed record PodUsage(
    string Namespace, string Name, string Uid, DateTimeOffset Timestamp, TimeSpan Window, ImmutableArray<ContainerUsage> Containers);

/// <summary>What one node used, its pods and everything else on it.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Timestamp">The end of the window.</param>
/// <param name="Window">The time over which processor use was averaged.</param>
/// <param name="CpuNanocores">Billionths of a core, averaged over the window.</param>
/// <param name="MemoryBytes">The working set at the window's end, bytes.</param>
public sealed record NodeUsage(string Name, DateTimeOffset Timestamp, TimeSpan Window, long CpuNanocores, long MemoryBytes);
