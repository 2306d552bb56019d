using ActorOrchestrator.Actors.Controllers.GarbageCollection;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Disruption;

/// <summary>
/// Evictions: deletions of pods that a PodDisruptionBudget may refuse. One disruption is taken from the budget's status under compare-and-set before the
/// pod is touched, so that however many evict at once, on however many hosts, no more are granted than the budget has; what was taken for a pod that then
/// does not go comes back when the controller finds it still there (<see cref="DisruptionBudgetReconciler.DeletionTimeout"/>).
/// </summary>
public sealed class PodEvictions(IResourceClient client, IClusterReader reader, TimeProvider time)
{
    /// <summary>More evictions that were granted and not confirmed than this, and none is granted any more.</summary>
    private const int MostDisruptedPods = 2000;

    private const int Attempts = 20;
    /// <summary>Upstream answers this with 201: the failure is in the body alone, where its clients look for it.</summary>
    public static ApiStatus MoreThanOne { get; } =
        new(500, "", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");

    private static readonly WriteOptions Server = new("system:apiserver", "evict") { Subresource = "status", Retries = Attempts };

    public async Task<ResourceResult> EvictAsync(ObjectKey key, DeleteRequest deletion, WriteOptions options, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var cluster = reader.Current;
            if (cluster.Find(key) is not { } pod)
            {
                return ResourceResult.Failed(ApiStatus.NotFound(key));
            }

            var (guard, refusal) = await GrantAsync(pod, cluster, deletion, options, cancellation).ConfigureAwait(false);
            if (refusal is not null)
            {
                return ResourceResult.Failed(refusal);
            }

            var result = await DeleteAsync(pod, guard.Guards ? deletion with { PreconditionRevision = deletion.PreconditionRevision ?? pod.Revision } : deletion, options, cancellation)
                .ConfigureAwait(false);
            if (result.Failure is not { Reason: "Conflict" } || !guard.Guards || deletion.PreconditionRevision is not null)
            {
                return result;
            }

            if (guard.Budget is { } budget)
            {
                return ResourceResult.Failed(StillProcessed(budget));
            }

            if (attempt == Attempts)
            {
                return result;
            }

            await reader.AtLeastAsync(pod.Revision.Next, cancellation).ConfigureAwait(false);
        }
    }

    /// <param name="Guards">The pod may only go as it was seen: had it become ready meanwhile, the budget would have had to be asked.</param>
    /// <param name="Budget">The budget that was asked, where the guard stands for its consent.</param>
    private readonly record struct Guard(bool Guards, string? Budget);

    private async Task<(Guard Guard, ApiStatus? Refusal)> GrantAsync(
        StoredObject pod, ClusterSnapshot cluster, DeleteRequest deletion, WriteOptions options, CancellationToken cancellation)
    {
        var view = PodView.Of(pod);
        if (!view.IsActive)
        {
            return default;
        }

        if (view.Phase == "Pending")
        {
            return (new Guard(true, null), null);
        }

        StoredObject[] budgets =
            [.. cluster.InNamespace(ResourceTypes.PodDisruptionBudgets, pod.Key.Namespace).Where(budget => DisruptionBudgetView.Of(budget).Selector.Matches(pod.Metadata.Labels))];
        if (budgets.Length == 0)
        {
            return default;
        }

        if (budgets.Length > 1)
        {
            return (default, MoreThanOne);
        }

        var asked = DisruptionBudgetView.Of(budgets[0]);
        if (!view.IsReady
            && (asked.AlwaysAllowsUnhealthy || (asked.Status.CurrentHealthy >= asked.Status.DesiredHealthy && asked.Status.DesiredHealthy > 0)))
        {
            return (new Guard(true, budgets[0].Key.Name), null);
        }

        if (deletion.PreconditionRevision is { } expected && expected != pod.Revision)
        {
            // It would be refused in the end; the budget is not charged for it.
            return (default, null);
        }

        return (default, await TakeAsync(budgets[0], pod, options.DryRun, cancellation).ConfigureAwait(false));
    }

    private async Task<ApiStatus?> TakeAsync(StoredObject budget, StoredObject pod, bool dryRun, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var result = await client.UpdateAsync(
            budget.Key,
            (current, obj) =>
            {
                var view = DisruptionBudgetView.Of(current);
                if (Refusal(view) is { } refusal)
                {
                    return refusal;
                }

                var status = obj.Ensure("status");
                var left = view.Status.DisruptionsAllowed - 1;
                status["disruptionsAllowed"] = left;
                status.Ensure("disruptedPods")[pod.Key.Name] = JsonNodes.Time(now);
                if (left == 0)
                {
                    DisruptionCondition.Set(status, DisruptionCondition.Insufficient, "", view.Status.ObservedGeneration, now);
                }

                return obj;
            },
            Server with { ExpectedUid = budget.Uid, DryRun = dryRun },
            cancellation).ConfigureAwait(false);
        return result.Failure is { Reason: "Conflict" }
            ? new ApiStatus(504, "Timeout", $"Timeout: couldn't update PodDisruptionBudget \"{budget.Key.Name}\" due to conflicts") { RetryAfterSeconds = 10 }
            : result.Failure;
    }

    /// <summary>Why a budget does not grant a disruption; null when it does.</summary>
    internal static ApiStatus? Refusal(DisruptionBudgetView budget)
    {
        var (name, status) = (budget.Stored.Key.Name, budget.Status);
        if (status.ObservedGeneration < budget.Stored.Metadata.Generation)
        {
            return StillProcessed(name);
        }

        if (status.DisruptionsAllowed < 0)
        {
            return Forbidden(name, "pdb disruptions allowed is negative");
        }

        if (status.DisruptedPods.Count > MostDisruptedPods)
        {
            return Forbidden(name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
        }

        if (status.DisruptionsAllowed > 0)
        {
            return null;
        }

        return TooMany(status.Reason == DisruptionCondition.SyncFailed
            ? $"The disruption budget {name} does not allow evicting pods currently because it failed sync: {status.Message}"
            : $"The disruption budget {name} needs {status.DesiredHealthy} healthy pods and has {status.CurrentHealthy} currently");
    }

    /// <summary>Says in the pod why it goes, then deletes it.</summary>
    private async Task<ResourceResult> DeleteAsync(StoredObject pod, DeleteRequest deletion, WriteOptions options, CancellationToken cancellation)
    {
        if (options.DryRun || pod.Metadata.DeletionTimestamp is not null || deletion.PreconditionUid is { } uid && uid != pod.Uid)
        {
            return await client.DeleteAsync(pod.Key, deletion, options, cancellation).ConfigureAwait(false);
        }

        var now = time.GetUtcNow();
        var marked = await client.UpdateAsync(
            pod.Key,
            (_, obj) => PodConditions.Set(obj.Ensure("status"), "DisruptionTarget", "True", "EvictionByEvictionAPI", "Eviction API: evicting", now) ? obj : ChangeResult.Nothing,
            Server with { ExpectedUid = pod.Uid, Expected = deletion.PreconditionRevision },
            cancellation).ConfigureAwait(false);
        if (!marked.Ok)
        {
            return marked;
        }

        return await client.DeleteAsync(
            pod.Key,
            deletion.PreconditionRevision is null ? deletion : deletion with { PreconditionRevision = marked.Object!.Revision },
            options,
            cancellation).ConfigureAwait(false);
    }

    private static ApiStatus StillProcessed(string budget) =>
        TooMany($"The disruption budget {budget} is still being processed by the server.") with { RetryAfterSeconds = 10 };

    private static ApiStatus TooMany(string cause) =>
        new(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.") { Causes = [new StatusCause("DisruptionBudget", cause, "")] };

    private static ApiStatus Forbidden(string budget, string why) =>
        ApiStatus.Forbidden(new ObjectKey(new ResourceType("policy", "poddisruptionbudget"), "", budget), why);
}
