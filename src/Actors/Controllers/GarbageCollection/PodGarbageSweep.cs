using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.GarbageCollection;

/// <summary>
/// Removes pods that nobody else will: bound to a node that is gone, being deleted without ever having had a node, or terminated beyond a
/// number (upstream's pod garbage collector). What it remembers is only since when a node has been missing, so that one that registers anew keeps its pods.
/// </summary>
public sealed class PodGarbageSweep(TimeSpan quarantine, int terminatedThreshold) : ISweep
{
    private const string Act = "collect orphaned pod";
    private readonly Dictionary<string, DateTimeOffset> _missingSince = new(StringComparer.Ordinal);

    public string Name => "pod-garbage-collector";

    public Plan Sweep(ClusterSnapshot cluster, DateTimeOffset now)
    {
        var nodes = cluster.All(ResourceTypes.Nodes).Select(node => node.Key.Name).ToHashSet(StringComparer.Ordinal);
        var terminated = new List<StoredObject>();
        var steps = (Marks: new List<PlanAction>(), Deletions: new List<PlanAction>());
        var missing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pod in cluster.All(ResourceTypes.Pods))
        {
            var nodeName = pod.Links.NodeName;
            if (nodeName.Length == 0 ? pod.Metadata.DeletionTimestamp is not null : IsOrphan(nodeName, nodes, missing, now))
            {
                steps.Marks.Add(MarkFailed(pod, orphaned: nodeName.Length > 0, now));
                steps.Deletions.Add(Delete(pod));
            }
            else if (terminatedThreshold > 0 && IsTerminated(pod))
            {
                terminated.Add(pod);
            }
        }

        foreach (var returned in _missingSince.Keys.Where(name => !missing.Contains(name)).ToArray())
        {
            _missingSince.Remove(returned);
        }

        if (terminatedThreshold > 0 && terminated.Count > terminatedThreshold)
        {
            steps.Deletions.AddRange(terminated.OrderBy(pod => pod.Metadata.CreationTimestamp).ThenBy(pod => pod.Key.Name, StringComparer.Ordinal)
                .Take(terminated.Count - terminatedThreshold).Select(Delete));
        }

        return Plan.Together(steps.Marks).And(steps.Deletions);
    }

    private bool IsOrphan(string nodeName, HashSet<string> nodes, HashSet<string> missing, DateTimeOffset now)
    {
        if (nodes.Contains(nodeName))
        {
            return false;
        }

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

    private static bool IsTerminated(StoredObject pod) => Endpoints.PodEndpoint.Of(pod).IsTerminated;
}
