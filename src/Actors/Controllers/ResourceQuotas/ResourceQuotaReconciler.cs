using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Quotas;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.ResourceQuotas;

/// <summary>
/// Sums up what a quota counts when it is new or changed. From then on <see cref="QuotaAccounts"/> keeps the sum with every write, and this only looks
/// whether it is right: soon after, because writes may have been under way that did not know of the quota yet, and at long intervals. It writes under
/// compare-and-set of the quota, so that it cannot overwrite an account that moved on.
/// </summary>
public static class ResourceQuotaReconciler
{
    /// <summary>A write that did not know of the quota has arrived by then, or a slow one by the time after it.</summary>
    private static readonly TimeSpan SecondLook = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ThirdLook = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Resync = TimeSpan.FromMinutes(5);

    public static ControllerDefinition Definition { get; } = new()
    {
        Name = "resourcequota-controller",
        Observes = [ResourceTypes.ResourceQuotas],
        DirtiedBy = DirtiedBy,
        Everything = ControllerDefinition.AllOf(ResourceTypes.ResourceQuotas),
        Reconcile = Reconcile,
    };

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster) => IsAsWanted(fact.Object) ? [] : [fact.Key];

    /// <summary>Every write of an object that is counted changes a quota; those are not about its limits.</summary>
    private static bool IsAsWanted(StoredObject quota)
    {
        var tree = quota.ToJson();
        return tree.Object("status").Object("hard") is { } known && SameAmounts(tree.Object("spec").Object("hard"), known);
    }

    private static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is not { } stored)
        {
            return Plan.Nothing;
        }

        var quota = stored.ToJson();
        var hard = PodResources.Read(quota.Object("spec").Object("hard"));
        var status = new JsonObject
        {
            ["hard"] = QuotaAccounts.Written(hard),
            ["used"] = QuotaAccounts.Written(Sum(quota, hard, observed.Snapshot, stored.Key.Namespace)),
        };
        var unchanged = JsonNode.DeepEquals(quota.Object("status")?["hard"], status["hard"]) && SameAmounts(quota.Object("status").Object("used"), status.Object("used"));
        var isYoung = stored.Metadata.CreationTimestamp is { } made && now - made < Young;
        return unchanged ? Plan.Nothing.NotLaterThan(now + (isYoung ? ThirdLook : Resync)) : Plan.Do(ChangeObject.StatusOf(stored, (_, obj) =>
        {
            obj["status"] = status.DeepClone();
            return obj;
        })).NotLaterThan(now + SecondLook);
    }

    private static Dictionary<string, Quantity> Sum(JsonObject quota, Dictionary<string, Quantity> hard, ClusterSnapshot cluster, string @namespace)
    {
        var used = hard.Keys.ToDictionary(name => name, name => hard[name] with { Amount = 0 }, StringComparer.Ordinal);
        foreach (var type in cluster.Types)
        {
            if (!hard.Keys.Any(name => QuotaUsage.Concerns(name, type)))
            {
                continue;
            }

            foreach (var obj in cluster.InNamespace(type, @namespace))
            {
                PodResources.Add(used, QuotaAccounts.Counted(quota, type, obj.ToJson(), hard));
            }
        }

        return used;
    }

    private static bool SameAmounts(JsonObject? left, JsonObject? right)
    {
        var (mine, others) = (PodResources.Read(left), PodResources.Read(right));
        return mine.Count == others.Count && mine.All(pair => others.TryGetValue(pair.Key, out var amount) && amount == pair.Value);
    }
}
