using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Storage;

/// <summary>
/// The phase of a PersistentVolume, and what becomes of it when its claim is gone (the volumes' half of upstream's
/// <c>persistentvolume-controller</c>).
/// </summary>
public static class VolumeReconciler
{
    public static ControllerDefinition Definition { get; } = new()
    {
        Name = "persistent-volume-binder",
        Observes = [ResourceTypes.PersistentVolumes, ResourceTypes.PersistentVolumeClaims, ResourceTypes.Nodes],
        DirtiedBy = DirtiedBy,
        Everything = ControllerDefinition.AllOf(ResourceTypes.PersistentVolumes),
        Reconcile = Reconcile,
    };

    private static IEnumerable<ObjectKey> DirtiedBy(Fact fact, ClusterSnapshot cluster)
    {
        if (fact.Key.Type == ResourceTypes.PersistentVolumes)
        {
            return [fact.Key];
        }

        if (cluster.Count(ResourceTypes.PersistentVolumes) == 0)
        {
            return [];
        }

        var volumes = cluster.All(ResourceTypes.PersistentVolumes).Select(VolumeView.Of);
        return fact.Key.Type == ResourceTypes.PersistentVolumeClaims
            ? volumes.Where(volume => volume.Claim == fact.Key).Select(volume => volume.Stored.Key)
            : fact.Verb == FactVerb.Deleted ? volumes.Where(volume => volume.Node == fact.Key.Name).Select(volume => volume.Stored.Key) : [];
    }

    private static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is null)
        {
            return Plan.Nothing;
        }

        var volume = VolumeView.Of(observed.Object);
        if (volume.IsDeleting && volume.Stored.Metadata.Finalizers.Contains(LocalPathVolumes.Finalizer)
            && observed.Snapshot.Find(new ObjectKey(ResourceTypes.Nodes, "", volume.Node)) is null)
        {
            return Plan.Do(ChangeObject.Of(volume.Stored, (_, obj) => WithoutFolder(obj)) with { Act = "give up folder of lost node" });
        }

        if (volume.Claim is not { } wanted || volume.ClaimUid.Length == 0)
        {
            return Phase(volume, "Available", now);
        }

        if (observed.Snapshot.Find(wanted) is not { } stored || stored.Uid != volume.ClaimUid)
        {
            return volume.Phase is "Released" or "Failed" ? Reclaim(volume, now) : Phase(volume, "Released", now);
        }

        var claim = ClaimView.Of(stored);
        if (claim.VolumeName == volume.Name)
        {
            return Phase(volume, "Bound", now);
        }

        // The claim's own turn comes first; it has chosen another one only after it could have had this one.
        return claim.VolumeName.Length == 0 ? Plan.Nothing : Unneeded(volume, now);
    }

    private static Plan Unneeded(VolumeView volume, DateTimeOffset now)
    {
        if (volume.Provisioner.Length > 0 && volume.ReclaimPolicy == "Delete")
        {
            return volume.Phase is "Released" or "Failed" ? Reclaim(volume, now) : Phase(volume, "Released", now);
        }

        return Plan.Do(ChangeObject.Of(volume.Stored, (_, obj) =>
        {
            var spec = obj.Ensure("spec");
            if (volume.IsBoundByController)
            {
                spec.Remove("claimRef");
                obj.Ensure("metadata").Ensure("annotations").Remove(ClaimView.BoundByController);
            }
            else
            {
                spec.Ensure("claimRef").Remove("uid");
                spec.Ensure("claimRef").Remove("resourceVersion");
            }

            return obj;
        }) with { Act = "unbind volume" });
    }

    private static Plan Reclaim(VolumeView volume, DateTimeOffset now)
    {
        switch (volume.ReclaimPolicy)
        {
            case "Retain":
                return Plan.Nothing;
            case "Recycle":
                return Failure(volume, now, "VolumeFailedRecycle", "No recycler plugin found for the volume!");
            case "Delete" when volume.Driver == LocalPathVolumes.Driver:
                return volume.IsDeleting ? Plan.Nothing : Plan.Do(DeleteObject.Of(volume.Stored, "reclaim volume", new DeleteRequest()));
            case "Delete" when volume.Provisioner.Length > 0:
                // Whoever made it deletes it.
                return Plan.Nothing;
            default:
                return Failure(volume, now, "VolumeFailedDelete", $"error getting deleter volume plugin for volume \"{volume.Name}\": no deletable volume plugin matched");
        }
    }

    private static Plan Failure(VolumeView volume, DateTimeOffset now, string reason, string message) => volume.Phase == "Failed"
        ? Plan.Nothing
        : Plan.Do(
            ChangeObject.StatusOf(volume.Stored, (_, obj) =>
            {
                obj["status"] = new JsonObject { ["phase"] = "Failed", ["message"] = message, ["lastPhaseTransitionTime"] = JsonNodes.Time(now) };
                return obj;
            }),
            RecordEvent.Warn(volume.Stored, reason, message));

    private static Plan Phase(VolumeView volume, string phase, DateTimeOffset now) => volume.Phase == phase
        ? Plan.Nothing
        : Plan.Do(ChangeObject.StatusOf(volume.Stored, (_, obj) =>
        {
            var status = obj.Ensure("status");
            status["phase"] = phase;
            status["lastPhaseTransitionTime"] = JsonNodes.Time(now);
            status.Remove("message");
            return obj;
        }));

    private static JsonObject? WithoutFolder(JsonObject obj)
    {
        var metadata = obj.Ensure("metadata");
        var before = metadata.Strings("finalizers");
        metadata.SetStrings("finalizers", [.. before.Where(finalizer => finalizer != LocalPathVolumes.Finalizer)]);
        return before.Contains(LocalPathVolumes.Finalizer) ? obj : null;
    }
}
