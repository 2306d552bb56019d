using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.GarbageCollection;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Nodes;

/// <summary>
/// What follows from a node's silence or from what it says of itself: conditions, taints, the readiness of its pods, who has to leave and who is gone.
/// </summary>
public static class NodeLifecycleReconciler
{
    /// <param name="key">The node.</param>
    /// <param name="cluster">What is.</param>
    /// <param name="lastHeard">The last heartbeat, or the start of the watch over it.</param>
    /// <param name="cidr">A free piece of the pods' network for a node that has none; null when there is none.</param>
    /// <param name="now">The time.</param>
    /// <param name="settings">The periods.</param>
    public static Plan Reconcile(
        ObjectKey key, ClusterSnapshot cluster, DateTimeOffset lastHeard, string? cidr, DateTimeOffset now, NodeLifecycleSettings settings)
    {
        if (cluster.Find(key) is not { } stored || stored.Metadata.DeletionTimestamp is not null)
        {
            return Plan.Nothing;
        }

        var node = stored.ToJson();
        var plan = Plan.Nothing;
        var events = new List<PlanAction>();
        DateTimeOffset? again = lastHeard + settings.MonitorGracePeriod;
        if (now >= again)
        {
            again = null;
            var wasReady = NodeConditions.StatusOf(node, "Ready") == "True";
            if (NodeConditions.MarkUnknown(node, now) is not null)
            {
                plan = plan.And(ChangeObject.AsItIs(stored, "node fell silent", obj => NodeConditions.MarkUnknown(obj, now), "status"));
                if (wasReady)
                {
                    events.Add(RecordEvent.Normal(stored, "NodeNotReady", $"Node {key.Name} status is now: NodeNotReady"));
                }
            }
        }

        var mayEvict = cluster.All(ResourceTypes.Nodes).Any(other => other.Key != key && IsReady(other));
        if (Described(node, mayEvict, cidr, now) is not null)
        {
            plan = plan.And(ChangeObject.AsItIs(stored, "taint node", obj => Described(obj, mayEvict, cidr, now)));
        }

        return WithPods(plan, key, cluster, node, now, settings, events, ref again).And(events).NotLaterThan(again);
    }

    public static bool IsReady(StoredObject node) => NodeConditions.StatusOf(node.ToJson(), "Ready") == "True";

    private static Plan WithPods(
        Plan plan, ObjectKey key, ClusterSnapshot cluster, JsonObject node, DateTimeOffset now, NodeLifecycleSettings settings,
        List<PlanAction> events, ref DateTimeOffset? again)
    {
        var ready = NodeConditions.StatusOf(node, "Ready");
        var since = NodeConditions.TransitionOf(node, "Ready") ?? now;
        var taints = NoExecuteTaints(node, since);
        if (ready == "True" && taints.IsEmpty)
        {
            return plan;
        }

        var marks = new List<PlanAction>();
        var removals = new List<PlanAction>();
        foreach (var pod in cluster.PodsOnNode(key.Name))
        {
            var info = PodInfo.From(pod);
            var leaves = info.IsTerminated || info.IsDeleting ? null : TaintEviction.LeavesAt(info, taints, settings.DefaultEvictionAfter);
            var evicted = leaves <= now;
            if (ready != "True" && !info.IsTerminated && Unreadied(pod.ToJson(), since, evicted: false, now) is not null)
            {
                events.Add(RecordEvent.Warn(pod, "NodeNotReady", "Node is not ready"));
            }

            if (Unreadied(pod.ToJson(), ready == "True" ? null : since, evicted, now) is not null && !info.IsTerminated)
            {
                DateTimeOffset? mark = ready == "True" ? null : since;
                marks.Add(ChangeObject.AsItIs(pod, "node is not ready", obj => Unreadied(obj, mark, evicted, now), "status"));
            }

            var fenced = since + settings.FenceAfter;
            if (evicted)
            {
                removals.Add(DeleteObject.Of(pod, "evict by taint", new DeleteRequest()));
                events.Add(RecordEvent.Normal(pod, "TaintManagerEviction", $"Marking for deletion Pod {pod.Key.Namespace}/{pod.Key.Name}"));
            }
            else if (info.IsDeleting && ready == "Unknown" && now >= fenced)
            {
                removals.Add(DeleteObject.Of(pod, "node is fenced", new DeleteRequest(GracePeriodSeconds: 0)));
            }

            var next = leaves > now ? leaves : ready == "Unknown" && !info.IsTerminated && now < fenced ? fenced : null;
            again = next is not null && (again is null || next < again) ? next : again;
        }

        return plan.And(marks).And(removals);
    }

    /// <summary>The node with its taints and its piece of the network.</summary>
    private static JsonObject? Described(JsonObject node, bool mayEvict, string? cidr, DateTimeOffset now)
    {
        var changed = NodeConditions.ApplyTaints(node, mayEvict, now) is not null;
        var spec = node.Ensure("spec");
        if (cidr is not null && JsonNodes.Text(spec, "podCIDR").Length == 0)
        {
            spec["podCIDR"] = cidr;
            spec["podCIDRs"] = new JsonArray(cidr);
            changed = true;
        }

        return changed ? node : null;
    }

    /// <summary>
    /// The pod as not ready, once for each time that its node stopped being ready (an agent that is alive may say otherwise afterwards), and as somebody's victim
    /// when it is evicted. Null when there is nothing to say.
    /// </summary>
    private static JsonObject? Unreadied(JsonObject pod, DateTimeOffset? nodeChanged, bool evicted, DateTimeOffset now)
    {
        var status = pod.Ensure("status");
        var changed = false;
        foreach (var condition in (status.Array("conditions") ?? []).OfType<JsonObject>())
        {
            if (JsonNodes.Text(condition, "type") == "Ready" && JsonNodes.Text(condition, "status") == "True" && nodeChanged is { } time
                && !(NodeConditions.ParseTime(JsonNodes.Text(condition, "lastTransitionTime")) > time))
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

    private static ImmutableArray<(Taint Taint, DateTimeOffset Since)> NoExecuteTaints(JsonObject node, DateTimeOffset otherwise) =>
    [
        .. (JsonNodes.Array(node.Object("spec"), "taints") ?? []).Where(taint => JsonNodes.Text(taint, "effect") == "NoExecute").Select(taint => (
            new Taint(JsonNodes.Text(taint, "key"), JsonNodes.Text(taint, "value"), "NoExecute"),
            NodeConditions.ParseTime(JsonNodes.Text(taint, "timeAdded")) ?? otherwise)),
    ];
}
