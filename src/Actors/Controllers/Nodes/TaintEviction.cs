using ActorOrchestrator.Actors.Scheduling;

namespace ActorOrchestrator.Actors.Controllers.Nodes;

/// <summary>When a NoExecute taint drives a pod away.</summary>
public static class TaintEviction
{
    // What admission adds to a pod that says nothing (upstream's DefaultTolerationSeconds).
    private const long DefaultedSeconds = 300;

    /// <summary>The time that a pod has on a node with these taints; null for ever.</summary>
    /// <param name="pod">What it puts up with; a taint counts from when the pod came to the node, if that was later.</param>
    /// <param name="taints">The node's NoExecute taints, each with the time since when it counts.</param>
    /// <param name="defaultAfter">For pods that carry the defaulted tolerations: how long they stay.</param>
    public static DateTimeOffset? LeavesAt(NodeTolerance pod, IEnumerable<(Taint Taint, DateTimeOffset Since)> taints, TimeSpan defaultAfter)
    {
        DateTimeOffset? earliest = null;
        foreach (var (taint, since) in taints)
        {
            var tolerations = pod.Tolerations.Where(toleration => toleration.Tolerates(taint)).ToArray();
            var patience = tolerations.Length == 0 ? TimeSpan.Zero : Patience(tolerations, defaultAfter);
            var from = since > pod.BoundAt ? since : pod.BoundAt;
            if (patience is { } time && (earliest is null || from + time < earliest))
            {
                earliest = from + time;
            }
        }

        return earliest;
    }

    /// <summary>The shortest of those that end; null when none does.</summary>
    private static TimeSpan? Patience(Toleration[] tolerations, TimeSpan defaultAfter)
    {
        TimeSpan? shortest = null;
        foreach (var toleration in tolerations.Where(toleration => toleration.Seconds is not null))
        {
            var time = IsDefaulted(toleration) ? defaultAfter : TimeSpan.FromSeconds(Math.Clamp(toleration.Seconds!.Value, 0, int.MaxValue));
            shortest = shortest is null || time < shortest ? time : shortest;
        }

        return shortest;
    }

    private static bool IsDefaulted(Toleration toleration) => toleration is
        { Key: Taint.NotReady or Taint.Unreachable, Operator: "Exists", Effect: "NoExecute", Seconds: DefaultedSeconds };
}
