using System.Collections.Immutable;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Actors.Scheduling.Queue;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Scheduling;

namespace ActorOrchestrator.Actors.Scheduling;

/// <summary>
/// What the scheduler knows: the nodes with bound and assumed pods, and the queue of the others. It changes by facts and by decisions, never by itself.
/// <para>
/// 1. A pod is in the queue, or assumed, or bound, or not ours: never in two of them.
/// 2. An assumption is taken back only by a definite refusal or by the pod's end; it turns into a binding by the fact.
/// </para>
/// </summary>
public sealed class SchedulerState(SchedulingProfile profile, SchedulerSettings settings)
{
    private readonly Dictionary<ObjectKey, Assumption> _assumed = [];
    private int _start;

    public SchedulingSnapshot Snapshot { get; } = new();

    public SchedulingQueue Queue { get; } = new(profile.QueueSort, settings.InitialBackoff, settings.MaxBackoff);

    public int AssumedCount => _assumed.Count;

    public void Load(ClusterSnapshot cluster, DateTimeOffset now)
    {
        foreach (var node in cluster.All(ResourceTypes.Nodes))
        {
            Snapshot.SetNode(NodeInfo.From(node));
        }

        foreach (var pod in cluster.All(ResourceTypes.Pods))
        {
            ApplyPod(PodInfo.From(pod), now);
        }
    }

    public void Apply(Fact fact, DateTimeOffset now)
    {
        if (fact.Key.Type == ResourceTypes.Pods)
        {
            if (fact.Verb == FactVerb.Deleted)
            {
                Forget(fact.Key, now);
            }
            else
            {
                ApplyPod(PodInfo.From(fact.Object), now);
            }
        }
        else if (fact.Key.Type == ResourceTypes.Nodes)
        {
            if (fact.Verb == FactVerb.Deleted)
            {
                Snapshot.RemoveNode(fact.Key.Name);
            }
            else
            {
                ApplyNode(NodeInfo.From(fact.Object), now);
            }
        }
    }

    /// <summary>Tries the next pod. Success leaves it assumed on its node; failure leaves it in the queue.</summary>
    public Attempt? TryNext(DateTimeOffset now)
    {
        if (Queue.Pop(now) is not { } next)
        {
            return null;
        }

        var decision = SchedulingCycle.Decide(Snapshot, profile, next.Pod, _start);
        _start = decision.NextStart;
        if (decision.NodeName is not { } nodeName)
        {
            Queue.AddUnschedulable(next, now);
            return new Attempt(next.Pod, null, decision.Diagnosis!.Message);
        }

        if (Granted(next.Pod, nodeName) is { } refusal)
        {
            Queue.AddBackoff(next, now);
            return new Attempt(next.Pod, null, string.Join(", ", refusal.Reasons));
        }

        _assumed[next.Key] = new Assumption(next, nodeName);
        Snapshot.Place(next.Pod, nodeName);
        return new Attempt(next.Pod, nodeName, "");
    }

    /// <summary>Whether this assumption still waits for its binding: the answer to an old attempt changes nothing.</summary>
    public bool IsAssumed(PodInfo pod, string nodeName) =>
        _assumed.TryGetValue(pod.Key, out var assumption) && assumption.Item.Pod.Uid == pod.Uid && assumption.NodeName == nodeName;

    /// <summary>The binding was refused for good: the room is free again, and the pod, if it still is one without a node, waits its turn.
    /// An answer to an attempt that is not the current one changes nothing.</summary>
    public void TakeBack(PodInfo pod, string nodeName, ClusterSnapshot cluster, DateTimeOffset now)
    {
        if (!IsAssumed(pod, nodeName))
        {
            return;
        }

        _assumed.Remove(pod.Key, out var assumption);
        foreach (var plugin in profile.Reserves)
        {
            plugin.Unreserve(pod, nodeName);
        }

        Snapshot.Remove(pod.Key);
        if (cluster.Find(pod.Key) is { } current && current.Uid == pod.Uid && IsWaiting(PodInfo.From(current)))
        {
            Queue.AddBackoff(assumption!.Item with { Pod = PodInfo.From(current) }, now);
        }

        WakeFor(nodeName, now);
    }

    /// <summary>A safety net against a fact that was judged wrongly.</summary>
    public void RetryUnschedulable(DateTimeOffset now) => Queue.Wake(item => now - item.LastAttempt >= settings.UnschedulableRetry, now);

    public SchedulerReplies.Explanation Explain(ObjectKey key)
    {
        if (Snapshot.TryPlaceOf(key, out var nodeName))
        {
            return new SchedulerReplies.Explanation(key, true, nodeName, "", 0, []);
        }

        if (Queue.Find(key) is not { } item)
        {
            return new SchedulerReplies.Explanation(key, false, "", "", 0, []);
        }

        if (!item.Pod.SchedulingGates.IsEmpty)
        {
            return new SchedulerReplies.Explanation(key, true, "", "Scheduling is blocked due to non-empty scheduling gates", item.Attempts, []);
        }

        var diagnosis = SchedulingCycle.Explain(Snapshot, profile, item.Pod);
        ImmutableArray<SchedulerReplies.NodeVerdict> verdicts =
        [
            .. diagnosis.ByNode.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => new SchedulerReplies.NodeVerdict(pair.Key, pair.Value.IsSuccess, pair.Value.Plugin, pair.Value.Reasons)),
        ];
        var message = verdicts.Any(verdict => verdict.Fits) ? "" : SchedulingCycle.Decide(Snapshot, profile, item.Pod, 0).Diagnosis?.Message ?? "";
        return new SchedulerReplies.Explanation(key, true, "", message, item.Attempts, verdicts);
    }

    /// <summary>A refused pod is tried again when this node would take it, and also when what it refused it for is gone: then another reason, if there is one,
    /// is the answer that its owner should read.</summary>
    private void ApplyNode(NodeInfo described, DateTimeOffset now)
    {
        var before = Snapshot.Find(described.Name);
        if (!Snapshot.SetNode(described) || Queue.Unschedulable.Count == 0)
        {
            return;
        }

        var node = Snapshot.Find(described.Name)!;
        var isFirst = Snapshot.Nodes.Count == 1 && before is null;
        Queue.Wake(
            item => isFirst || (before is not null && SchedulingCycle.RefuserOf(profile, item.Pod, before) is { } refuser
                ? refuser.Filter(item.Pod, node).IsSuccess
                : SchedulingCycle.Fits(profile, item.Pod, node)),
            now);
    }

    private void ApplyPod(PodInfo pod, DateTimeOffset now)
    {
        if (pod.IsTerminated)
        {
            Forget(pod.Key, now);
        }
        else if (pod.NodeName.Length > 0)
        {
            Queue.Remove(pod.Key);
            _assumed.Remove(pod.Key, out var assumption);
            Snapshot.Place(pod, pod.NodeName);
            if (assumption is not null && assumption.NodeName != pod.NodeName)
            {
                WakeFor(assumption.NodeName, now);
            }
        }
        else if (!IsWaiting(pod))
        {
            Queue.Remove(pod.Key);
        }
        else if (!_assumed.TryGetValue(pod.Key, out var assumption) || assumption.Item.Pod.Uid != pod.Uid)
        {
            if (Snapshot.TryPlaceOf(pod.Key, out _))
            {
                // Another pod of the same name: what its predecessor held went with it.
                Forget(pod.Key, now);
            }

            Queue.Upsert(pod, now);
        }
    }

    private bool IsWaiting(PodInfo pod) =>
        pod.NodeName.Length == 0 && !pod.IsDeleting && !pod.IsTerminated && pod.SchedulerName == profile.SchedulerName;

    /// <summary>The pod is gone, or as good as gone: what it held is free.</summary>
    private void Forget(ObjectKey key, DateTimeOffset now)
    {
        Queue.Remove(key);
        _assumed.Remove(key);
        if (Snapshot.Remove(key) is { } nodeName)
        {
            WakeFor(nodeName, now);
        }
    }

    /// <summary>A refused pod fits nowhere, so only the node on which something has become free since can take it: that one is asked.</summary>
    private void WakeFor(string nodeName, DateTimeOffset now)
    {
        if (Queue.Unschedulable.Count > 0 && Snapshot.Find(nodeName) is { } node)
        {
            Queue.Wake(item => SchedulingCycle.Fits(profile, item.Pod, node), now);
        }
    }

    private PluginStatus? Granted(PodInfo pod, string nodeName)
    {
        for (var i = 0; i < profile.Reserves.Length; i++)
        {
            if (profile.Reserves[i].Reserve(pod, nodeName) is { IsSuccess: false } refused)
            {
                Unreserve(pod, nodeName, i);
                return refused;
            }
        }

        foreach (var plugin in profile.Permits)
        {
            if (plugin.Permit(pod, nodeName) is { IsSuccess: false } refused)
            {
                Unreserve(pod, nodeName, profile.Reserves.Length);
                return refused;
            }
        }

        return null;
    }

    private void Unreserve(PodInfo pod, string nodeName, int count)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            profile.Reserves[i].Unreserve(pod, nodeName);
        }
    }

    private sealed record Assumption(QueuedPod Item, string NodeName);
}

/// <param name="Pod">The pod that was tried.</param>
/// <param name="NodeName">Where it is assumed now; null when it fits nowhere.</param>
/// <param name="Message">Why it fits nowhere.</param>
public sealed record Attempt(PodInfo Pod, string? NodeName, string Message);
