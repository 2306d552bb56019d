using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Framework;

/// <summary>
/// Who controls whom, by <c>ownerReferences</c>: a controller keeps what it owns and selects, takes what nobody controls and it
/// selects, and lets go of what it owns and no longer selects (upstream's ControllerRefManager).
/// </summary>
/// <param name="Type">The owning type.</param>
/// <param name="ApiVersion">As written into the reference.</param>
/// <param name="Kind">As written into the reference.</param>
public sealed record Ownership(ResourceType Type, string ApiVersion, string Kind)
{
    public static readonly Ownership ByReplicaSet = new(ResourceTypes.ReplicaSets, "apps/v1", "ReplicaSet");
    public static readonly Ownership ByReplicationController = new(ResourceTypes.ReplicationControllers, "v1", "ReplicationController");
    public static readonly Ownership ByDeployment = new(ResourceTypes.Deployments, "apps/v1", "Deployment");

    public static readonly Ownership ByStatefulSet = new(ResourceTypes.StatefulSets, "apps/v1", "StatefulSet");
    public static readonly Ownership ByDaemonSet = new(ResourceTypes.DaemonSets, "apps/v1", "DaemonSet");
    public static readonly Ownership ByCronJob = new(ResourceTypes.CronJobs, "batch/v1", "CronJob");
    public static readonly Ownership ByJob = new(ResourceTypes.Jobs, "batch/v1", "Job");

    /// <summary>The object of this type that controls another; null when none does.</summary>
    public ObjectKey? OwnerOf(StoredObject obj) =>
        obj.Metadata.ControllerReference is { } owner && IsOurs(owner) ? new ObjectKey(Type, obj.Key.Namespace, owner.Name) : null;

    private bool IsOurs(OwnerReference owner) =>
        owner.Kind == Kind && owner.ApiVersion.AsSpan(0, Math.Max(owner.ApiVersion.IndexOf('/'), 0)).SequenceEqual(Type.Group);

    /// <summary>The owners that a fact about a possible child concerns: the one it has, the one it had, and, of an orphan, all that select it.</summary>
    /// <param name="obj">The child as it is.</param>
    /// <param name="previous">The child as it was.</param>
    /// <param name="snapshot">Where owners are looked for.</param>
    /// <param name="selector">An owner's selector.</param>
    public IEnumerable<ObjectKey> Concerned(StoredObject obj, StoredObject? previous, ClusterSnapshot snapshot, Func<StoredObject, LabelSelector> selector)
    {
        var owner = OwnerOf(obj);
        if (owner is { } known)
        {
            yield return known;
        }

        if (previous is not null && OwnerOf(previous) is { } earlier && earlier != owner)
        {
            yield return earlier;
        }

        if (obj.Metadata.ControllerReference is not null)
        {
            yield break;
        }

        foreach (var candidate in snapshot.InNamespace(Type, obj.Key.Namespace))
        {
            if (selector(candidate).Matches(obj.Metadata.Labels))
            {
                yield return candidate.Key;
            }
        }
    }

    /// <param name="owner">The owner; while it is being deleted it takes nothing and lets nothing go.</param>
    /// <param name="children">The type of the owned.</param>
    /// <param name="isLive">What the owner cares about at all.</param>
    public Claims Claim(StoredObject owner, ResourceType children, LabelSelector selector, ClusterSnapshot snapshot, Func<StoredObject, bool> isLive)
    {
        var kept = ImmutableArray.CreateBuilder<StoredObject>();
        var actions = ImmutableArray.CreateBuilder<PlanAction>();
        var deleting = owner.Metadata.DeletionTimestamp is not null;
        foreach (var child in snapshot.OwnedBy(owner.Uid))
        {
            if (child.Key.Type != children || child.Metadata.ControllerReference?.Uid != owner.Uid || !isLive(child))
            {
                continue;
            }

            if (selector.Matches(child.Metadata.Labels))
            {
                kept.Add(child);
            }
            else if (!deleting)
            {
                actions.Add(Release(child, owner.Uid));
            }
        }

        if (!deleting)
        {
            var orphans = snapshot.Uncontrolled(children, owner.Key.Namespace).Where(child =>
                child.Metadata.DeletionTimestamp is null && isLive(child) && selector.Matches(child.Metadata.Labels));
            actions.AddRange(orphans.Select(orphan => Adopt(orphan, owner)));
        }

        return new Claims(kept.ToImmutable(), actions.ToImmutable());
    }

    /// <summary>The reference that makes an owner the controller of what it creates.</summary>
    public JsonObject ReferenceTo(StoredObject owner) => new()
    {
        ["apiVersion"] = ApiVersion,
        ["kind"] = Kind,
        ["name"] = owner.Key.Name,
        ["uid"] = owner.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };

    private ChangeObject Adopt(StoredObject orphan, StoredObject owner) => ChangeObject.Of(orphan, (_, tree) =>
    {
        var metadata = tree.Ensure("metadata");
        var owners = metadata.Array("ownerReferences") ?? [];
        for (var i = owners.Count - 1; i >= 0; i--)
        {
            if (owners[i].Text("uid") == owner.Uid)
            {
                owners.RemoveAt(i);
            }
        }

        owners.Add(ReferenceTo(owner));
        if (owners.Parent is null)
        {
            metadata["ownerReferences"] = owners;
        }

        return tree;
    }) with { Act = "adopt" };

    private static ChangeObject Release(StoredObject child, string ownerUid) => ChangeObject.Of(child, (_, tree) =>
    {
        var metadata = tree.Ensure("metadata");
        var kept = (metadata.Array("ownerReferences") ?? []).Where(owner => owner.Text("uid") != ownerUid).Select(owner => owner?.DeepClone()).ToArray();
        if (kept.Length == 0)
        {
            metadata.Remove("ownerReferences");
        }
        else
        {
            metadata["ownerReferences"] = new JsonArray(kept);
        }

        return tree;
    }) with { Act = "release" };
}

/// <param name="Kept">What the owner controls and selects.</param>
/// <param name="Actions">Adoptions and releases to be done first.</param>
public sealed record Claims(ImmutableArray<StoredObject> Kept, ImmutableArray<PlanAction> Actions);
