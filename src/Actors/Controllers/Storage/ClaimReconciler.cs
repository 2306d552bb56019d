using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Storage;

/// <summary>
/// Gives a PersistentVolumeClaim its volume (upstream's <c>persistentvolume-controller</c>): first the volume is promised to the claim, then the claim names it,
/// then its status says so. Each step is one write, after which the world is looked at again, so that a crash in between loses nothing.
/// </summary>
public static class ClaimReconciler
{
    private const string Act = "bind claim";

    public static ControllerDefinition Definition { get; } = new()
    {
        Name = "persistentvolume-controller",
        Observes = [ResourceTypes.PersistentVolumeClaims, ResourceTypes.PersistentVolumes, ResourceTypes.StorageClasses, ResourceTypes.Nodes],
        DirtiedBy = DirtiedBy,
        Everything = ControllerDefinition.AllOf(ResourceTypes.PersistentVolumeClaims),
        Reconcile = Reconcile,
    };

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster)
    {
        if (fact.Key.Type == ResourceTypes.PersistentVolumeClaims)
        {
            return [fact.Key];
        }

        if (fact.Key.Type == ResourceTypes.Nodes)
        {
            return fact.Verb == FactVerb.Deleted ? Waiting(cluster).Where(claim => claim.ChosenNode == fact.Key.Name).Select(claim => claim.Key) : [];
        }

        if (fact.Key.Type == ResourceTypes.StorageClasses)
        {
            return Waiting(cluster).Where(claim => claim.HasNoClass || claim.ClassName == fact.Key.Name).Select(claim => claim.Key);
        }

        var volume = VolumeView.Of(fact.Object);
        return volume.Claim is { } claim
            ? cluster.Find(claim) is null ? [] : [claim]
            : Waiting(cluster).Where(waiting => waiting.VolumeName.Length == 0 ? waiting.ClassName == volume.ClassName : waiting.VolumeName == volume.Name).Select(waiting => waiting.Key);
    }

    private static IEnumerable<ClaimView> Waiting(ClusterSnapshot cluster) => cluster.Count(ResourceTypes.PersistentVolumeClaims) == 0
        ? []
        : cluster.All(ResourceTypes.PersistentVolumeClaims).Select(ClaimView.Of).Where(claim => !claim.IsBound);

    private static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is null)
        {
            return Plan.Nothing;
        }

        var claim = ClaimView.Of(observed.Object);
        return claim.IsBound ? Bound(claim, observed.Snapshot)
            : claim.VolumeName.Length > 0 ? Named(claim, observed.Snapshot)
            : Unnamed(claim, observed.Snapshot);
    }

    private static Plan Unnamed(ClaimView claim, ClusterSnapshot cluster)
    {
        var @class = StorageClassView.Find(cluster, claim.ClassName);
        var waits = @class is { WaitsForConsumer: true };
        if (VolumeMatch.Find(claim, cluster, waits) is { } volume)
        {
            return Bind(claim, volume);
        }

        if (claim.Stored.Metadata.DeletionTimestamp is not null)
        {
            return Plan.Nothing;
        }

        if (claim.HasNoClass && StorageClassView.DefaultOf(cluster) is { } @default)
        {
            // It came before there was a default class.
            return Plan.Do(ChangeObject.Of(claim.Stored, (_, obj) =>
            {
                obj.Ensure("spec")["storageClassName"] = @default.Name;
                return obj;
            }) with { Act = "assign default class" });
        }

        if (waits && claim.ChosenNode.Length == 0)
        {
            return Plan.Do(RecordEvent.Normal(claim.Stored, "WaitForFirstConsumer", "waiting for first consumer to be created before binding"));
        }

        return claim.ClassName.Length == 0
            ? Plan.Do(RecordEvent.Normal(claim.Stored, "FailedBinding", "no persistent volumes available for this claim and no storage class is set"))
            : Provisioning.Of(claim, @class, cluster);
    }

    /// <summary>The user, or an interrupted step of ours, has said which volume it is.</summary>
    private static Plan Named(ClaimView claim, ClusterSnapshot cluster)
    {
        if (Volume(claim, cluster) is not { } volume)
        {
            return Plan.Nothing;
        }

        if (volume.Claim is null)
        {
            return VolumeMatch.Mismatch(claim, volume) is { } mismatch
                ? Plan.Do(RecordEvent.Warn(claim.Stored, "VolumeMismatch", $"Cannot bind to requested volume \"{volume.Name}\": {mismatch}"))
                : Bind(claim, volume);
        }

        return volume.IsFor(claim)
            ? Bind(claim, volume)
            : Plan.Do(RecordEvent.Warn(claim.Stored, "FailedBinding", $"volume \"{volume.Name}\" already bound to a different claim."));
    }

    private static Plan Bound(ClaimView claim, ClusterSnapshot cluster)
    {
        if (claim.VolumeName.Length == 0)
        {
            return Lost(claim, "ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!");
        }

        if (Volume(claim, cluster) is not { } volume)
        {
            return Lost(claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
        }

        if (volume.Claim is null || volume.IsFor(claim))
        {
            return Bind(claim, volume);
        }

        return Lost(claim, "ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly");
    }

    /// <summary>The next step that is missing.</summary>
    private static Plan Bind(ClaimView claim, VolumeView volume)
    {
        if (volume.ClaimUid != claim.Stored.Uid)
        {
            return Plan.Do(ChangeObject.Of(volume.Stored, (_, obj) => Promised(obj, claim, byController: volume.Claim is null)) with { Act = Act });
        }

        if (claim.VolumeName != volume.Name || !claim.IsBound)
        {
            return Plan.Do(ChangeObject.Of(claim.Stored, (_, obj) => Named(obj, claim, volume)) with { Act = Act });
        }

        if (volume.Driver == LocalPathVolumes.Driver && volume.Capacity < claim.Size)
        {
            // A folder grows by itself.
            return Plan.Do(ChangeObject.Of(volume.Stored, (_, obj) =>
            {
                obj.Ensure("spec").Ensure("capacity")["storage"] = claim.Size.ToString();
                return obj;
            }) with { Act = "expand volume" });
        }

        var isNew = claim.Phase != "Bound";
        var grows = volume.Driver == LocalPathVolumes.Driver && claim.Capacity < volume.Capacity;
        if (!isNew && !grows)
        {
            return Plan.Nothing;
        }

        return Plan.Do(ChangeObject.StatusOf(claim.Stored, (_, obj) => WithStatus(obj, volume)));
    }

    private static JsonObject Promised(JsonObject obj, ClaimView claim, bool byController)
    {
        if (byController)
        {
            obj.Ensure("metadata").Ensure("annotations")[ClaimView.BoundByController] = "yes";
        }

        obj.Ensure("spec")["claimRef"] = ReferenceTo(claim);
        return obj;
    }

    internal static JsonObject ReferenceTo(ClaimView claim) => new()
    {
        ["kind"] = "PersistentVolumeClaim",
        ["apiVersion"] = "v1",
        ["namespace"] = claim.Key.Namespace,
        ["name"] = claim.Key.Name,
        ["uid"] = claim.Stored.Uid,
        ["resourceVersion"] = claim.Stored.Revision.ToString(),
    };

    private static JsonObject Named(JsonObject obj, ClaimView claim, VolumeView volume)
    {
        var annotations = obj.Ensure("metadata").Ensure("annotations");
        if (claim.VolumeName.Length == 0)
        {
            annotations[ClaimView.BoundByController] = "yes";
            obj.Ensure("spec")["volumeName"] = volume.Name;
        }

        annotations[ClaimView.BindCompleted] = "yes";
        return obj;
    }

    private static JsonObject WithStatus(JsonObject obj, VolumeView volume)
    {
        var status = obj.Ensure("status");
        status["phase"] = "Bound";
        status.SetStrings("accessModes", volume.AccessModes);
        status["capacity"] = new JsonObject { ["storage"] = volume.Capacity.ToString() };
        return obj;
    }

    private static Plan Lost(ClaimView claim, string reason, string message) => claim.Phase == "Lost"
        ? Plan.Nothing
        : Plan.Do(
            ChangeObject.StatusOf(claim.Stored, (_, obj) =>
            {
                obj["status"] = new JsonObject { ["phase"] = "Lost" };
                return obj;
            }),
            RecordEvent.Warn(claim.Stored, reason, message));

    private static VolumeView? Volume(ClaimView claim, ClusterSnapshot cluster) =>
        cluster.Find(new ObjectKey(ResourceTypes.PersistentVolumes, "", claim.VolumeName)) is { } stored ? VolumeView.Of(stored) : null;
}
