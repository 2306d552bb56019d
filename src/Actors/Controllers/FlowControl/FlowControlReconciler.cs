using System.Collections.Frozen;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using StatusConditions = ActorOrchestrator.Actors.Resources.Conditions;

namespace ActorOrchestrator.Actors.Controllers.FlowControl;

/// <summary>
/// Keeps the priority levels and flow schemas that every cluster has, as upstream does: the mandatory ones always as they are meant, the suggested ones there, and as they are meant until
/// somebody takes them over (<c>apf.kubernetes.io/autoupdate-spec: "false"</c>, or a change where the annotation is missing). Says of every schema whether its level exists.
/// </summary>
public static class FlowControlReconciler
{
    private static readonly FrozenDictionary<ObjectKey, FlowControlObject> Wanted = FlowControlObjects.All.ToFrozenDictionary(obj => obj.Key);

    public static ControllerDefinition Definition { get; } = new()
    {
        Name = "flowcontrol-bootstrap",
        Observes = [ResourceTypes.FlowSchemas, ResourceTypes.PriorityLevelConfigurations],
        DirtiedBy = DirtiedBy,
        Everything = cluster => Wanted.Keys.Concat(cluster.All(ResourceTypes.FlowSchemas).Select(schema => schema.Key)).Distinct(),
        Reconcile = Reconcile,
    };

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster)
    {
        if (fact.Key.Type == ResourceTypes.FlowSchemas || fact.Verb == FactVerb.Updated)
        {
            return [fact.Key];
        }

        // A level came or went: its schemas say so.
        return cluster.All(ResourceTypes.FlowSchemas).Select(schema => schema.Key).Append(fact.Key);
    }

    private static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        var wanted = Wanted.GetValueOrDefault(observed.Key);
        if (observed.Object is not { } current)
        {
            return wanted is null ? Plan.Nothing : Plan.Do(CreateObject.Of(observed.Key.Type, "", wanted.ToJson(), "bootstrap"));
        }

        if (current.Metadata.DeletionTimestamp is not null)
        {
            return Plan.Nothing;
        }

        if (wanted is not null && Corrected(wanted, current.ToJson()) is not null)
        {
            return Plan.Do(ChangeObject.AsItIs(current, "bootstrap", obj => Corrected(wanted, obj)));
        }

        if (observed.Key.Type != ResourceTypes.FlowSchemas)
        {
            return Plan.Nothing;
        }

        var cluster = observed.Snapshot;
        return Judged(current.ToJson(), cluster, now) is null
            ? Plan.Nothing
            : Plan.Do(ChangeObject.AsItIs(current, "look for the priority level", obj => Judged(obj, cluster, now), "status"));
    }

    private static JsonObject? Corrected(FlowControlObject wanted, JsonObject obj)
    {
        var annotations = obj.Object("metadata").Object("annotations");
        var said = JsonNodes.Text(annotations, FlowControlObject.AutoUpdate);
        var ours = wanted.IsMandatory || said == "true" || (said.Length == 0 && (JsonNodes.Number(obj.Object("metadata"), "generation") ?? 1) == 1);
        var meant = ours ? "true" : "false";
        if ((!ours || JsonNode.DeepEquals(obj["spec"], wanted.Spec)) && said == meant)
        {
            return null;
        }

        obj.Ensure("metadata").Ensure("annotations")[FlowControlObject.AutoUpdate] = meant;
        if (ours)
        {
            obj["spec"] = wanted.Spec.DeepClone();
        }

        return obj;
    }

    private static JsonObject? Judged(JsonObject schema, ClusterSnapshot cluster, DateTimeOffset now)
    {
        var level = JsonNodes.Text(schema.Object("spec").Object("priorityLevelConfiguration"), "name");
        var exists = cluster.Find(new ObjectKey(ResourceTypes.PriorityLevelConfigurations, "", level)) is not null;
        var named = $"This FlowSchema references the PriorityLevelConfiguration object named \"{level}\"";
        var changed = StatusConditions.Set(
            schema.Ensure("status"), "Dangling", exists ? "False" : "True", exists ? "Found" : "NotFound",
            exists ? $"{named} and it exists" : $"{named} but there is no such object", JsonNodes.Time(now));
        return changed ? schema : null;
    }
}
