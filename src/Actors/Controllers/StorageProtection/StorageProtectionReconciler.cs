using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.StorageProtection;

/// <summary>
/// Storage that somebody uses outlives its deletion: claims that a bound pod names, volumes that are bound, attribute classes that a claim or volume has. Admission
/// gives new ones the finalizer; here those that came without it get it, and it is taken away once nobody is left.
/// </summary>
/// <param name="name">Upstream's name of the controller.</param>
/// <param name="type">What is protected.</param>
/// <param name="finalizer">By which finalizer.</param>
public sealed class StorageProtectionReconciler(string name, ResourceType type, string finalizer)
{
    public const string ClaimFinalizer = "kubernetes.io/pvc-protection";
    public const string VolumeFinalizer = "kubernetes.io/pv-protection";
    public const string AttributesClassFinalizer = "kubernetes.io/vac-protection";
    private const string Act = "protect storage in use";
    private static readonly ViewCache<ClassNames> AttributeClasses = new(ReadAttributeClasses);

    private sealed record ClassNames(ImmutableArray<string> Names);

    public static ImmutableArray<ControllerDefinition> Definitions { get; } =
    [
        new StorageProtectionReconciler("pvc-protection-controller", ResourceTypes.PersistentVolumeClaims, ClaimFinalizer).Definition,
        new StorageProtectionReconciler("pv-protection-controller", ResourceTypes.PersistentVolumes, VolumeFinalizer).Definition,
        new StorageProtectionReconciler("volumeattributesclass-protection-controller", ResourceTypes.VolumeAttributesClasses, AttributesClassFinalizer).Definition,
    ];

    private ControllerDefinition Definition => new()
    {
        Name = name,
        Observes = type == ResourceTypes.PersistentVolumeClaims ? [type, ResourceTypes.Pods]
            : type == ResourceTypes.VolumeAttributesClasses ? [type, ResourceTypes.PersistentVolumeClaims, ResourceTypes.PersistentVolumes]
            : [type],
        DirtiedBy = DirtiedBy,
        Everything = cluster => cluster.All(type).Where(NeedsCare).Select(item => item.Key),
        Reconcile = Reconcile,
    };

    private IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster)
    {
        if (fact.Key.Type == type)
        {
            return fact.Verb != FactVerb.Deleted && NeedsCare(fact.Object) ? [fact.Key] : [];
        }

        // Who uses something only matters for what is being deleted, and only when it stops.
        if (fact.Key.Type == ResourceTypes.Pods)
        {
            return fact.Verb == FactVerb.Deleted || IsShutDown(fact.Object)
                ? PodClaims.Of(fact.Object).All.Select(claim => new ObjectKey(type, fact.Key.Namespace, claim)).Where(key => IsLeaving(cluster.Find(key)))
                : [];
        }

        return cluster.Count(type) == 0 ? [] : cluster.All(type).Where(IsLeaving).Select(item => item.Key);
    }

    private Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is not { } stored || !NeedsCare(stored))
        {
            return Plan.Nothing;
        }

        if (!IsLeaving(stored))
        {
            return Plan.Do(ChangeObject.Of(stored, (_, obj) => WithFinalizer(obj)) with { Act = Act });
        }

        return IsInUse(stored, observed.Snapshot) ? Plan.Nothing : Plan.Do(ChangeObject.Of(stored, (_, obj) => WithoutFinalizer(obj)) with { Act = Act });
    }

    private bool NeedsCare(StoredObject stored) => IsLeaving(stored) == stored.Metadata.Finalizers.Contains(finalizer);

    private static bool IsLeaving(StoredObject? stored) => stored?.Metadata.DeletionTimestamp is not null;

    private bool IsInUse(StoredObject stored, ClusterSnapshot cluster) =>
        type == ResourceTypes.PersistentVolumeClaims ? cluster.InNamespace(ResourceTypes.Pods, stored.Key.Namespace).Any(pod => Uses(pod, stored))
        : type == ResourceTypes.PersistentVolumes ? stored.ToElement().Get("status").Text("phase") == "Bound"
        : cluster.All(ResourceTypes.PersistentVolumeClaims).Concat(cluster.All(ResourceTypes.PersistentVolumes)).Any(user => AttributeClasses[user].Names.Contains(stored.Key.Name));

    /// <summary>A pod without a node has mounted nothing, and its node would refuse a claim that is being deleted.</summary>
    private static bool Uses(StoredObject pod, StoredObject claim) => pod.Links.NodeName.Length > 0 && PodClaims.Of(pod) is var claims
        && (claims.Named.Contains(claim.Key.Name)
            || (!IsShutDown(pod) && claims.Ephemeral.Contains(claim.Key.Name) && claim.Metadata.ControllerReference?.Uid == pod.Uid));

    private static bool IsShutDown(StoredObject pod) => pod.Metadata is { DeletionTimestamp: not null, DeletionGracePeriodSeconds: 0 };

    private static ClassNames ReadAttributeClasses(StoredObject stored)
    {
        using var document = JsonDocument.Parse(stored.Utf8);
        var (spec, status) = (document.RootElement.Get("spec"), document.RootElement.Get("status"));
        string[] names =
        [
            spec.Text("volumeAttributesClassName"), status.Text("currentVolumeAttributesClassName"), status.Get("modifyVolumeStatus").Text("targetVolumeAttributesClassName"),
        ];
        return new ClassNames([.. names.Where(item => item.Length > 0)]);
    }

    private JsonObject? WithFinalizer(JsonObject obj)
    {
        var metadata = obj.Ensure("metadata");
        var before = JsonNodes.Strings(metadata, "finalizers");
        metadata.SetStrings("finalizers", [.. before, finalizer]);
        return before.Contains(finalizer) ? null : obj;
    }

    private JsonObject? WithoutFinalizer(JsonObject obj)
    {
        var metadata = obj.Ensure("metadata");
        var before = JsonNodes.Strings(metadata, "finalizers");
        metadata.SetStrings("finalizers", [.. before.Where(item => item != finalizer)]);
        return before.Contains(finalizer) ? obj : null;
    }
}
