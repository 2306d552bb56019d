using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Controllers.ApiServices;

/// <summary>Lists the groups that are served here as APIServices, as upstream's auto-registration does; one that its author points to a Service is his.</summary>
public sealed class LocalApiServiceReconciler(ICatalogSource catalog)
{
    private const string Managed = "kube-aggregator.kubernetes.io/automanaged";
    private const string Act = "register local API";

    private const int MetricsPriority = 100;

    /// <summary>Priorities of the groups that this program brings, upstream's.</summary>
    private static readonly Dictionary<string, int> Priorities = new(StringComparer.Ordinal)
    {
        [""] = 18000, ["apps"] = 17800, ["events.k8s.io"] = 17750, ["authentication.k8s.io"] = 17700, ["authorization.k8s.io"] = 17600, ["autoscaling"] = 17500,
        ["batch"] = 17400, ["certificates.k8s.io"] = 17300, ["networking.k8s.io"] = 17200, ["policy"] = 17100, ["rbac.authorization.k8s.io"] = 17000,
        ["storage.k8s.io"] = 16800, ["apiextensions.k8s.io"] = 16700, ["admissionregistration.k8s.io"] = 16700, ["scheduling.k8s.io"] = 16600,
        ["coordination.k8s.io"] = 16500, ["node.k8s.io"] = 16300, ["discovery.k8s.io"] = 16200, ["flowcontrol.apiserver.k8s.io"] = 16100, ["resource.k8s.io"] = 15900,
        // What metrics-server's own manifest has, so that nothing but the Service differs when it takes over.
        ["metrics.k8s.io"] = MetricsPriority,
    };

    public ControllerDefinition Definition => new()
    {
        Name = "autoregister-controller",
        Observes = [ResourceTypes.ApiServices, ResourceTypes.CustomResourceDefinitions],
        DirtiedBy = DirtiedBy,
        Everything = cluster => Wanted().Concat(cluster.All(ResourceTypes.ApiServices).Select(obj => obj.Key)).Distinct(),
        Reconcile = Reconcile,
    };

    private IEnumerable<ObjectKey> Wanted() => catalog.Current.GroupVersions.Where(IsListed).Select(pair => KeyOf(pair.Group, pair.Version));

    private IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster)
    {
        if (fact.Key.Type == ResourceTypes.ApiServices)
        {
            return [fact.Key];
        }

        var group = fact.Key.Name[(fact.Key.Name.IndexOf('.', StringComparison.Ordinal) + 1)..];
        return Wanted().Concat(cluster.All(ResourceTypes.ApiServices).Select(obj => obj.Key)).Where(key => key.Name.EndsWith("." + group, StringComparison.Ordinal)).Distinct();
    }

    private Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        var name = observed.Key.Name;
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var (version, group) = dot < 0 ? (name, "") : (name[..dot], name[(dot + 1)..]);
        var isServed = catalog.Current.GroupVersions.Contains((group, version)) && IsListed((group, version));
        if (observed.Object is not { } obj)
        {
            return isServed ? Plan.Do(CreateObject.Of(ResourceTypes.ApiServices, "", Local(group, version), Act)) : Plan.Nothing;
        }

        // Only what was listed by itself goes by itself.
        return !isServed && obj.Metadata.DeletionTimestamp is null && obj.Metadata.Labels.ContainsKey(Managed)
            ? Plan.Do(DeleteObject.Of(obj, "the API is served no longer", new DeleteRequest()))
            : Plan.Nothing;
    }

    private static bool IsListed((string Group, string Version) pair) => pair.Group.Length > 0 || pair.Version == "v1";

    private static ObjectKey KeyOf(string group, string version) => new(ResourceTypes.ApiServices, "", $"{version}.{group}");

    private static JsonObject Local(string group, string version)
    {
        var isBuiltIn = Priorities.TryGetValue(group, out var priority);
        var versionPriority = group.Length == 0 ? 1 : !isBuiltIn || priority == MetricsPriority ? 100 : (group, version) == ("autoscaling", "v2") ? 30 : 15;
        var spec = new JsonObject { ["version"] = version, ["groupPriorityMinimum"] = isBuiltIn ? priority : 1000, ["versionPriority"] = versionPriority };
        if (group.Length > 0)
        {
            spec["group"] = group;
        }

        return new JsonObject
        {
            ["apiVersion"] = "apiregistration.k8s.io/v1",
            ["kind"] = "APIService",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{version}.{group}",
                ["labels"] = new JsonObject { [Managed] = isBuiltIn ? "onstart" : "true" },
            },
            ["spec"] = spec,
        };
    }
}
