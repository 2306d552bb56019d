using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Strategies;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
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

        if (fact.Verb == FactVerb.Created)
        {
            // Decided while its kind was served, written when it no longer was: nobody could ever delete it again.
            var maker = KeyOf(fact.Key.Type);
            return ResourceCatalog.BuiltIn.Find(fact.Key.Type) is null && cluster.Find(maker) is null ? [maker] : [];
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
            return Leftovers(observed);
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

    /// <summary>What was made of a kind at the very moment at which its definition went.</summary>
    private static Plan Leftovers(Observed observed)
    {
        var name = observed.Key.Name;
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var left = dot < 0 ? [] : observed.Snapshot.All(new ResourceType(name[(dot + 1)..], name[..dot]));
        return Plan.Nothing.AndSlowly(left.Select(PlanAction (instance) => DeleteObject.Of(instance, "delete an object whose kind is gone", new DeleteRequest { EvenUnserved = true })));
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
