using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.StatefulSets;

/// <summary>The claims of a pod with an identity: made before it, kept or deleted after it as the retention policy says (KEP 1847).</summary>
internal static class StatefulClaims
{
    public static string NameOf(StatefulSetView set, string template, int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{template}-{set.Name}-{ordinal}");

    public static ObjectKey KeyOf(StatefulSetView set, string template, int ordinal) =>
        new(ResourceTypes.PersistentVolumeClaims, set.Stored.Key.Namespace, NameOf(set, template, ordinal));

    /// <summary>A claim is on its way out, with an earlier pod of the same name or by itself: the pod must not get hold of it.</summary>
    public static string? Obstacle(StatefulSetView set, int ordinal, ClusterSnapshot snapshot)
    {
        foreach (var (template, _) in set.ClaimTemplates)
        {
            var key = KeyOf(set, template, ordinal);
            if (snapshot.Find(key) is not { } claim)
            {
                continue;
            }

            if (claim.Metadata.DeletionTimestamp is not null)
            {
                return $"pvc {key.Name} is being deleted";
            }

            var pod = new ObjectKey(ResourceTypes.Pods, set.Stored.Key.Namespace, StatefulPod.NameOf(set, ordinal));
            if (claim.Metadata.OwnerReferences.Any(owner => owner.Kind == "Pod" && owner.Name == pod.Name && owner.Uid != snapshot.Find(pod)?.Uid))
            {
                return $"pvc {key.Name} belongs to a pod that is gone";
            }
        }

        return null;
    }

    public static IEnumerable<PlanAction> Missing(StatefulSetView set, int ordinal, ClusterSnapshot snapshot)
    {
        foreach (var (template, json) in set.ClaimTemplates)
        {
            var key = KeyOf(set, template, ordinal);
            if (snapshot.Find(key) is not null)
            {
                continue;
            }

            var pod = StatefulPod.NameOf(set, ordinal);
            yield return new CreateObject(key.Type, key.Namespace, () => Json(set, key, json))
            {
                Act = "create claim",
                Report = result => result.Failure switch
                {
                    null => RecordEvent.Normal(set.Stored, "SuccessfulCreate", $"create Claim {key.Name} Pod {pod} in StatefulSet {set.Name} success"),
                    { Reason: "AlreadyExists" } => null,
                    var failure => RecordEvent.Warn(
                        set.Stored, "FailedCreate", $"create Claim {key.Name} for Pod {pod} in StatefulSet {set.Name} failed error: {failure.Message}"),
                },
            };
        }
    }

    /// <summary>Gives each claim of a pod the owners that the policy asks for: the set, the pod while it is being scaled away, or nobody.</summary>
    public static IEnumerable<PlanAction> Retain(StatefulSetView set, StatefulPod pod, ClusterSnapshot snapshot)
    {
        var scaledAway = !set.Wants(pod.Ordinal);
        var byPod = set.DeletesClaimsWithScale && scaledAway;
        var bySet = set.DeletesClaimsWithSet && !byPod;
        foreach (var (template, _) in set.ClaimTemplates)
        {
            if (snapshot.Find(KeyOf(set, template, pod.Ordinal)) is not { } claim || claim.Metadata.DeletionTimestamp is not null)
            {
                continue;
            }

            var owners = claim.Metadata.OwnerReferences;
            if (owners.Any(owner => IsStale(owner, set, pod)))
            {
                // It belongs to an earlier set or pod of the same name: what becomes of it is the garbage collector's business.
                continue;
            }

            // Another controller's claim is let go of, and not taken again.
            var mayDelete = set.DeletesClaimsWithScale || set.DeletesClaimsWithSet;
            var isForeign = mayDelete && owners.Any(owner => owner.Controller && !IsOurs(owner, set, pod));
            var (ofSet, ofPod) = isForeign ? (false, false) : (bySet, byPod);
            if (Has(claim, set.Stored.Uid) != ofSet || Has(claim, pod.Stored.Uid) != ofPod || owners.Any(owner => !owner.Controller && IsOurs(owner, set, pod)))
            {
                yield return ChangeObject.Of(claim, (_, tree) => SetOwners(tree, set, pod, ofSet, ofPod)) with { Act = "retain claim" };
            }
        }
    }

    private static bool IsOurs(OwnerReference owner, StatefulSetView set, StatefulPod pod) => owner.Uid == set.Stored.Uid || owner.Uid == pod.Stored.Uid;

    private static bool IsStale(OwnerReference owner, StatefulSetView set, StatefulPod pod) =>
        !IsOurs(owner, set, pod)
        && (owner is { ApiVersion: "apps/v1", Kind: "StatefulSet" } && owner.Name == set.Name
            || owner is { ApiVersion: "v1", Kind: "Pod" } && owner.Name == pod.Stored.Key.Name);

    private static bool Has(StoredObject claim, string uid) => claim.Metadata.OwnerReferences.Any(owner => owner.Uid == uid);

    private static JsonObject SetOwners(JsonObject tree, StatefulSetView set, StatefulPod pod, bool bySet, bool byPod)
    {
        var metadata = tree.Ensure("metadata");
        var owners = new JsonArray([.. (metadata.Array("ownerReferences") ?? [])
            .Where(owner => owner.Text("uid") != set.Stored.Uid && owner.Text("uid") != pod.Stored.Uid).Select(owner => owner?.DeepClone())]);
        if (bySet)
        {
            owners.Add(Ownership.ByStatefulSet.ReferenceTo(set.Stored));
        }

        if (byPod)
        {
            owners.Add(new JsonObject
            {
                ["apiVersion"] = "v1", ["kind"] = "Pod", ["name"] = pod.Stored.Key.Name, ["uid"] = pod.Stored.Uid, ["controller"] = true, ["blockOwnerDeletion"] = true,
            });
        }

        metadata.Remove("ownerReferences");
        if (owners.Count > 0)
        {
            metadata["ownerReferences"] = owners;
        }

        return tree;
    }

    private static JsonObject Json(StatefulSetView set, ObjectKey key, string template)
    {
        var claim = JsonNode.Parse(template)!.AsObject();
        claim["apiVersion"] = "v1";
        claim["kind"] = "PersistentVolumeClaim";
        claim.Remove("status");
        var metadata = claim.Ensure("metadata");
        metadata["name"] = key.Name;
        metadata["namespace"] = key.Namespace;
        var labels = metadata.Ensure("labels");
        foreach (var (name, value) in set.MatchLabels)
        {
            labels[name] = value;
        }

        if (set.DeletesClaimsWithSet)
        {
            metadata["ownerReferences"] = new JsonArray(Ownership.ByStatefulSet.ReferenceTo(set.Stored));
        }

        return claim;
    }
}
