using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Actors.Scheduling.Queue;

namespace ActorOrchestrator.Actors.Scheduling.Plugins;

/// <summary>The higher priority first; among equals who has waited longer.</summary>
public sealed class PrioritySort : IQueueSort
{
    public string Name => "PrioritySort";

    public int Compare(QueuedPod? x, QueuedPod? y)
    {
        var byPriority = y!.Pod.Priority.CompareTo(x!.Pod.Priority);
        return byPriority != 0 ? byPriority : x.QueuedAt.CompareTo(y.QueuedAt);
    }
}
