using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Reconciling;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Bootstrap;

/// <summary>What every namespace has: the ServiceAccount <c>default</c> and, when there is an authority to trust, the ConfigMap <c>kube-root-ca.crt</c>.</summary>
public sealed class NamespaceDefaultsReconciler(string? certificateAuthority) : IReconciler
{
    private const string AuthorityName = "kube-root-ca.crt";
    private const string AccountName = "default";

    public string Name => "service-account-controller";

    public ImmutableArray<ResourceType> Observes => [ResourceTypes.Namespaces, ResourceTypes.ServiceAccounts, ResourceTypes.ConfigMaps];

    public IEnumerable<ObjectKey> All(ClusterSnapshot cluster) => cluster.All(ResourceTypes.Namespaces).Select(item => item.Key);

    public IEnumerable<ObjectKey> Touched(Fact fact, ClusterSnapshot cluster) =>
        fact.Key.Type == ResourceTypes.Namespaces ? [fact.Key]
        : (fact.Key.Type == ResourceTypes.ServiceAccounts && fact.Key.Name == AccountName)
          || (fact.Key.Type == ResourceTypes.ConfigMaps && fact.Key.Name == AuthorityName)
            ? [new ObjectKey(ResourceTypes.Namespaces, "", fact.Key.Namespace)]
            : [];

    public Plan Reconcile(ObjectKey key, ClusterSnapshot cluster, DateTimeOffset now)
    {
        if (cluster.Find(key) is not { } item || item.Metadata.DeletionTimestamp is not null)
        {
            return Plan.Nothing;
        }

        var writes = new List<PlannedWrite>();
        if (cluster.Find(new ObjectKey(ResourceTypes.ServiceAccounts, key.Name, AccountName)) is null)
        {
            writes.Add(Create(ResourceTypes.ServiceAccounts, "ServiceAccount", key.Name, AccountName, []));
        }

        if (certificateAuthority is not null)
        {
            var data = new JsonObject { ["ca.crt"] = certificateAuthority };
            var current = cluster.Find(new ObjectKey(ResourceTypes.ConfigMaps, key.Name, AuthorityName));
            if (current is null)
            {
                writes.Add(Create(ResourceTypes.ConfigMaps, "ConfigMap", key.Name, AuthorityName, new JsonObject { ["data"] = data }));
            }
            else if (!JsonNode.DeepEquals(current.ToJson().Object("data"), data))
            {
                writes.Add(new PlannedWrite.Update(current.Key, current.Uid, "", obj =>
                {
                    obj["data"] = data.DeepClone();
                    return obj;
                }, "publish certificate authority"));
            }
        }

        return writes.Count == 0 ? Plan.Nothing : Plan.Of(writes);
    }

    private static PlannedWrite Create(ResourceType type, string kind, string @namespace, string name, JsonObject fields)
    {
        fields["apiVersion"] = "v1";
        fields["kind"] = kind;
        fields["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace };
        return new PlannedWrite.Create(type, @namespace, fields, "furnish namespace");
    }
}
