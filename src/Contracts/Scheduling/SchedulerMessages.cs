using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Scheduling;

/// <summary>What can be asked of the scheduler.</summary>
public static class SchedulerQueries
{
    /// <summary>Why is this pod where it is, or nowhere? Answered by <see cref="SchedulerReplies.Explanation"/>.</summary>
    public sealed record Explain(ObjectKey Pod);
}

public static class SchedulerReplies
{
    /// <param name="Pod">The pod that was asked about.</param>
    /// <param name="Known">False when there is no such pod that waits for or has a node.</param>
    /// <param name="NodeName">The node that the pod is bound to or assumed on; empty when it waits.</param>
    /// <param name="Message">For a pod that waits: the sentence of its PodScheduled condition as of now; empty when it would fit.</param>
    /// <param name="Attempts">How often a node was sought in vain.</param>
    /// <param name="Nodes">For a pod that waits: the verdict on each node as of now, by node name.</param>
    public sealed record Explanation(ObjectKey Pod, bool Known, string NodeName, string Message, int Attempts, ImmutableArray<NodeVerdict> Nodes);

    /// <param name="NodeName">The node.</param>
    /// <param name="Fits">It would take the pod now.</param>
    /// <param name="Plugin">The plugin that refused it; empty when none did.</param>
    /// <param name="Reasons">In Kubernetes' words.</param>
    public sealed record NodeVerdict(string NodeName, bool Fits, string Plugin, ImmutableArray<string> Reasons);
}
