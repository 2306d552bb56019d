using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Strategies;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using StatusConditions = ActorOrchestrator.Actors.Resources.Conditions;

namespace ActorOrchestrator.Actors.Controllers.CustomResources;

/// <summary>
/// Accepts the names of definitions and establishes them, which is what makes their kinds served; and empties a definition that is being deleted
/// before it goes.
/// <code>
///   created ──names free──▶ NamesAccepted, Established ──deleted──▶ Terminating: objects deleted ──none left──▶ gone
///      └──a name is taken──▶ NamesAccepted=False, looked at again when a definition of the group changes
/// </code>
/// </summary>
public static class CustomResourceDefinitionReconciler
{
    public static ControllerDefinition Definition { get; } = new()
    {
        Name = "customresourcedefinition-controller",
        Observes = [],
        DirtiedBy = DirtiedBy,
        Everything = ControllerDefinition.AllOf(ResourceTypes.CustomResourceDefinitions),
        Reconcile = Reconcile,
    };

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster)
    {
        if (fact.Key.Type == ResourceTypes.CustomResourceDefinitions)
        {
            // A name that one definition has given up is another's to take.
            var group = GroupOf(fact.Key.Name);
            return cluster.All(ResourceTypes.CustomResourceDefinitions).Select(obj => obj.Key).Where(key => GroupOf(key.Name) == group);
        }

        if (fact.Verb != FactVerb.Deleted || cluster.Count(ResourceTypes.CustomResourceDefinitions) == 0)
        {
            return [];
        }

        var definition = KeyOf(fact.Key.Type);
        return cluster.Find(definition)?.Metadata.DeletionTimestamp is null ? [] : [definition];
    }

    private static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is not { } obj)
        {
            return Plan.Nothing;
        }

        if (obj.Metadata.DeletionTimestamp is not null)
        {
            return obj.Metadata.Finalizers.Contains(CustomResourceDefinitionStrategy.CleanupFinalizer) ? Empty(obj, observed.Snapshot, now) : Plan.Nothing;
        }

        var others = OthersOf(obj, observed.Snapshot);
        return DefinitionStatus.Apply(obj.ToJson(), others, now) is null
            ? Plan.Nothing
            : Plan.Do(ChangeObject.AsItIs(obj, "accept names", tree => DefinitionStatus.Apply(tree, others, now), "status"));
    }

    private static Plan Empty(StoredObject obj, ClusterSnapshot cluster, DateTimeOffset now)
    {
        var tree = obj.ToJson();
        var status = tree.Object("status");
        var time = JsonNodes.Time(now);
        if (!StatusConditions.IsTrue(status, "Established"))
        {
            return Plan.Do(Release(obj));
        }

        var spec = tree.Object("spec");
        var instances = cluster.All(new ResourceType(JsonNodes.Text(spec, "group"), JsonNodes.Text(spec.Object("names"), "plural"))).ToImmutableArray();
        var plan = Plan.Nothing;
        if (JsonNodes.Text(StatusConditions.Find(status, "Terminating"), "reason") != "InstanceDeletionInProgress")
        {
            plan = plan.And(ChangeObject.AsItIs(
                obj,
                "delete instances",
                current => StatusConditions.Set(current.Ensure("status"), "Terminating", "True", "InstanceDeletionInProgress", "CustomResource deletion is in progress", time) ? current : null,
                "status"));
        }

        return instances.IsEmpty
            ? plan.And(Release(obj))
            : plan.AndSlowly(instances.Where(instance => instance.Metadata.DeletionTimestamp is null)
                .Select(PlanAction (instance) => DeleteObject.Of(instance, "delete instances of a deleted kind", new DeleteRequest())));
    }

    private static ChangeObject Release(StoredObject obj) => ChangeObject.AsItIs(obj, "let go", tree =>
    {
        var metadata = tree.Ensure("metadata");
        var finalizers = metadata.Strings("finalizers");
        metadata.SetStrings("finalizers", [.. finalizers.Where(name => name != CustomResourceDefinitionStrategy.CleanupFinalizer)]);
        return finalizers.Contains(CustomResourceDefinitionStrategy.CleanupFinalizer) ? tree : null;
    });

    private static ImmutableArray<JsonObject> OthersOf(StoredObject obj, ClusterSnapshot cluster)
    {
        var group = GroupOf(obj.Key.Name);
        return [.. cluster.All(ResourceTypes.CustomResourceDefinitions)
            .Where(other => other.Key != obj.Key && GroupOf(other.Key.Name) == group)
            .Select(other => other.ToJson())];
    }

    /// <summary>A definition is named by its plural and its group.</summary>
    private static string GroupOf(string name) => name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];

    private static ObjectKey KeyOf(ResourceType type) => new(ResourceTypes.CustomResourceDefinitions, "", $"{type.Plural}.{type.Group}");
}
