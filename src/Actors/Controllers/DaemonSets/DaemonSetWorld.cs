using System.Collections.Immutable;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Revisions;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.DaemonSets;

/// <summary>A node with the daemons of one set on it or meant for it.</summary>
/// <param name="Run">A daemon should be made where there is none.</param>
/// <param name="Stay">A daemon that is there should stay.</param>
/// <param name="Pods">Bound ones first, then the oldest first.</param>
/// <param name="Remains">Finished and deleted, and only kept by a finalizer: nothing is left to be done about them, and nobody waits for them.</param>
internal sealed record DaemonPlace(string Node, bool Run, bool Stay, ImmutableArray<DaemonPod> Pods, ImmutableArray<DaemonPod> Remains);

/// <summary>A set, its revisions, and its pods by their nodes.</summary>
/// <param name="Places">Every node of the cluster.</param>
/// <param name="Elsewhere">Pods that are not on any node there is.</param>
internal sealed record DaemonSetWorld(
    DaemonSetView Set, RevisionHistory History, RevisionView Update, ImmutableArray<DaemonPlace> Places, ImmutableArray<DaemonPod> Elsewhere, DateTimeOffset Now)
{
    public int Desired => Places.Count(place => place.Run);

    /// <summary>Null while the history is not right.</summary>
    public static DaemonSetWorld? Of(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is null)
        {
            return null;
        }

        var set = DaemonSetView.Of(observed.Object);
        var history = RevisionHistory.Of(set.Revisioned, observed.Snapshot);
        if (history.Update is not { } update)
        {
            return null;
        }

        var pods = DaemonSetReconciler.ClaimPods(set, observed.Snapshot).Kept.Select(DaemonPod.Of).ToLookup(pod => pod.Node, StringComparer.Ordinal);
        var places = ImmutableArray.CreateBuilder<DaemonPlace>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stored in observed.Snapshot.All(ResourceTypes.Nodes))
        {
            var node = DaemonNode.Of(stored);
            var (run, stay) = set.Placement.On(node);
            names.Add(node.Name);
            places.Add(new DaemonPlace(node.Name, run, stay, Ordered(pods[node.Name].Where(pod => !IsRemains(pod))), [.. pods[node.Name].Where(IsRemains)]));
        }

        return new DaemonSetWorld(set, history, update, places.ToImmutable(), [.. pods.Where(group => !names.Contains(group.Key)).SelectMany(group => group)], now);
    }

    public bool IsUpdated(DaemonPod pod) => pod.Hash == Update.Hash;

    public bool IsAvailable(DaemonPod pod) => pod.IsAvailable(Set.MinReadySeconds, Now);

    /// <summary>The one updated and the one old pod of a place that are not on their way out; null when there are several of either, which is for others to clear away.</summary>
    public (DaemonPod? New, DaemonPod? Old)? PairOf(DaemonPlace place)
    {
        var alive = place.Pods.Where(pod => !pod.IsTerminating).ToArray();
        var updated = alive.Where(IsUpdated).ToArray();
        var old = alive.Where(pod => !IsUpdated(pod)).ToArray();
        return updated.Length > 1 || old.Length > 1 ? null : (updated.FirstOrDefault(), old.FirstOrDefault());
    }

    private static bool IsRemains(DaemonPod pod) => pod.IsFinished && pod.IsTerminating;

    private static ImmutableArray<DaemonPod> Ordered(IEnumerable<DaemonPod> pods) =>
    [
        .. pods.OrderBy(pod => pod.Pod.NodeName.Length == 0).ThenBy(pod => pod.Stored.Metadata.CreationTimestamp).ThenBy(pod => pod.Stored.Key.Name, StringComparer.Ordinal),
    ];
}
