using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Access.Rbac;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Rbac;

/// <summary>
/// Puts the default roles and bindings right when a leader starts: what is missing is added, what was added to them stays, and those that say
/// <c>autoupdate: "false"</c> are left alone. Until the next start they are the user's to change.
/// </summary>
public static class DefaultPolicyReconciler
{
    private const string AutoUpdate = "rbac.authorization.kubernetes.io/autoupdate";

    /// <summary>One turn for all of them, under the name of the first.</summary>
    private static readonly ObjectKey All = new(ResourceTypes.ClusterRoles, "", "cluster-admin");

    public static ControllerDefinition Definition => new()
    {
        Name = "rbac-bootstrap-roles",
        Observes = [ResourceTypes.Namespaces],
        DirtiedBy = (fact, _) => fact.Verb == FactVerb.Created && fact.Key.Name is "kube-system" or "kube-public" ? [All] : [],
        Everything = _ => [All],
        Reconcile = (observed, _) => Reconcile(observed.Snapshot),
    };

    private static Plan Reconcile(ClusterSnapshot cluster) => Plan.Together(DefaultPolicy.Objects.SelectMany(wanted => Actions(cluster, wanted.Key, wanted.Object)));

    private static IEnumerable<PlanAction> Actions(ClusterSnapshot cluster, ObjectKey key, JsonObject wanted)
    {
        if (key.Namespace.Length > 0 && cluster.Find(new ObjectKey(ResourceTypes.Namespaces, "", key.Namespace)) is not { Metadata.DeletionTimestamp: null })
        {
            // The namespace's creation brings this one's turn.
            return [];
        }

        if (cluster.Find(key) is not { } current)
        {
            return [CreateObject.Of(key.Type, key.Namespace, wanted, "bootstrap")];
        }

        var obj = current.ToJson();
        if (current.Metadata.Annotations.GetValueOrDefault(AutoUpdate) == "false")
        {
            return [];
        }

        if (wanted["roleRef"] is { } role && !JsonNode.DeepEquals(role, obj["roleRef"]))
        {
            // A binding's role is fixed for life; its successor comes at the next start.
            return [DeleteObject.Of(current)];
        }

        return Corrected(wanted, obj) is null ? [] : [ChangeObject.AsItIs(current, "bootstrap", found => Corrected(wanted, found))];
    }

    private static JsonObject? Corrected(JsonObject wanted, JsonObject obj)
    {
        var changed = AddMissing(wanted.Object("metadata"), obj.Ensure("metadata"), "labels") | AddMissing(wanted.Object("metadata"), obj.Ensure("metadata"), "annotations");
        if (wanted["aggregationRule"] is { } aggregation && obj["aggregationRule"] is null)
        {
            obj["aggregationRule"] = aggregation.DeepClone();
            changed = true;
        }

        var missing = RuleCoverage.Missing(PolicyRule.ReadAll(obj), PolicyRule.ReadAll(wanted));
        changed |= Append(obj, "rules", missing.Select(rule => (JsonNode)rule.ToJson()));
        var subjects = obj.Array("subjects") ?? [];
        changed |= Append(obj, "subjects", (wanted.Array("subjects") ?? []).Where(subject => !subjects.Any(present => JsonNode.DeepEquals(present, subject))).Select(subject => subject!.DeepClone()));
        return changed ? obj : null;
    }

    private static bool AddMissing(JsonObject? wanted, JsonObject obj, string name)
    {
        var changed = false;
        foreach (var (key, value) in wanted.Object(name) ?? [])
        {
            if (obj.Object(name)?.ContainsKey(key) != true)
            {
                obj.Ensure(name)[key] = value?.DeepClone();
                changed = true;
            }
        }

        return changed;
    }

    private static bool Append(JsonObject obj, string name, IEnumerable<JsonNode> items)
    {
        var added = items.ToArray();
        if (added.Length == 0)
        {
            return false;
        }

        if (obj.Array(name) is not { } list)
        {
            list = [];
            obj[name] = list;
        }

        foreach (var item in added)
        {
            list.Add(item);
        }

        return true;
    }
}
