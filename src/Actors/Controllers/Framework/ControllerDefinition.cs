using System.Collections.Immutable;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Framework;

/// <summary>
/// A controller as data: which objects a fact concerns, and what is to be done about one of them. Every member is a pure
/// function; the actors around it do the rest.
/// </summary>
public sealed record ControllerDefinition
{
    /// <summary>Upstream's name, such as <c>replicaset-controller</c>: the service account it writes as, and the source of its events.</summary>
    public required string Name { get; init; }

    /// <summary>The types whose facts <see cref="DirtiedBy"/> wants to see; empty for all.</summary>
    public required ImmutableArray<ResourceType> Observes { get; init; }

    /// <summary>The objects of this controller that a fact may make wrong. A key too many costs one reconcile that changes nothing; a key too few is a bug.</summary>
    public required Func<Fact, ClusterSnapshot, IEnumerable<ObjectKey>> DirtiedBy { get; init; }

    /// <summary>The objects to look at when the controller starts.</summary>
    public required Func<ClusterSnapshot, IEnumerable<ObjectKey>> Everything { get; init; }

    /// <summary>What to do about one object. Running it again on its own result must plan nothing.</summary>
    public required Func<Observed, DateTimeOffset, Plan> Reconcile { get; init; }

    /// <summary>The user name in every fact that the controller writes.</summary>
    public string Principal => PrincipalOf(Name);

    public static string PrincipalOf(string controller) => $"system:serviceaccount:kube-system:{controller}";

    /// <summary>Every key of one type, the usual <see cref="Everything"/>.</summary>
    public static Func<ClusterSnapshot, IEnumerable<ObjectKey>> AllOf(ResourceType type) => snapshot => snapshot.All(type).Select(obj => obj.Key);
}

/// <summary>What a reconciler may look at: one object and the world around it at the same revision.</summary>
/// <param name="Key">The object that is to be put right.</param>
/// <param name="Object">Null when it is gone, so that what it leaves behind can be cleared away.</param>
/// <param name="Snapshot">The whole cluster at one revision.</param>
public sealed record Observed(ObjectKey Key, StoredObject? Object, ClusterSnapshot Snapshot)
{
    public static Observed At(ObjectKey key, ClusterSnapshot snapshot) => new(key, snapshot.Find(key), snapshot);
}
