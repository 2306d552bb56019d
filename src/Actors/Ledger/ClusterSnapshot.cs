using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>
/// The whole cluster at one revision: an immutable tree that shares its branches with its neighbours in time, so that
/// keeping a past one costs only what changed since.
/// </summary>
public abstract class ClusterSnapshot
{
    public abstract Revision Revision { get; }

    public abstract StoredObject? Find(ObjectKey key);

    /// <summary>Every object of a type, in (namespace, name) order.</summary>
    public abstract IEnumerable<StoredObject> All(ResourceType type);

    /// <summary>Every object of a type in one namespace, in name order.</summary>
    public abstract IEnumerable<StoredObject> InNamespace(ResourceType type, string @namespace);

    /// <summary>Objects of a type after a key in (namespace, name) order: a list's <c>continue</c>. An empty namespace means all namespaces.</summary>
    public abstract IEnumerable<StoredObject> After(ResourceType type, string @namespace, string afterNamespace, string afterName);

    public abstract int Count(ResourceType type);

    /// <summary>Every object that names this uid in its ownerReferences.</summary>
    public abstract IEnumerable<StoredObject> OwnedBy(string uid);

    /// <summary>Every object of a type in one namespace that no owner controls: what a controller may adopt. Pods, ReplicaSets and ControllerRevisions are found without walking the others.</summary>
    public virtual IEnumerable<StoredObject> Uncontrolled(ResourceType type, string @namespace) =>
        InNamespace(type, @namespace).Where(obj => !obj.Links.IsControlled);

    /// <summary>Every pod that is bound to a node, found without walking the others.</summary>
    public abstract IEnumerable<StoredObject> PodsOnNode(string nodeName);

    /// <summary>The holder of a claim; null while it is free.</summary>
    public abstract ObjectKey? HolderOf(string claim);

    /// <summary>Stays the same object for as long as nothing of a type changes: what was made of a type's objects need not be made again.</summary>
    public virtual object IdentityOf(ResourceType type) => this;

    /// <summary>Types that have at least one object.</summary>
    public abstract ImmutableArray<ResourceType> Types { get; }
}
