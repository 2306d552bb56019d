using System.Collections.Immutable;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Actors.Scheduling.Plugins;
using ActorOrchestrator.Actors.Scheduling.Queue;
using ActorOrchestrator.Actors.Scheduling.Storage;
using ActorOrchestrator.Actors.Scheduling.Topology;
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
public sealed class SchedulerState
{
    private readonly Dictionary<string, SchedulingProfile> _profiles;
    private readonly SchedulerSettings _settings;
    private readonly Dictionary<ObjectKey, Assumption> _assumed = [];
    private int _start;

    public SchedulerState(SchedulingProfile profile, SchedulerSettings settings)
        : this([profile], settings)
    {
    }

    /// <param name="profiles">By the scheduler name that pods ask for; the first one's queue sort orders the queue, which all share.</param>
    /// <param name="settings">Back-off and retries.</param>
    public SchedulerState(ImmutableArray<SchedulingProfile> profiles, SchedulerSettings settings)
    {
        _profiles = profiles.ToDictionary(profile => profile.SchedulerName, StringComparer.Ordinal);
        _settings = settings;
        Queue = new SchedulingQueue(profiles[0].QueueSort, settings.InitialBackoff, settings.MaxBackoff);
    }

    public SchedulingSnapshot Snapshot { get; } = new();

    public SchedulingQueue Queue { get; }

    public int AssumedCount => _assumed.Count;

    /// <summary>What decisions read besides nodes and pods.</summary>
    private static ImmutableArray<ResourceType> Surroundings { get; } =
    [
        ResourceTypes.Namespaces, ResourceTypes.PodDisruptionBudgets, .. StorageView.Types,
        ResourceTypes.Services, ResourceTypes.ReplicaSets, ResourceTypes.StatefulSets, ResourceTypes.ReplicationControllers,
    ];

    public void Load(ClusterSnapshot cluster, DateTimeOffset now)
    {
        foreach (var node in cluster.All(ResourceTypes.Nodes))
        {
            Snapshot.SetNode(NodeInfo.From(node));
        }

        foreach (var type in Surroundings)
        {
            foreach (var obj in cluster.All(type))
            {
                ApplySurroundings(obj, deleted: false);
            }
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
                Queue.WakeLooking(_ => true, now);
            }
            else
            {
                ApplyNode(NodeInfo.From(fact.Object), now);
            }
        }
        else if (ApplySurroundings(fact.Object, fact.Verb == FactVerb.Deleted))
        {
            if (fact.Key.Type == ResourceTypes.Namespaces)
            {
                Queue.WakeLooking(_ => true, now);
            }
            else
            {
                Queue.Wake(item => !item.Pod.Volumes.Claims.IsEmpty, now);
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

        var profile = _profiles[next.Pod.SchedulerName];
        var decision = SchedulingCycle.Decide(Snapshot, profile, next.Pod, _start);
        _start = decision.NextStart;
        if (decision.NodeName is not { } nodeName)
        {
            Queue.AddUnschedulable(next, now);
            var message = decision.Diagnosis!.Message;
            var attempt = new Attempt(next.Pod, null, message) { Nomination = decision.Preemption?.NominatedNode, Victims = decision.Preemption?.Victims ?? [] };
            return attempt with { Displaced = Nominate(attempt, now) };
        }

        if (Granted(profile, next.Pod, nodeName) is { } refusal)
        {
            Queue.AddBackoff(next, now);
            return new Attempt(next.Pod, null, string.Join(", ", refusal.Reasons));
        }

        ImmutableArray<VolumeDecision> volumes = [];
        if (!next.Pod.Volumes.Claims.IsEmpty)
        {
            volumes = VolumeBinding.Plan(next.Pod, Snapshot.Find(nodeName)!, Snapshot.Storage);
            foreach (var decided in volumes.Where(decided => decided.VolumeName.Length > 0))
            {
                Snapshot.Storage.Promise(decided.VolumeName, decided.Claim);
            }
        }

        Snapshot.Nominations.Remove(next.Key);
        _assumed[next.Key] = new Assumption(next, nodeName);
        Snapshot.Place(next.Pod, nodeName);
        WakeNeighbours(next.Pod, now);
        return new Attempt(next.Pod, nodeName, "") { Volumes = volumes };
    }

    /// <summary>Whether the claims of a pod that is assumed somewhere are bound there, and why they will not be.</summary>
    public (bool Done, string? Failure) VolumesOf(PodInfo pod, string nodeName) => VolumeBinding.ProgressOf(pod, Snapshot.Find(nodeName), Snapshot.Storage);

    /// <summary>What would make a refused pod fit, for its owner; empty when there is nothing simple to say.</summary>
    public string RemedyFor(Attempt attempt) =>
        attempt.Nomination is { Length: > 0 } || !_profiles.TryGetValue(attempt.Pod.SchedulerName, out var profile) ? "" : Remedy.Of(Snapshot, profile, attempt.Pod);

    /// <summary>Somebody who was to make room cannot be made to leave: the room is sought anew.</summary>
    public void WithdrawNomination(PodInfo pod, DateTimeOffset now)
    {
        if (Snapshot.Nominations.Remove(pod.Key) is { } nodeName)
        {
            Queue.Wake(item => item.Key == pod.Key, now);
            WakeFor(nodeName, null, now);
        }
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
        foreach (var plugin in _profiles[pod.SchedulerName].Reserves)
        {
            plugin.Unreserve(pod, nodeName);
        }

        TakeBackPromises(pod);
        Snapshot.Remove(pod.Key);
        if (cluster.Find(pod.Key) is { } current && current.Uid == pod.Uid && IsWaiting(PodInfo.From(current)))
        {
            Queue.AddBackoff(assumption!.Item with { Pod = PodInfo.From(current) }, now);
        }

        WakeFor(nodeName, pod, now);
    }

    /// <summary>A safety net against a fact that was judged wrongly.</summary>
    public void RetryUnschedulable(DateTimeOffset now) => Queue.Wake(item => now - item.LastAttempt >= _settings.UnschedulableRetry, now);

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

        var profile = _profiles[item.Pod.SchedulerName];
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
            item =>
            {
                var profile = _profiles[item.Pod.SchedulerName];
                return isFirst || item.Pod.LooksElsewhere || (before is not null && CouldPreemptNow(profile, item.Pod, before, node))
                    || (before is not null && SchedulingCycle.LocalRefuserOf(profile, item.Pod, before) is { } refuser
                        ? refuser.Filter(item.Pod, node).IsSuccess
                        : CouldTake(node, item.Pod));
            },
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
            Snapshot.Nominations.Remove(pod.Key);
            _assumed.Remove(pod.Key, out var assumption);
            var before = Snapshot.PodOf(pod.Key);
            Snapshot.Place(pod, pod.NodeName);
            if (assumption is not null && assumption.NodeName != pod.NodeName)
            {
                WakeFor(assumption.NodeName, before, now);
            }
            else if (before is null || !before.HasLabelsOf(pod))
            {
                WakeNeighbours(pod, now);
            }

            if (before is not null && (before.Requests != pod.Requests || before.IsDeleting != pod.IsDeleting || !before.HasLabelsOf(pod)))
            {
                WakeFor(pod.NodeName, before, now);
            }
        }
        else if (!IsWaiting(pod))
        {
            Queue.Remove(pod.Key);
            EndNomination(pod.Key, now);
        }
        else if (!_assumed.TryGetValue(pod.Key, out var assumption) || assumption.Item.Pod.Uid != pod.Uid)
        {
            if (Snapshot.TryPlaceOf(pod.Key, out _))
            {
                // Another pod of the same name: what its predecessor held went with it.
                Forget(pod.Key, now);
            }

            if (pod.NominatedNodeName.Length > 0 && Queue.Find(pod.Key) is null)
            {
                // A leader before this one has made room there.
                Snapshot.Nominations.Set(pod, pod.NominatedNodeName, []);
            }

            Queue.Upsert(pod, now);
        }
    }

    private bool IsWaiting(PodInfo pod) =>
        pod.NodeName.Length == 0 && !pod.IsDeleting && !pod.IsTerminated && _profiles.ContainsKey(pod.SchedulerName);

    /// <summary>The pod is gone, or as good as gone: what it held is free.</summary>
    private void Forget(ObjectKey key, DateTimeOffset now)
    {
        Queue.Remove(key);
        if (_assumed.Remove(key, out var assumption))
        {
            TakeBackPromises(assumption.Item.Pod);
        }

        EndNomination(key, now);
        var before = Snapshot.PodOf(key);
        if (Snapshot.Remove(key) is { } nodeName)
        {
            WakeFor(nodeName, before, now);
        }
    }

    private void EndNomination(ObjectKey key, DateTimeOffset now)
    {
        if (Snapshot.Nominations.Remove(key) is { } nodeName)
        {
            WakeFor(nodeName, null, now);
        }
    }

    private void TakeBackPromises(PodInfo pod)
    {
        foreach (var use in pod.Volumes.Claims)
        {
            Snapshot.Storage.TakeBackPromises(use.Key);
        }
    }

    /// <summary>True when pods that wait could think differently.</summary>
    private bool ApplySurroundings(StoredObject obj, bool deleted)
    {
        if (obj.Key.Type == ResourceTypes.Namespaces)
        {
            var differs = Snapshot.Namespaces.Set(obj.Key.Name, deleted ? null : obj.Metadata.Labels);
            if (differs)
            {
                Snapshot.Topology.ForgetByNamespace();
            }

            return differs;
        }

        if (obj.Key.Type == ResourceTypes.PodDisruptionBudgets)
        {
            Snapshot.Budgets.Apply(obj, deleted);
        }
        else if (WorkloadSelectors.Reads(obj.Key.Type))
        {
            Snapshot.Workloads.Apply(obj, deleted);
        }
        else if (StorageView.Types.Contains(obj.Key.Type))
        {
            Snapshot.Storage.Apply(obj, deleted);
            return true;
        }

        return false;
    }

    /// <summary>Remembers for whom room is being made; whoever is less important and was to have room there looks elsewhere.</summary>
    private ImmutableArray<PodInfo> Nominate(Attempt attempt, DateTimeOffset now)
    {
        if (attempt.Nomination is not { } nodeName)
        {
            return [];
        }

        if (nodeName.Length == 0)
        {
            EndNomination(attempt.Pod.Key, now);
            return [];
        }

        ImmutableArray<PodInfo> displaced = [.. Snapshot.Nominations.Below(nodeName, attempt.Pod).Select(pod => Queue.Find(pod.Key)?.Pod ?? pod)];
        foreach (var pod in displaced)
        {
            Snapshot.Nominations.Remove(pod.Key);
            Queue.Wake(item => item.Key == pod.Key, now);
        }

        Snapshot.Nominations.Set(attempt.Pod, nodeName, attempt.Victims);
        return displaced;
    }

    /// <summary>A refused pod fits nowhere, so only the node on which something has become free since can take it: that one is asked.
    /// Whose neighbours matter is tried again when one of them has gone, wherever that was.</summary>
    private void WakeFor(string nodeName, PodInfo? gone, DateTimeOffset now)
    {
        if (Queue.Unschedulable.Count == 0)
        {
            return;
        }

        if (Snapshot.Find(nodeName) is { } node)
        {
            foreach (var guest in Snapshot.Nominations.For(nodeName).Where(guest => Queue.Find(guest.Key) is not null).ToArray())
            {
                // Once all have left, it is to see for itself: should somebody more important have taken the room, it is sought anew.
                var victims = Snapshot.Nominations.VictimsOf(guest.Key);
                if (!node.Pods.Any(pod => victims.Contains(pod.Uid)) || CouldTake(node, guest))
                {
                    Queue.WakeAtOnce(guest.Key);
                }
            }

            Queue.Wake(item => CouldTake(node, item.Pod) || (gone is not null && item.Pod.LooksElsewhere && CouldHelp(item.Pod, gone)), now);
        }

        if (gone is { RequiredAntiAffinity.IsEmpty: false })
        {
            Queue.Wake(item => CouldHelp(item.Pod, gone), now);
        }
        else if (gone is { Volumes.IsEmpty: false })
        {
            Queue.Wake(item => !item.Pod.Volumes.IsEmpty, now);
        }
    }

    /// <summary>A pod that has come, or is another one now, may be the neighbour that somebody waits for.</summary>
    private void WakeNeighbours(PodInfo pod, DateTimeOffset now)
    {
        if (Queue.LookingElsewhere.Count > 0)
        {
            Queue.WakeLooking(item => CouldHelp(item.Pod, pod), now);
        }
    }

    private bool CouldHelp(PodInfo waiting, PodInfo changed)
    {
        foreach (var plugin in _profiles[waiting.SchedulerName].Hints)
        {
            if (plugin.CouldHelp(waiting, changed, Snapshot))
            {
                return true;
            }
        }

        return false;
    }

    private bool CouldTake(NodeInfo node, PodInfo pod)
    {
        var profile = _profiles[pod.SchedulerName];
        return SchedulingCycle.LocalRefuserOf(profile, pod, node) is null && SchedulingCycle.Fits(Snapshot, profile, pod, node);
    }

    /// <summary>The node was none for the pod whoever had left it, and now is: somebody may have to leave.</summary>
    private static bool CouldPreemptNow(SchedulingProfile profile, PodInfo pod, NodeInfo before, NodeInfo now) =>
        !pod.NeverPreempts && now.Pods is [.., var last] && last.Priority < pod.Priority
        && SchedulingCycle.LocalRefuserOf(profile, pod, before.Emptied()) is not null && SchedulingCycle.LocalRefuserOf(profile, pod, now.Emptied()) is null;

    private static PluginStatus? Granted(SchedulingProfile profile, PodInfo pod, string nodeName)
    {
        for (var i = 0; i < profile.Reserves.Length; i++)
        {
            if (profile.Reserves[i].Reserve(pod, nodeName) is { IsSuccess: false } refused)
            {
                Unreserve(profile, pod, nodeName, i);
                return refused;
            }
        }

        foreach (var plugin in profile.Permits)
        {
            if (plugin.Permit(pod, nodeName) is { IsSuccess: false } refused)
            {
                Unreserve(profile, pod, nodeName, profile.Reserves.Length);
                return refused;
            }
        }

        return null;
    }

    private static void Unreserve(SchedulingProfile profile, PodInfo pod, string nodeName, int count)
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
public sealed record Attempt(PodInfo Pod, string? NodeName, string Message)
{
    /// <summary>Where room is being made for it; empty when its nomination ends, null when nothing changes about it.</summary>
    public string? Nomination { get; init; }

    /// <summary>Who has to leave for that.</summary>
    public ImmutableArray<PodInfo> Victims { get; init; } = [];

    /// <summary>Less important pods that were to have room there, and have to look elsewhere.</summary>
    public ImmutableArray<PodInfo> Displaced { get; init; } = [];

    /// <summary>What has to be written about its claims before it can be bound.</summary>
    public ImmutableArray<VolumeDecision> Volumes { get; init; } = [];
}
