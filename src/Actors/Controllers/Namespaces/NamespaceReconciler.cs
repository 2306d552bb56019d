using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Controllers.Namespaces;

/// <summary>
/// Empties a namespace that is being deleted: pods first, so that nothing they need goes before them (KEP-5080), then everything else; says in its
/// conditions what remains and whom it waits for; and lets it go when nothing is left.
/// </summary>
public sealed class NamespaceReconciler(ICatalogSource catalog)
{
    private const string Finalizer = "kubernetes";

    public ControllerDefinition Definition => new()
    {
        Name = "namespace-controller",
        Observes = [],
        DirtiedBy = DirtiedBy,
        Everything = Everything,
        Reconcile = Reconcile,
    };

    private IEnumerable<ObjectKey> Everything(ClusterSnapshot cluster) =>
        cluster.All(ResourceTypes.Namespaces).Where(IsTerminating).Select(item => item.Key);

    private IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster)
    {
        var key = fact.Key.Type == ResourceTypes.Namespaces ? fact.Key : new ObjectKey(ResourceTypes.Namespaces, "", fact.Key.Namespace);
        return key.Name.Length > 0 && cluster.Find(key) is { } item && IsTerminating(item) ? [key] : [];
    }

    private Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        var (key, cluster) = (observed.Key, observed.Snapshot);
        if (cluster.Find(key) is not { } item || !IsTerminating(item))
        {
            return Plan.Nothing;
        }

        var content = cluster.Types.Where(type => catalog.Current.Find(type) is { Namespaced: true })
            .SelectMany(type => cluster.InNamespace(type, key.Name)).ToImmutableArray();
        var pods = content.Where(obj => obj.Key.Type == ResourceTypes.Pods).ToArray();
        var next = pods.Length > 0 ? pods : content.AsEnumerable();
        var deletions = next.Where(obj => obj.Metadata.DeletionTimestamp is null)
            .Select(PlanAction (obj) => DeleteObject.Of(obj, "empty namespace", new DeleteRequest())).ToArray();
        if (deletions.Length > 0)
        {
            return Plan.Together(deletions);
        }

        var conditions = NamespaceConditions.For(content);
        if (!content.IsEmpty)
        {
            return NamespaceConditions.Apply(item.ToJson(), conditions, now) is null
                ? Plan.Nothing
                : Plan.Do(ChangeObject.AsItIs(item, "report namespace content", obj => NamespaceConditions.Apply(obj, conditions, now), "status"));
        }

        return Plan.Do(ChangeObject.AsItIs(item, "finalize namespace", WithoutFinalizer, "finalize"));
    }

    private static JsonObject? WithoutFinalizer(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        var before = JsonNodes.Strings(spec, "finalizers");
        spec.SetStrings("finalizers", [.. before.Where(name => name != Finalizer)]);
        return before.Contains(Finalizer) ? obj : null;
    }

    private static bool IsTerminating(StoredObject item) => item.Metadata.DeletionTimestamp is not null;
}
