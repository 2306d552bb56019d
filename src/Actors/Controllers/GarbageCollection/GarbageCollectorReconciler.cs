using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Controllers.GarbageCollection;

/// <summary>
/// Deletes what has lost its owners, and holds back owners that are to go after (or without) what they own. An owner is itself only with its uid; it
/// lives in the namespace of what it owns, or in none. A reference whose kind is not served here is left alone: absence cannot be told from ignorance.
/// </summary>
public sealed class GarbageCollectorReconciler(ICatalogSource catalog)
{
    private const string Orphan = "orphan";
    private const string Foreground = "foregroundDeletion";
    private const string Act = "collect garbage";

    private enum OwnerState : byte
    {
        /// <summary>It is there and means to stay.</summary>
        Solid,

        /// <summary>It is being deleted and waits for what it owns.</summary>
        Waiting,

        /// <summary>It is gone, or another object has its name.</summary>
        Dangling,
    }

    public ControllerDefinition Definition => new()
    {
        Name = "generic-garbage-collector",
        Observes = [],
        DirtiedBy = DirtiedBy,
        Everything = Everything,
        Reconcile = Reconcile,
    };

    private IEnumerable<ObjectKey> Everything(ClusterSnapshot cluster) => cluster.Types.SelectMany(cluster.All)
        .Where(obj => !obj.Links.OwnerUids.IsEmpty || IsHeld(obj)).Select(obj => obj.Key);

    private IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster)
    {
        var obj = fact.Object;
        if (obj.Key.Type == ResourceTypes.CustomResourceDefinitions && fact.Verb != FactVerb.Deleted)
        {
            // Owners of a kind that was not served yet could not be judged.
            var kind = JsonNodes.Text(obj.ToJson().Object("spec").Object("names"), "kind");
            return Everything(cluster).Where(key => cluster.Find(key)!.Metadata.OwnerReferences.Any(reference => reference.Kind == kind)).Concat(IsHeld(obj) ? [obj.Key] : []);
        }

        if (fact.Verb == FactVerb.Deleted)
        {
            return cluster.OwnedBy(obj.Uid).Select(dependent => dependent.Key).Concat(OwnersOf(obj));
        }

        if (IsHeld(obj))
        {
            // Those that it owns are looked at too: their owner waits for them now.
            return cluster.OwnedBy(obj.Uid).Select(dependent => dependent.Key).Append(obj.Key);
        }

        // An object is looked at when its references are new, and its former owners, which may have waited for it, when they have changed.
        var before = fact.Previous?.Links.OwnerUids ?? [];
        return before.AsSpan().SequenceEqual(obj.Links.OwnerUids.AsSpan())
            ? []
            : OwnersOf(fact.Previous).Concat(obj.Links.OwnerUids.IsEmpty ? [] : [obj.Key]);
    }

    private Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        var (key, cluster) = (observed.Key, observed.Snapshot);
        if (cluster.Find(key) is not { } obj)
        {
            return Plan.Nothing;
        }

        if (obj.Metadata.DeletionTimestamp is not null)
        {
            return obj.Metadata.Finalizers.Contains(Orphan) ? ReleaseDependents(obj, cluster)
                : obj.Metadata.Finalizers.Contains(Foreground) ? AwaitDependents(obj, cluster)
                : Plan.Nothing;
        }

        return obj.Metadata.OwnerReferences.IsEmpty ? Plan.Nothing : JudgeOwners(obj, cluster);
    }

    private static Plan ReleaseDependents(StoredObject owner, ClusterSnapshot cluster)
    {
        return Plan.Together(cluster.OwnedBy(owner.Uid).Select(dependent => WithoutOwners(dependent, [owner.Uid]))).And(WithoutFinalizer(owner, Orphan));
    }

    /// <summary>What it owns is judged by itself; here only the wait ends.</summary>
    private static Plan AwaitDependents(StoredObject owner, ClusterSnapshot cluster)
    {
        var blocked = Blocking(owner, cluster).Any(dependent => !(IsWaiting(dependent) && WaitsFor(dependent, owner, cluster)));
        return blocked ? Plan.Nothing : Plan.Together([WithoutFinalizer(owner, Foreground)]);
    }

    private static IEnumerable<StoredObject> Blocking(StoredObject owner, ClusterSnapshot cluster) => cluster.OwnedBy(owner.Uid)
        .Where(dependent => dependent.Metadata.OwnerReferences.Any(reference => reference.Uid == owner.Uid && reference.BlockOwnerDeletion));

    /// <summary>Objects that own each other in a circle would wait for each other for ever: whoever waits for its own owner does not hold it back.</summary>
    private static bool WaitsFor(StoredObject dependent, StoredObject owner, ClusterSnapshot cluster)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { dependent.Uid };
        var open = new Stack<StoredObject>([dependent]);
        while (open.TryPop(out var waiting))
        {
            foreach (var next in Blocking(waiting, cluster))
            {
                if (next.Uid == owner.Uid)
                {
                    return true;
                }

                if (IsWaiting(next) && seen.Add(next.Uid))
                {
                    open.Push(next);
                }
            }
        }

        return false;
    }

    private Plan JudgeOwners(StoredObject obj, ClusterSnapshot cluster)
    {
        var plan = Plan.Nothing;
        var states = new List<(OwnerReference Reference, OwnerState State)>();
        foreach (var reference in obj.Metadata.OwnerReferences)
        {
            states.Add((reference, StateOf(obj, reference, cluster, ref plan)));
        }

        var leaving = states.Where(item => item.State != OwnerState.Solid).Select(item => item.Reference.Uid).ToImmutableArray();
        if (leaving.IsEmpty)
        {
            return plan;
        }

        if (leaving.Length < states.Count)
        {
            return plan.And(WithoutOwners(obj, leaving));
        }

        // When an owner waits, what this object owns itself must go before it as well.
        var waits = states.Any(item => item.State == OwnerState.Waiting);
        var policy = waits && cluster.OwnedBy(obj.Uid).Any() ? "Foreground"
            : obj.Metadata.Finalizers.Contains(Orphan) ? "Orphan"
            : obj.Metadata.Finalizers.Contains(Foreground) ? "Foreground"
            : "Background";
        return plan.And(DeleteObject.Of(obj, Act, new DeleteRequest(PropagationPolicy: policy) { PreconditionRevision = obj.Revision }));
    }

    private OwnerState StateOf(StoredObject obj, OwnerReference reference, ClusterSnapshot cluster, ref Plan plan)
    {
        if (catalog.Current.FindGroupKind(GroupOf(reference.ApiVersion), reference.Kind) is not { } descriptor)
        {
            return OwnerState.Solid;
        }

        if (descriptor.Namespaced && obj.Key.Namespace.Length == 0)
        {
            plan = plan.And(WrongNamespace(obj, reference));
            return OwnerState.Solid;
        }

        var key = new ObjectKey(descriptor.Type, descriptor.Namespaced ? obj.Key.Namespace : "", reference.Name);
        if (cluster.Find(key) is not { } owner || owner.Uid != reference.Uid)
        {
            if (descriptor.Namespaced && cluster.All(descriptor.Type).Any(other => other.Uid == reference.Uid && other.Key.Namespace != obj.Key.Namespace))
            {
                plan = plan.And(WrongNamespace(obj, reference));
            }

            return OwnerState.Dangling;
        }

        return IsWaiting(owner) ? OwnerState.Waiting : OwnerState.Solid;
    }

    private static RecordEvent WrongNamespace(StoredObject obj, OwnerReference reference) => RecordEvent.Warn(
        obj,
        "OwnerRefInvalidNamespace",
        $"ownerRef [{reference.ApiVersion}/{reference.Kind}, namespace: {obj.Key.Namespace}, name: {reference.Name}, uid: {reference.Uid}] does not exist in namespace \"{obj.Key.Namespace}\"");

    private IEnumerable<ObjectKey> OwnersOf(StoredObject? obj)
    {
        foreach (var reference in obj?.Metadata.OwnerReferences ?? [])
        {
            if (catalog.Current.FindGroupKind(GroupOf(reference.ApiVersion), reference.Kind) is { } descriptor)
            {
                yield return new ObjectKey(descriptor.Type, descriptor.Namespaced ? obj!.Key.Namespace : "", reference.Name);
            }
        }
    }

    private static PlanAction WithoutOwners(StoredObject obj, ImmutableArray<string> uids) => ChangeObject.AsItIs(obj, Act, tree =>
    {
        var metadata = tree.Ensure("metadata");
        var references = metadata.Array("ownerReferences");
        var kept = (references ?? []).Where(reference => !uids.Contains(JsonNodes.Text(reference, "uid"))).Select(reference => reference?.DeepClone()).ToArray();
        if (references is null || kept.Length == references.Count)
        {
            return null;
        }

        metadata["ownerReferences"] = new JsonArray(kept);
        return tree;
    });

    private static PlanAction WithoutFinalizer(StoredObject obj, string finalizer) => ChangeObject.AsItIs(obj, Act, tree =>
    {
        var metadata = tree.Ensure("metadata");
        var before = JsonNodes.Strings(metadata, "finalizers");
        metadata.SetStrings("finalizers", [.. before.Where(name => name != finalizer)]);
        return before.Contains(finalizer) ? tree : null;
    });

    private static bool IsHeld(StoredObject obj) =>
        obj.Metadata.DeletionTimestamp is not null && (obj.Metadata.Finalizers.Contains(Orphan) || obj.Metadata.Finalizers.Contains(Foreground));

    private static bool IsWaiting(StoredObject obj) => obj.Metadata.DeletionTimestamp is not null && obj.Metadata.Finalizers.Contains(Foreground);

    private static string GroupOf(string apiVersion)
    {
        var slash = apiVersion.IndexOf('/');
        return slash < 0 ? "" : apiVersion[..slash];
    }
}
