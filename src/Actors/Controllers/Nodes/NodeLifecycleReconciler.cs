using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Nodes;

/// <summary>
/// What follows from a node's silence or from what it says of itself: conditions, taints, its piece of the network. What becomes of its pods is
/// <see cref="NodePods"/>.
/// </summary>
public static class NodeLifecycleReconciler
{
    /// <summary>The act of a write that drives a node's pods away: each counts for the rate of its zone.</summary>
    internal const string GivesUp = "give node up";

    /// <param name="key">The node.</param>
    /// <param name="cluster">What is.</param>
    /// <param name="lastHeard">The last heartbeat, or the start of the watch over it.</param>
    /// <param name="cidr">A free piece of the pods' network for a node that has none; null when there is none.</param>
    /// <param name="now">The time.</param>
    /// <param name="settings">The periods.</param>
    /// <param name="notBefore">Nobody is driven away earlier: another node of its zone is being given up, and the cluster does not tell yet.</param>
    public static Plan Reconcile(
        ObjectKey key, ClusterSnapshot cluster, DateTimeOffset lastHeard, string? cidr, DateTimeOffset now, NodeLifecycleSettings settings, DateTimeOffset notBefore = default)
    {
        if (cluster.Find(key) is not { } stored || stored.Metadata.DeletionTimestamp is not null)
        {
            return Plan.Nothing;
        }

        var view = NodeView.Of(stored);
        var ttl = NodeTtl.For(stored.Metadata.Annotations.GetValueOrDefault(NodeTtl.Annotation, ""), cluster.Count(ResourceTypes.Nodes));
        DateTimeOffset? again = lastHeard + settings.MonitorGracePeriod;
        var isSilent = now >= again;
        if (!isSilent && IsSettled(stored, view, cidr, ttl))
        {
            return Plan.Nothing.NotLaterThan(again);
        }

        var node = stored.ToJson();
        var plan = Plan.Nothing;
        var events = new List<PlanAction>();
        if (isSilent)
        {
            again = null;
            if (NodeConditions.MarkUnknown(node, now) is not null)
            {
                plan = plan.And(ChangeObject.AsItIs(stored, "node fell silent", obj => NodeConditions.MarkUnknown(obj, now), "status"));
                if (view.IsReady)
                {
                    events.Add(RecordEvent.Normal(stored, "NodeNotReady", $"Node {key.Name} status is now: NodeNotReady"));
                }
            }
        }

        var permit = NodeConditions.StatusOf(node, "Ready") == "True" ? EvictionPermit.Never : ZoneDisruption.PermitFor(view, view.IsReady, cluster, settings);
        var from = permit.From < notBefore ? notBefore : permit.From;
        var mayEvict = !permit.TakeBack && (view.DrivenAwayAt is not null || from <= now);
        if (Described(node, mayEvict, cidr, ttl, now) is not null)
        {
            var act = mayEvict && view.DrivenAwayAt is null ? GivesUp : "taint node";
            plan = plan.And(ChangeObject.AsItIs(stored, act, obj => Described(obj, mayEvict, cidr, ttl, now)));
        }

        plan = plan.NotLaterThan(again).NotLaterThan(!mayEvict && from > now ? from : null);
        return NodePods.Care(plan, key, cluster, node, now, settings, events).And(events);
    }

    public static bool IsReady(StoredObject node) => NodeView.Of(node).IsReady;

    /// <summary>The usual case, told without reading the object again.</summary>
    private static bool IsSettled(StoredObject stored, NodeView view, string? cidr, string ttl) =>
        view.IsReady && view.TaintsAreRight && view.NoExecute.IsEmpty && (cidr is null || view.PodCidr.Length > 0)
        && stored.Metadata.Annotations.GetValueOrDefault(NodeTtl.Annotation) == ttl;

    /// <summary>The node with its taints, its piece of the network, and for how long it may trust what it knows.</summary>
    private static JsonObject? Described(JsonObject node, bool mayEvict, string? cidr, string ttl, DateTimeOffset now)
    {
        var changed = NodeConditions.ApplyTaints(node, mayEvict, now) is not null;
        var spec = node.Ensure("spec");
        if (cidr is not null && JsonNodes.Text(spec, "podCIDR").Length == 0)
        {
            spec["podCIDR"] = cidr;
            spec["podCIDRs"] = new JsonArray(cidr);
            changed = true;
        }

        var annotations = node.Ensure("metadata").Ensure("annotations");
        if (JsonNodes.Text(annotations, NodeTtl.Annotation) != ttl)
        {
            annotations[NodeTtl.Annotation] = ttl;
            changed = true;
        }

        return changed ? node : null;
    }
}
