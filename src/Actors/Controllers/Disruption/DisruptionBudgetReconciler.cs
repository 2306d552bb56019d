using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Controllers.Disruption;

/// <summary>
/// Keeps the status of PodDisruptionBudgets: how many pods are healthy, how many must be, how many may go. It writes under compare-and-set, so that an
/// eviction that was granted meanwhile (<see cref="PodEvictions"/>) is never given back by it; a granted pod counts as gone until it is, or until
/// <see cref="DeletionTimeout"/> shows that it will not be.
/// </summary>
public sealed class DisruptionBudgetReconciler(ICatalogSource catalog)
{
    /// <summary>A pod whose eviction was granted goes within this time, or stays.</summary>
    public static readonly TimeSpan DeletionTimeout = TimeSpan.FromMinutes(2);

    /// <summary>What failed because of something that is no pod is tried again after this.</summary>
    private static readonly TimeSpan FailureResync = TimeSpan.FromMinutes(1);

    public ControllerDefinition Definition => new()
    {
        Name = "disruption-controller",
        Observes = [ResourceTypes.PodDisruptionBudgets, ResourceTypes.Pods],
        DirtiedBy = DirtiedBy,
        Everything = ControllerDefinition.AllOf(ResourceTypes.PodDisruptionBudgets),
        Reconcile = Reconcile,
    };

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster)
    {
        if (fact.Key.Type == ResourceTypes.PodDisruptionBudgets)
        {
            yield return fact.Key;
            yield break;
        }

        foreach (var budget in cluster.InNamespace(ResourceTypes.PodDisruptionBudgets, fact.Key.Namespace))
        {
            var selector = DisruptionBudgetView.Of(budget).Selector;
            if (selector.Matches(fact.Object.Metadata.Labels) || (fact.Previous is { } previous && selector.Matches(previous.Metadata.Labels)))
            {
                yield return budget.Key;
            }
        }
    }

    public Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is not { } stored || stored.Metadata.DeletionTimestamp is not null)
        {
            return Plan.Nothing;
        }

        var budget = DisruptionBudgetView.Of(stored);
        ImmutableArray<StoredObject> pods =
            [.. observed.Snapshot.InNamespace(ResourceTypes.Pods, stored.Key.Namespace).Where(pod => budget.Selector.Matches(pod.Metadata.Labels))];
        var (expected, desired, scale) = Expect(budget, pods, observed.Snapshot);
        if (scale.Problem is { } problem)
        {
            return Failed(budget, scale, problem, now);
        }

        var disrupted = budget.Status.DisruptedPods;
        var awaited = DisruptionBudgetStatus.None.DisruptedPods;
        var healthy = 0;
        List<PlanAction> events = [];
        foreach (var pod in pods.Where(pod => pod.Metadata.DeletionTimestamp is null))
        {
            if (disrupted.TryGetValue(pod.Key.Name, out var granted) && granted + DeletionTimeout > now)
            {
                awaited = awaited.Add(pod.Key.Name, granted);
                continue;
            }

            if (disrupted.ContainsKey(pod.Key.Name))
            {
                events.Add(RecordEvent.Warn(pod, "NotDeleted", $"Pod was expected by PDB {stored.Key.Namespace}/{stored.Key.Name} to be deleted but it wasn't"));
            }

            healthy += PodView.Of(pod).IsReady ? 1 : 0;
        }

        // With nothing expected nothing is allowed: the first pods of a budget appear before its status knows of them.
        var allowed = expected <= 0 ? 0 : Math.Max(0, healthy - desired);
        var status = new DisruptionBudgetStatus
        {
            CurrentHealthy = healthy,
            DesiredHealthy = desired,
            ExpectedPods = expected,
            DisruptionsAllowed = allowed,
            DisruptedPods = awaited,
            ObservedGeneration = stored.Metadata.Generation,
            Reason = DisruptionCondition.ReasonOf(allowed),
        };
        var plan = Plan.Nothing.NotLaterThan(awaited.IsEmpty ? null : awaited.Values.Min() + DeletionTimeout);
        if (status == budget.Status)
        {
            return plan;
        }

        if (pods.IsEmpty)
        {
            events.Add(RecordEvent.Normal(stored, "NoPods", "No matching pods found"));
        }

        if (!scale.Unmanaged.IsDefaultOrEmpty && scale.Unmanaged.Length > 0)
        {
            events.Add(RecordEvent.Warn(stored, "UnmanagedPods", Unmanaged(budget)));
        }

        return plan.And(Write(stored, status, now)).And(events);
    }

    private (int Expected, int Desired, ExpectedScale Scale) Expect(DisruptionBudgetView budget, ImmutableArray<StoredObject> pods, ClusterSnapshot cluster)
    {
        if (budget.MaxUnavailable is { } most)
        {
            var scale = ExpectedScale.Of(pods, cluster, catalog.Current);
            return (scale.Count, Math.Max(0, scale.Count - most.Of(scale.Count)), scale);
        }

        if (budget.MinAvailable is { IsPercentage: true } share)
        {
            var scale = ExpectedScale.Of(pods, cluster, catalog.Current);
            return (scale.Count, share.Of(scale.Count), scale);
        }

        return budget.MinAvailable is { } least ? (pods.Length, least.Value, default) : default;
    }

    /// <summary>What cannot be calculated allows nothing.</summary>
    private static Plan Failed(DisruptionBudgetView budget, ExpectedScale scale, string problem, DateTimeOffset now)
    {
        var later = Plan.Nothing.NotLaterThan(now + FailureResync);
        var status = budget.Status with { DisruptionsAllowed = 0, Reason = DisruptionCondition.SyncFailed, Message = problem };
        if (status == budget.Status)
        {
            return later;
        }

        List<PlanAction> events = scale.NoController ? [RecordEvent.Warn(budget.Stored, "NoControllers", problem)] : [];
        events.Add(RecordEvent.Warn(budget.Stored, "CalculateExpectedPodCountFailed", $"Failed to calculate the number of expected pods: {problem}"));
        return later.And(Write(budget.Stored, status, now)).And(events);
    }

    private static ChangeObject Write(StoredObject stored, DisruptionBudgetStatus status, DateTimeOffset now) => ChangeObject.StatusOf(stored, (_, obj) =>
    {
        var json = obj.Ensure("status");
        json["currentHealthy"] = status.CurrentHealthy;
        json["desiredHealthy"] = status.DesiredHealthy;
        json["disruptionsAllowed"] = status.DisruptionsAllowed;
        json["expectedPods"] = status.ExpectedPods;
        json["observedGeneration"] = status.ObservedGeneration;
        json.Remove("disruptedPods");
        if (!status.DisruptedPods.IsEmpty)
        {
            json["disruptedPods"] = new JsonObject(status.DisruptedPods.Select(pod => KeyValuePair.Create(pod.Key, (JsonNode?)JsonNodes.Time(pod.Value))));
        }

        DisruptionCondition.Set(json, status.Reason, status.Message, status.ObservedGeneration, now);
        return obj;
    });

    private static string Unmanaged(DisruptionBudgetView budget) =>
        $"Pods selected by this PodDisruptionBudget (selector: {GoText.Selector(budget.Stored.ToElement().Get("spec").Get("selector"))}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated "
        + "correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.";
}
