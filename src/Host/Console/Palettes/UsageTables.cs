using System.Globalization;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Host.Console.Palettes;

/// <summary>What nodes and pods use, as <c>kubectl top</c> shows it; who uses most stands first.</summary>
internal static class UsageTables
{
    private const string Unknown = "<unknown>";

    public static string Nodes(ClusterSnapshot cluster, IResourceMetrics metrics) => TextTable.Render(
        ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"],
        cluster.All(ResourceTypes.Nodes)
            .Select(node => (Node: node, Used: metrics.Node(node.Key.Name)))
            .OrderByDescending(entry => entry.Used?.CpuNanocores ?? -1)
            .Select(entry => entry.Used is not { } used
                ? new[] { entry.Node.Key.Name, Unknown, Unknown, Unknown, Unknown }
                : [entry.Node.Key.Name, Cores(used.CpuNanocores), Share(entry.Node, "cpu", used.CpuNanocores / 1_000_000_000m), Memory(used.MemoryBytes), Share(entry.Node, "memory", used.MemoryBytes)]));

    /// <param name="cluster">The pods that there are.</param>
    /// <param name="metrics">What they use.</param>
    /// <param name="namespace">Null for all.</param>
    public static string Pods(ClusterSnapshot cluster, IResourceMetrics metrics, string? @namespace) => TextTable.Render(
        ["NAMESPACE", "NAME", "CPU(cores)", "MEMORY(bytes)"],
        metrics.Pods(@namespace)
            .Where(pod => cluster.Find(new ObjectKey(ResourceTypes.Pods, pod.Namespace, pod.Name))?.Uid == pod.Uid)
            .Select(pod => (Pod: pod, Cpu: pod.Containers.Sum(container => container.CpuNanocores), Memory: pod.Containers.Sum(container => container.MemoryBytes)))
            .OrderByDescending(entry => entry.Cpu).ThenByDescending(entry => entry.Memory)
            .Select(entry => new[] { entry.Pod.Namespace, entry.Pod.Name, Cores(entry.Cpu), Memory(entry.Memory) }));

    private static string Cores(long nanocores) => string.Create(CultureInfo.InvariantCulture, $"{(nanocores + 999_999) / 1_000_000}m");

    private static string Memory(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1 << 20)}Mi");

    private static string Share(StoredObject node, string resource, decimal used) =>
        node.As<V1Node>().Status?.Allocatable is { } allocatable && allocatable.TryGetValue(resource, out var all) && Quantity.TryParse(all.ToString(), out var amount) && !amount.IsZero
            ? string.Create(CultureInfo.InvariantCulture, $"{Math.Truncate(100 * used / amount.Amount)}%")
            : Unknown;
}
