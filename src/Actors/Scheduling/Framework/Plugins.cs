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
    /// <summary>The judge of the nodes for this pod, true until the next change of the snapshot; null when the pod has nothing that this plugin judges.</summary>
    INodeFilter? For(PodInfo pod, SchedulingSnapshot snapshot);
}

/// <summary>Judges nodes for one pod.</summary>
public interface INodeFilter
{
    PluginStatus Filter(PodInfo pod, NodeInfo node);
}

/// <summary>Judges each node by itself: what happens elsewhere does not change the answer.</summary>
public interface ILocalFilter : IFilter, INodeFilter
{
    bool Concerns(PodInfo pod) => true;

    INodeFilter? IFilter.For(PodInfo pod, SchedulingSnapshot snapshot) => Concerns(pod) ? this : null;
}

/// <summary>Its judgement of a node may change with what happens elsewhere: it says which facts are worth another try.</summary>
public interface IHint : ISchedulingPlugin
{
    /// <summary>Upstream's queueing hint: whether a placed pod's coming, change or going could help one that waits.</summary>
    bool CouldHelp(PodInfo waiting, PodInfo changed, SchedulingSnapshot snapshot);
}

/// <summary>Makes room when no node would do.</summary>
public interface IPostFilter : ISchedulingPlugin
{
    PostFilterResult PostFilter(PodInfo pod, SchedulingSnapshot snapshot, SchedulingProfile profile, Diagnosis diagnosis);
}

/// <param name="Message">What was found out, for the end of the message; empty for nothing to say.</param>
/// <param name="NominatedNode">Where room is to be made; null leaves the pod's nomination as it is, empty ends it.</param>
/// <param name="Victims">Who has to leave for that.</param>
public sealed record PostFilterResult(string Message, string? NominatedNode, ImmutableArray<PodInfo> Victims);

/// <summary>How good nodes are for a pod.</summary>
public interface IScore : ISchedulingPlugin
{
    const long MaxScore = 100;

    /// <summary>Scores the nodes that fit, until the next change of the snapshot; null when every node would get the same score.</summary>
    INodeScore? For(PodInfo pod, SchedulingSnapshot snapshot, IReadOnlyList<NodeInfo> feasible);
}

/// <summary>Scores nodes for one pod, after <see cref="Normalize"/> from 0 to <see cref="IScore.MaxScore"/>.</summary>
public interface INodeScore
{
    long Score(PodInfo pod, NodeInfo node);

    void Normalize(Span<long> scores, IReadOnlyList<NodeInfo> nodes)
    {
    }
}

/// <summary>Scores each node by itself.</summary>
public interface ILocalScore : IScore, INodeScore
{
    bool Concerns(PodInfo pod) => true;

    INodeScore? IScore.For(PodInfo pod, SchedulingSnapshot snapshot, IReadOnlyList<NodeInfo> feasible) => Concerns(pod) ? this : null;
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
