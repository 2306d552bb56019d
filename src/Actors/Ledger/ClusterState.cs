using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Ledger;

/// <summary>
/// The cluster at one revision as the ledger and its views keep it: objects, and the indexes by owner, node and claim.
/// <see cref="Evolve(Fact)"/> is the only way from one revision to the next.
/// </summary>
public sealed class ClusterState : ClusterSnapshot
{
    public static readonly ClusterState Empty = new(
        Revision.None,
        ImmutableSortedDictionary<ResourceType, ObjectTree>.Empty,
        NoIndex,
        NoIndex,
        ImmutableDictionary.Create<string, ObjectKey>(StringComparer.Ordinal),
        0);

    private readonly ImmutableSortedDictionary<ResourceType, ObjectTree> _trees;
    private readonly ImmutableDictionary<string, ImmutableSortedSet<ObjectKey>> _owned;
    private readonly ImmutableDictionary<string, ImmutableSortedSet<ObjectKey>> _onNode;
    private readonly ImmutableDictionary<string, ObjectKey> _claims;

    private ClusterState(
        Revision revision,
        ImmutableSortedDictionary<ResourceType, ObjectTree> trees,
        ImmutableDictionary<string, ImmutableSortedSet<ObjectKey>> owned,
        ImmutableDictionary<string, ImmutableSortedSet<ObjectKey>> onNode,
        ImmutableDictionary<string, ObjectKey> claims,
        long bytes)
    {
        Revision = revision;
        Bytes = bytes;
        _trees = trees;
        _owned = owned;
        _onNode = onNode;
        _claims = claims;
    }

    public override Revision Revision { get; }

    public override ImmutableArray<ResourceType> Types => [.. _trees.Keys];

    /// <summary>How many objects there are of all types.</summary>
    public int ObjectCount => _trees.Values.Sum(tree => tree.Count);

    /// <summary>Bytes of all objects.</summary>
    public long Bytes { get; }

    private static ImmutableDictionary<string, ImmutableSortedSet<ObjectKey>> NoIndex =>
        ImmutableDictionary.Create<string, ImmutableSortedSet<ObjectKey>>(StringComparer.Ordinal);

    /// <summary>A state out of all its objects, as a snapshot keeps it.</summary>
    public static ClusterState Of(Revision revision, IEnumerable<StoredObject> objects)
    {
        var state = objects.Aggregate(Empty, (current, obj) => current.With(obj.Revision, null, obj));
        return new ClusterState(revision, state._trees, state._owned, state._onNode, state._claims, state.Bytes);
    }

    public IEnumerable<StoredObject> Objects() => _trees.Values.SelectMany(tree => tree.All());

    public override StoredObject? Find(ObjectKey key) => Tree(key.Type).Find(key.Namespace, key.Name);

    public override IEnumerable<StoredObject> All(ResourceType type) => Tree(type).All();

    public override IEnumerable<StoredObject> InNamespace(ResourceType type, string @namespace) =>
        Tree(type).From(@namespace, "", inclusive: true).TakeWhile(obj => obj.Key.Namespace == @namespace);

    public override IEnumerable<StoredObject> After(ResourceType type, string @namespace, string afterNamespace, string afterName)
    {
        if (@namespace.Length == 0)
        {
            return Tree(type).From(afterNamespace, afterName, inclusive: false);
        }

        var order = string.CompareOrdinal(afterNamespace, @namespace);
        return order > 0 ? [] : order < 0 ? InNamespace(type, @namespace)
            : Tree(type).From(@namespace, afterName, inclusive: false).TakeWhile(obj => obj.Key.Namespace == @namespace);
    }

    public override object IdentityOf(ResourceType type) => Tree(type);

    public override int Count(ResourceType type) => Tree(type).Count;

    public override IEnumerable<StoredObject> OwnedBy(string uid) => Indexed(_owned, uid);

    public override IEnumerable<StoredObject> Uncontrolled(ResourceType type, string @namespace) =>
        IsAdoptable(type) ? Indexed(_owned, OrphansOf(type, @namespace)) : base.Uncontrolled(type, @namespace);

    public override IEnumerable<StoredObject> PodsOnNode(string nodeName) => Indexed(_onNode, nodeName);

    public override ObjectKey? HolderOf(string claim) => _claims.TryGetValue(claim, out var holder) ? holder : null;

    /// <summary>The state after one more fact.</summary>
    /// <exception cref="InvalidOperationException">The fact does not follow this state directly.</exception>
    public ClusterState Evolve(Fact fact) => Evolve(fact, Find(fact.Key));

    /// <summary>The state after a batch, and the batch with every <see cref="Fact.Previous"/> filled in.</summary>
    /// <exception cref="InvalidOperationException">The batch does not follow this state directly.</exception>
    public (ClusterState After, FactBatch Batch) Evolve(FactBatch batch)
    {
        var state = this;
        var facts = ImmutableArray.CreateBuilder<Fact>(batch.Facts.Length);
        foreach (var fact in batch.Facts)
        {
            var previous = state.Find(fact.Key);
            facts.Add(ReferenceEquals(fact.Previous, previous) ? fact : fact with { Previous = previous });
            state = state.Evolve(fact, previous);
        }

        return (state, new FactBatch(facts.MoveToImmutable()));
    }

    private ClusterState Evolve(Fact fact, StoredObject? previous)
    {
        if (fact.Revision != Revision.Next)
        {
            throw new InvalidOperationException($"A fact at revision {fact.Revision} about {fact.Key} cannot follow revision {Revision}.");
        }

        return With(fact.Revision, previous, fact.Verb == FactVerb.Deleted ? null : fact.Object);
    }

    private ClusterState With(Revision revision, StoredObject? before, StoredObject? after)
    {
        var key = (after ?? before)?.Key;
        if (key is null)
        {
            return new ClusterState(revision, _trees, _owned, _onNode, _claims, Bytes);
        }

        var tree = Tree(key.Value.Type);
        tree = after is null ? tree.Remove(key.Value.Namespace, key.Value.Name) : tree.Set(after);
        var trees = tree.Count == 0 ? _trees.Remove(key.Value.Type) : _trees.SetItem(key.Value.Type, tree);

        var (oldLinks, newLinks) = (before?.Links ?? ObjectLinks.None, after?.Links ?? ObjectLinks.None);
        var owned = _owned;
        if (!oldLinks.OwnerUids.AsSpan().SequenceEqual(newLinks.OwnerUids.AsSpan()))
        {
            owned = oldLinks.OwnerUids.Aggregate(owned, (index, uid) => Unlinked(index, uid, key.Value));
            owned = newLinks.OwnerUids.Aggregate(owned, (index, uid) => Linked(index, uid, key.Value));
        }

        var (wasOrphan, isOrphan) = (IsOrphan(before), IsOrphan(after));
        if (wasOrphan != isOrphan)
        {
            var place = OrphansOf(key.Value.Type, key.Value.Namespace);
            owned = isOrphan ? Linked(owned, place, key.Value) : Unlinked(owned, place, key.Value);
        }

        var onNode = _onNode;
        if (oldLinks.NodeName != newLinks.NodeName)
        {
            onNode = oldLinks.NodeName.Length == 0 ? onNode : Unlinked(onNode, oldLinks.NodeName, key.Value);
            onNode = newLinks.NodeName.Length == 0 ? onNode : Linked(onNode, newLinks.NodeName, key.Value);
        }

        var claims = Claimed(before?.Claims ?? [], after?.Claims ?? [], key.Value);
        var bytes = Bytes - (before?.Utf8.Length ?? 0) + (after?.Utf8.Length ?? 0);
        return new ClusterState(revision, trees, owned, onNode, claims, bytes);
    }

    /// <summary>Types of which there are many and whose controllers look for orphans at every turn.</summary>
    private static bool IsAdoptable(ResourceType type) => type == ResourceTypes.Pods || type == ResourceTypes.ReplicaSets || type == ResourceTypes.ControllerRevisions;

    private static bool IsOrphan(StoredObject? obj) => obj is not null && IsAdoptable(obj.Key.Type) && !obj.Links.IsControlled;

    /// <summary>The place of a namespace's orphans among the owners; no uid has a slash.</summary>
    private static string OrphansOf(ResourceType type, string @namespace) => $"{type.Plural}/{@namespace}";

    private ImmutableDictionary<string, ObjectKey> Claimed(ImmutableArray<string> before, ImmutableArray<string> after, ObjectKey holder)
    {
        if (before.AsSpan().SequenceEqual(after.AsSpan()))
        {
            return _claims;
        }

        var claims = _claims.RemoveRange(before);
        return after.Aggregate(claims, (current, claim) => current.SetItem(claim, holder));
    }

    private static ImmutableDictionary<string, ImmutableSortedSet<ObjectKey>> Linked(
        ImmutableDictionary<string, ImmutableSortedSet<ObjectKey>> index, string to, ObjectKey key) =>
        index.SetItem(to, index.GetValueOrDefault(to, ImmutableSortedSet<ObjectKey>.Empty).Add(key));

    private static ImmutableDictionary<string, ImmutableSortedSet<ObjectKey>> Unlinked(
        ImmutableDictionary<string, ImmutableSortedSet<ObjectKey>> index, string from, ObjectKey key)
    {
        var keys = index.GetValueOrDefault(from, ImmutableSortedSet<ObjectKey>.Empty).Remove(key);
        return keys.IsEmpty ? index.Remove(from) : index.SetItem(from, keys);
    }

    private IEnumerable<StoredObject> Indexed(ImmutableDictionary<string, ImmutableSortedSet<ObjectKey>> index, string at) =>
        index.TryGetValue(at, out var keys) ? keys.Select(key => Find(key)!) : [];

    private ObjectTree Tree(ResourceType type) => _trees.GetValueOrDefault(type, ObjectTree.Empty);
}
