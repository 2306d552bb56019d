using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.GarbageCollection;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Nodes;

/// <summary>What becomes of the pods of a node that is not Ready or has NoExecute taints: unready, evicted when their patience ends, gone once the node is fenced.</summary>
internal static class NodePods
{
    /// <param name="plan">What is done about the node first.</param>
    /// <param name="key">The node.</param>
    /// <param name="cluster">What is.</param>
    /// <param name="node">The node as it will be.</param>
    /// <param name="now">The time.</param>
    /// <param name="settings">The periods.</param>
    /// <param name="events">Gets what is told of the pods.</param>
    public static Plan Care(
        Plan plan, ObjectKey key, ClusterSnapshot cluster, JsonObject node, DateTimeOffset now, NodeLifecycleSettings settings, List<PlanAction> events)
    {
        var ready = NodeConditions.StatusOf(node, "Ready");
        var since = NodeConditions.TransitionOf(node, "Ready") ?? now;
        var taints = NoExecuteTaints(node, now);
        if (ready == "True" && taints.IsEmpty)
        {
            return plan;
        }

        var marks = new List<PlanAction>();
        var removals = new List<PlanAction>();
        var fenced = since + settings.FenceAfter;
        foreach (var pod in cluster.PodsOnNode(key.Name))
        {
            var view = PodView.Of(pod);
            if (view.Phase is "Succeeded" or "Failed")
            {
                continue;
            }

            var isDeleting = pod.Metadata.DeletionTimestamp is not null;
            var leaves = isDeleting ? null : TaintEviction.LeavesAt(NodeTolerance.Of(pod), taints, settings.DefaultEvictionAfter);
            var evicted = leaves <= now;

            // Once for each time that the node stopped being ready: an agent that is alive may say otherwise afterwards.
            var unready = ready != "True" && view.IsReady && !(view.ReadySince > since);
            if (unready)
            {
                events.Add(RecordEvent.Warn(pod, "NodeNotReady", "Node is not ready"));
            }

            if (unready || evicted)
            {
                marks.Add(ChangeObject.AsItIs(pod, evicted ? "evict by taint" : "node is not ready", obj => Marked(obj, unready, evicted, now), "status"));
            }

            if (evicted)
            {
                removals.Add(DeleteObject.Of(pod, "evict by taint", new DeleteRequest()));
                events.Add(RecordEvent.Normal(pod, "TaintManagerEviction", $"Marking for deletion Pod {pod.Key.Namespace}/{pod.Key.Name}"));
            }
            else if (isDeleting && ready == "Unknown" && now >= fenced)
            {
                removals.Add(DeleteObject.Of(pod, "node is fenced", new DeleteRequest(GracePeriodSeconds: 0)));
            }

            plan = plan.NotLaterThan(leaves > now ? leaves : ready == "Unknown" && now < fenced ? fenced : null);
        }

        return plan.And(marks).And(removals);
    }

    private static JsonObject? Marked(JsonObject pod, bool unready, bool evicted, DateTimeOffset now)
    {
        var status = pod.Ensure("status");
        var changed = false;
        foreach (var condition in (status.Array("conditions") ?? []).OfType<JsonObject>())
        {
            if (unready && JsonNodes.Text(condition, "type") == "Ready" && JsonNodes.Text(condition, "status") == "True")
            {
                condition["status"] = "False";
                condition["lastTransitionTime"] = JsonNodes.Time(now);
                changed = true;
            }
        }

        if (evicted)
        {
            changed |= PodConditions.Set(
                status, "DisruptionTarget", "True", "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", now);
        }

        return changed ? pod : null;
    }

    /// <summary>A taint that does not say since when begins to count now; that is written to the node with this very plan.</summary>
    private static ImmutableArray<(Taint Taint, DateTimeOffset Since)> NoExecuteTaints(JsonObject node, DateTimeOffset now) =>
    [
        .. (JsonNodes.Array(node.Object("spec"), "taints") ?? []).Where(taint => JsonNodes.Text(taint, "effect") == "NoExecute").Select(taint => (
            new Taint(JsonNodes.Text(taint, "key"), JsonNodes.Text(taint, "value"), "NoExecute"),
            NodeConditions.ParseTime(JsonNodes.Text(taint, "timeAdded")) ?? now)),
    ];
}
