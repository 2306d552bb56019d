using System.Collections.Immutable;
using ActorOrchestrator.Actors.Scheduling.Queue;

namespace ActorOrchestrator.Actors.Scheduling.Framework;

/// <summary>The kube-scheduler's extension points. A plugin implements those it has something to say at. Plugins are pure and stateless:
/// they see one pod and the snapshot.</summary>
public interface ISchedulingPlugin
{
    string Name { get; }
}

/// <summary>Who is next.</summary>
public interface IQueueSort : ISchedulingPlugin, IComparer<QueuedPod>;

/// <summary>Looks at the pod before any node is looked at.</summary>
public interface IPreFilter : ISchedulingPlugin
{
    PreFilterResult PreFilter(PodInfo pod, SchedulingSnapshot snapshot);
}

/// <param name="Status">Not Success: no node will do.</param>
/// <param name="NodeNames">The only nodes worth looking at; default when all are.</param>
public readonly record struct PreFilterResult(PluginStatus Status, ImmutableArray<string> NodeNames)
{
    public static readonly PreFilterResult AllNodes = new(PluginStatus.Success, default);
}

/// <summary>Whether a pod may go to a node.</summary>
public interface IFilter : ISchedulingPlugin
{
    /// <summary>False when the pod has nothing that this plugin judges; it is then not asked about any node.</summary>
    bool Concerns(PodInfo pod) => true;

    PluginStatus Filter(PodInfo pod, NodeInfo node);
}

/// <summary>Makes room when no node would do.</summary>
public interface IPostFilter : ISchedulingPlugin
{
    /// <summary>What was found out, for the end of the message; empty for nothing to say.</summary>
    string PostFilter(PodInfo pod, SchedulingSnapshot snapshot, Diagnosis diagnosis);
}

/// <summary>How good a node is for a pod, after <see cref="Normalize"/> from 0 to <see cref="MaxScore"/>.</summary>
public interface IScore : ISchedulingPlugin
{
    const long MaxScore = 100;

    /// <summary>False when every node would get the same score.</summary>
    bool Concerns(PodInfo pod) => true;

    long Score(PodInfo pod, NodeInfo node);

    void Normalize(Span<long> scores)
    {
    }
}

/// <summary>Told when a pod is assumed on a node, and when that is taken back.</summary>
public interface IReserve : ISchedulingPlugin
{
    PluginStatus Reserve(PodInfo pod, string nodeName);

    void Unreserve(PodInfo pod, string nodeName);
}

/// <summary>The last word before the binding.</summary>
public interface IPermit : ISchedulingPlugin
{
    PluginStatus Permit(PodInfo pod, string nodeName);
}

/// <summary>Makes the binding true. The one extension point with an effect.</summary>
public interface IBind : ISchedulingPlugin
{
    Task<BindResult> BindAsync(PodInfo pod, string nodeName, CancellationToken cancellation);
}

public enum BindOutcome : byte
{
    Bound,

    /// <summary>The pod is gone, is leaving, or another writer has bound it.</summary>
    Refused,

    /// <summary>It may or may not have been written: only asking again about the same node is safe.</summary>
    Unknown,
}

public sealed record BindResult(BindOutcome Outcome, string Why);
