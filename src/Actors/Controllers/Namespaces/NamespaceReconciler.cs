using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Aggregation;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Controllers.Namespaces;

/// <summary>
/// Empties a namespace that is being deleted: pods first, so that nothing they need goes before them (KEP-5080), then everything else; says in its
/// conditions what remains, what was refused and whom it waits for; and lets it go when nothing is left, neither here nor at the servers behind APIServices.
/// </summary>
/// <param name="catalog">The kinds that are served here.</param>
/// <param name="aggregated">Empties the namespace at the servers behind APIServices; null where there are none.</param>
public sealed class NamespaceReconciler(ICatalogSource catalog, AggregatedContent? aggregated = null)
{
    private const string Finalizer = "kubernetes";

    /// <summary>Seconds beyond its grace in which a node confirms that a pod is gone.</summary>
    private const long EndMargin = 5;
    private static readonly ViewCache<Remote> Remotes = new(stored => new Remote(RemoteApiService.Read(stored)));

    private sealed record Remote(RemoteApiService? Service);

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
        if (fact.Key.Type == ResourceTypes.ApiServices)
        {
            return Everything(cluster);
        }

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

        var content = ContentOf(key.Name, cluster);
        var pods = content.Where(obj => obj.Key.Type == ResourceTypes.Pods).ToImmutableArray();
        var next = pods.IsEmpty ? content : pods;
        var deletions = next.Where(obj => obj.Metadata.DeletionTimestamp is null)
            .Select(PlanAction (obj) => DeleteObject.Of(obj, "empty namespace", new DeleteRequest())).ToArray();
        if (deletions.Length > 0)
        {
            return Plan.Together(deletions) with { Then = ReportFailures };
        }

        var remote = cluster.All(ResourceTypes.ApiServices).Select(stored => Remotes[stored].Service).OfType<RemoteApiService>().ToArray();
        ImmutableArray<string> failing = [.. remote.Where(service => !service.IsAvailable).Select(service => $"{service.Group}/{service.Version}").Order(StringComparer.Ordinal)];
        if (!next.IsEmpty || !failing.IsEmpty)
        {
            var due = DueAt(item, pods);
            ImmutableArray<string> overdue = due <= now && pods.All(pod => pod.Metadata.Finalizers.IsEmpty)
                ? [$"unexpected items still remain in namespace: {key.Name} for gvr: /v1, Resource=pods"]
                : [];
            return Report(item, failing, next, overdue, now).NotLaterThan(due > now ? due : null);
        }

        var calls = aggregated is null
            ? []
            : remote.Select(PlanAction (service) => new CallServer(cancellation => aggregated.EmptyAsync(service, key.Name, cancellation)) { Act = "empty namespace" }).ToArray();
        var plan = Plan.Together(calls).And(ChangeObject.AsItIs(item, "finalize namespace", WithoutFinalizer, "finalize"));
        return calls.Length == 0 ? plan : plan with { Then = ReportFailures };
    }

    private ImmutableArray<StoredObject> ContentOf(string name, ClusterSnapshot cluster) =>
        [.. cluster.Types.Where(type => catalog.Current.Find(type) is { Namespaced: true }).SelectMany(type => cluster.InNamespace(type, name))];

    /// <summary>A refusal is told in the namespace itself; that it is tried again is the framework's.</summary>
    private Plan ReportFailures(PlanOutcome outcome, Observed observed, DateTimeOffset now)
    {
        if (outcome.Ok || observed.Object is not { } item)
        {
            return Plan.Nothing;
        }

        var content = ContentOf(item.Key.Name, observed.Snapshot);
        return Report(item, [], content, [.. outcome.Failures.Select(failure => failure.Status.Message).Distinct().Order(StringComparer.Ordinal)], now);
    }

    private static Plan Report(StoredObject item, ImmutableArray<string> failing, ImmutableArray<StoredObject> content, ImmutableArray<string> failures, DateTimeOffset now)
    {
        var conditions = NamespaceConditions.For(failing, content, failures);
        return NamespaceConditions.Apply(item.ToJson(), conditions, now) is null
            ? Plan.Nothing
            : Plan.Do(ChangeObject.AsItIs(item, "report namespace content", obj => NamespaceConditions.Apply(obj, conditions, now), "status"));
    }

    /// <summary>When the pods, each with its grace, should all have ended; null without pods.</summary>
    private static DateTimeOffset? DueAt(StoredObject item, ImmutableArray<StoredObject> pods)
    {
        var running = pods.Where(pod => PodView.Of(pod).Phase is not ("Succeeded" or "Failed"));
        return pods.IsEmpty
            ? null
            : item.Metadata.DeletionTimestamp + TimeSpan.FromSeconds(running.Select(pod => pod.Metadata.DeletionGracePeriodSeconds ?? 0).DefaultIfEmpty(0).Max() + EndMargin);
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
