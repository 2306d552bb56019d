using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Nodes;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.GarbageCollection;

/// <summary>
/// Removes pods that nobody else will: bound to a node that is gone, being deleted without ever having had a node or on one of which somebody says that it is off,
/// or terminated beyond a number (upstream's pod garbage collector). What it remembers is only since when a node has been missing, so that one that registers anew keeps its pods.
/// </summary>
public sealed class PodGarbageSweep(TimeSpan quarantine, int terminatedThreshold) : ISweep
{
    private const string Act = "collect orphaned pod";
    private readonly Dictionary<string, DateTimeOffset> _missingSince = new(StringComparer.Ordinal);

    public string Name => "pod-garbage-collector";

    public Plan Sweep(ClusterSnapshot cluster, DateTimeOffset now)
    {
        var nodes = cluster.All(ResourceTypes.Nodes).ToDictionary(node => node.Key.Name, NodeView.Of, StringComparer.Ordinal);
        var terminated = new List<PodView>();
        var steps = (Marks: new List<PlanAction>(), Deletions: new List<PlanAction>());
        var missing = new HashSet<string>(StringComparer.Ordinal);
        var mayBeTooMany = terminatedThreshold > 0 && cluster.Count(ResourceTypes.Pods) > terminatedThreshold;
        foreach (var pod in cluster.All(ResourceTypes.Pods))
        {
            var nodeName = pod.Links.NodeName;
            var isDeleting = pod.Metadata.DeletionTimestamp is not null;
            var node = nodes.GetValueOrDefault(nodeName);
            if (nodeName.Length == 0 ? isDeleting : node is null ? IsOrphan(nodeName, missing, now) : isDeleting && node is { IsReady: false, IsOutOfService: true })
            {
                steps.Marks.Add(MarkFailed(pod, orphaned: nodeName.Length > 0 && node is null, now));
                steps.Deletions.Add(Delete(pod));
            }
            else if (mayBeTooMany && PodView.Of(pod) is { Phase: "Succeeded" or "Failed" } view)
            {
                terminated.Add(view);
            }
        }

        foreach (var returned in _missingSince.Keys.Where(name => !missing.Contains(name)).ToArray())
        {
            _missingSince.Remove(returned);
        }

        // Those that were evicted are worth least, then the oldest.
        steps.Deletions.AddRange(terminated.OrderBy(pod => !IsEvicted(pod)).ThenBy(pod => pod.Stored.Metadata.CreationTimestamp).ThenBy(pod => pod.Stored.Key.Name, StringComparer.Ordinal)
            .Take(Math.Max(0, terminated.Count - terminatedThreshold)).Select(pod => Delete(pod.Stored)));
        return Plan.Together(steps.Marks).And(steps.Deletions);
    }

    private bool IsOrphan(string nodeName, HashSet<string> missing, DateTimeOffset now)
    {
        missing.Add(nodeName);
        if (!_missingSince.TryGetValue(nodeName, out var since))
        {
            _missingSince[nodeName] = since = now;
        }

        return now - since >= quarantine;
    }

    /// <summary>Nobody is left who would end its phase.</summary>
    private static PlanAction MarkFailed(StoredObject pod, bool orphaned, DateTimeOffset now) => ChangeObject.AsItIs(pod, Act, obj =>
    {
        var status = obj.Ensure("status");
        if (JsonNodes.Text(status, "phase") is "Succeeded" or "Failed")
        {
            return null;
        }

        status["phase"] = "Failed";
        if (orphaned)
        {
            PodConditions.Set(status, "DisruptionTarget", "True", "DeletionByPodGC", "PodGC: node no longer exists", now);
        }

        return obj;
    }, "status");

    private static PlanAction Delete(StoredObject pod) =>
        DeleteObject.Of(pod, Act, new DeleteRequest(GracePeriodSeconds: 0));

    private static bool IsEvicted(PodView pod) => pod.Phase == "Failed" && JsonNodes.Text(pod.Stored.ToJson().Object("status"), "reason") == "Evicted";
}
