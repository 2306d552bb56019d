using System.Collections.Frozen;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Bootstrap;

/// <summary>Makes the system objects when the leader starts, and again whenever one of them is deleted.</summary>
public sealed class BootstrapReconciler(BootstrapSettings settings)
{
    private readonly FrozenDictionary<ObjectKey, SystemObject> _objects = SystemObjects.For(settings).ToFrozenDictionary(obj => obj.Key);

    public ControllerDefinition Definition => new()
    {
        Name = "bootstrap-controller",
        Observes =
        [
            ResourceTypes.Namespaces, ResourceTypes.Services, ResourceTypes.Endpoints, ResourceTypes.EndpointSlices,
            ResourceTypes.PriorityClasses, ResourceTypes.ServiceCIDRs, ResourceTypes.ConfigMaps, ResourceTypes.StorageClasses,
        ],
        DirtiedBy = DirtiedBy,
        Everything = Everything,
        Reconcile = Reconcile,
    };

    private IEnumerable<ObjectKey> Everything(ClusterSnapshot cluster) => _objects.Keys;

    private IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster) =>
        fact.Key.Type == ResourceTypes.Namespaces ? _objects.Keys.Where(key => key == fact.Key || key.Namespace == fact.Key.Name)
        : _objects.ContainsKey(fact.Key) ? [fact.Key]
        : [];

    private Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        var (key, cluster) = (observed.Key, observed.Snapshot);
        var wanted = _objects[key];
        var home = key.Namespace.Length == 0 ? null : cluster.Find(new ObjectKey(ResourceTypes.Namespaces, "", key.Namespace));
        if (key.Namespace.Length > 0 && (home is null || home.Metadata.DeletionTimestamp is not null))
        {
            // The namespace comes first; its creation brings this one's turn.
            return Plan.Nothing;
        }

        if (cluster.Find(key) is not { } current)
        {
            return Plan.Do(CreateObject.Of(key.Type, key.Namespace, wanted.Object, "bootstrap"));
        }

        return Corrected(wanted, current.ToJson()) is null
            ? Plan.Nothing
            : Plan.Do(ChangeObject.AsItIs(current, "bootstrap", obj => Corrected(wanted, obj)));
    }

    private static JsonObject? Corrected(SystemObject wanted, JsonObject obj)
    {
        var changed = false;
        foreach (var field in wanted.Enforced.Where(field => !JsonNode.DeepEquals(obj[field], wanted.Object[field])))
        {
            obj[field] = wanted.Object[field]?.DeepClone();
            changed = true;
        }

        return changed ? obj : null;
    }
}
