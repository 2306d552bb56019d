using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Access.Rbac;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Rbac;

/// <summary>A ClusterRole with an aggregation rule has the rules of all ClusterRoles that it selects, and no others.</summary>
public static class ClusterRoleAggregationReconciler
{
    public static ControllerDefinition Definition => new()
    {
        Name = "clusterrole-aggregation-controller",
        Observes = [ResourceTypes.ClusterRoles],
        DirtiedBy = DirtiedBy,
        Everything = Aggregates,
        Reconcile = Reconcile,
    };

    private static readonly ViewCache<Aggregate> Views = new(Aggregate.Read);

    private sealed record Aggregate(LabelSelector[] Selectors, PolicyRule[] Rules)
    {
        public static Aggregate Read(StoredObject stored)
        {
            var role = stored.ToJson();
            return new Aggregate(
                [.. (role.Object("aggregationRule").Array("clusterRoleSelectors") ?? []).OfType<JsonObject>().Select(LabelSelector.From)],
                [.. PolicyRule.ReadAll(role)]);
        }
    }

    private static IEnumerable<ObjectKey> Aggregates(ClusterSnapshot cluster) =>
        cluster.All(ResourceTypes.ClusterRoles).Where(role => Views[role].Selectors.Length > 0).Select(role => role.Key);

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster) => Aggregates(cluster);

    private static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is not { } stored || Views[stored] is not { Selectors.Length: > 0 } aggregate)
        {
            return Plan.Nothing;
        }

        var wanted = new List<PolicyRule>();
        var known = new HashSet<PolicyRule>();
        foreach (var selector in aggregate.Selectors)
        {
            foreach (var role in observed.Snapshot.All(ResourceTypes.ClusterRoles).Where(role => role.Key != stored.Key && selector.Matches(role.Metadata.Labels)))
            {
                wanted.AddRange(Views[role].Rules.Where(known.Add));
            }
        }

        return wanted.SequenceEqual(aggregate.Rules) ? Plan.Nothing : Plan.Do(ChangeObject.Of(stored, (_, obj) =>
        {
            obj["rules"] = new JsonArray([.. wanted.Select(rule => rule.ToJson())]);
            return obj;
        }));
    }
}
