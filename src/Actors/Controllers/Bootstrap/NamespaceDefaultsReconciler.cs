using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Bootstrap;

/// <summary>What every namespace has: the ServiceAccount <c>default</c> and, when there is an authority to trust, the ConfigMap <c>kube-root-ca.crt</c>.</summary>
public sealed class NamespaceDefaultsReconciler(string? certificateAuthority)
{
    private const string AuthorityName = "kube-root-ca.crt";
    private const string AccountName = "default";
    private const string DescriptionAnnotation = "kubernetes.io/description";
    private const string Description = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or "
        + "kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

    public ControllerDefinition Definition => new()
    {
        Name = "service-account-controller",
        Observes = [ResourceTypes.Namespaces, ResourceTypes.ServiceAccounts, ResourceTypes.ConfigMaps],
        DirtiedBy = DirtiedBy,
        Everything = Everything,
        Reconcile = Reconcile,
    };

    private IEnumerable<ObjectKey> Everything(ClusterSnapshot cluster) => cluster.All(ResourceTypes.Namespaces).Select(item => item.Key);

    private IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster) =>
        fact.Key.Type == ResourceTypes.Namespaces ? [fact.Key]
        : (fact.Key.Type == ResourceTypes.ServiceAccounts && fact.Key.Name == AccountName)
          || (fact.Key.Type == ResourceTypes.ConfigMaps && fact.Key.Name == AuthorityName)
            ? [new ObjectKey(ResourceTypes.Namespaces, "", fact.Key.Namespace)]
            : [];

    private Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        var (key, cluster) = (observed.Key, observed.Snapshot);
        if (cluster.Find(key) is not { } item || item.Metadata.DeletionTimestamp is not null)
        {
            return Plan.Nothing;
        }

        var writes = new List<PlanAction>();
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
                writes.Add(Create(
                    ResourceTypes.ConfigMaps, "ConfigMap", key.Name, AuthorityName,
                    new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [DescriptionAnnotation] = Description } }, ["data"] = data }));
            }
            else if (current.Metadata.Annotations.GetValueOrDefault(DescriptionAnnotation) != Description || !JsonNode.DeepEquals(current.ToJson().Object("data"), data))
            {
                writes.Add(ChangeObject.AsItIs(current, "publish certificate authority", obj =>
                {
                    obj["data"] = data.DeepClone();
                    obj.Ensure("metadata").Ensure("annotations")[DescriptionAnnotation] = Description;
                    return obj;
                }));
            }
        }

        return Plan.Together(writes);
    }

    private static PlanAction Create(ResourceType type, string kind, string @namespace, string name, JsonObject fields)
    {
        fields["apiVersion"] = "v1";
        fields["kind"] = kind;
        var metadata = fields.Ensure("metadata");
        metadata["name"] = name;
        metadata["namespace"] = @namespace;
        return CreateObject.Of(type, @namespace, fields, "furnish namespace");
    }
}
