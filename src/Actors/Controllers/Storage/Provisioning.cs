using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Storage;

/// <summary>A volume is made for a claim: a folder on a node by ourselves, everything else by whoever its class names.</summary>
internal static class Provisioning
{
    private const string Hostname = "kubernetes.io/hostname";

    public static Plan Of(ClaimView claim, StorageClassView? @class, ClusterSnapshot cluster)
    {
        if (@class is null)
        {
            return Failed(claim, $"storageclass.storage.k8s.io \"{claim.ClassName}\" not found");
        }

        return @class.Provisioner switch
        {
            LocalPathVolumes.Driver => LocalPath(claim, @class, cluster),
            StorageClassView.NoProvisioner => Failed(claim, $"no volume plugin matched name: {StorageClassView.NoProvisioner}"),
            _ => External(claim, @class.Provisioner),
        };
    }

    private static Plan LocalPath(ClaimView claim, StorageClassView @class, ClusterSnapshot cluster)
    {
        if (claim.ChosenNode.Length == 0)
        {
            return Failed(claim, $"failed to provision volume with StorageClass \"{@class.Name}\": a folder is made where the first pod goes: set volumeBindingMode of the class to WaitForFirstConsumer");
        }

        var refusal = claim.Selector is not null ? "claim.Spec.Selector is not supported"
            : claim.HasDataSource ? "a data source is not supported"
            : claim.VolumeMode == "Block" ? "block volume provisioning is not supported"
            : @class.HasMountOptions ? "mount options are not supported"
            : null;
        if (refusal is not null)
        {
            return Failed(claim, $"failed to provision volume with StorageClass \"{@class.Name}\": {refusal} by {LocalPathVolumes.Driver}");
        }

        if (cluster.Find(new ObjectKey(ResourceTypes.Nodes, "", claim.ChosenNode)) is not { } node)
        {
            // The scheduler chooses again.
            return Plan.Do(ChangeObject.Of(claim.Stored, (_, obj) =>
            {
                obj.Ensure("metadata").Ensure("annotations").Remove(ClaimView.SelectedNode);
                return obj;
            }) with { Act = "forget lost node" });
        }

        var volume = Volume(claim, @class, node);
        return Plan.Do(new CreateObject(ResourceTypes.PersistentVolumes, "", () => volume.DeepClone().AsObject())
        {
            Act = "provision volume",
            Report = result => result.Failure is { } failure
                ? RecordEvent.Warn(claim.Stored, "ProvisioningFailed", $"Error creating provisioned PV object for claim {claim.Key.Namespace}/{claim.Key.Name}: {failure.Message}")
                : RecordEvent.Normal(claim.Stored, "ProvisioningSucceeded", $"Successfully provisioned volume {claim.NewVolumeName} using {LocalPathVolumes.Driver}"),
        });
    }

    private static JsonObject Volume(ClaimView claim, StorageClassView @class, StoredObject node) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "PersistentVolume",
        ["metadata"] = new JsonObject
        {
            ["name"] = claim.NewVolumeName,
            ["annotations"] = new JsonObject { [VolumeView.ProvisionedBy] = LocalPathVolumes.Driver },
            ["finalizers"] = new JsonArray(LocalPathVolumes.Finalizer),
        },
        ["spec"] = new JsonObject
        {
            ["capacity"] = new JsonObject { ["storage"] = claim.Size.ToString() },
            ["accessModes"] = new JsonArray([.. claim.AccessModes.Select(mode => (JsonNode)mode)]),
            ["persistentVolumeReclaimPolicy"] = @class.ReclaimPolicy,
            ["storageClassName"] = @class.Name,
            ["volumeMode"] = "Filesystem",
            ["claimRef"] = ClaimReconciler.ReferenceTo(claim),
            ["csi"] = new JsonObject
            {
                ["driver"] = LocalPathVolumes.Driver,
                ["volumeHandle"] = claim.NewVolumeName,
                ["volumeAttributes"] = new JsonObject { [LocalPathVolumes.NodeAttribute] = node.Key.Name },
            },
            ["nodeAffinity"] = new JsonObject
            {
                ["required"] = new JsonObject
                {
                    ["nodeSelectorTerms"] = new JsonArray(new JsonObject
                    {
                        ["matchExpressions"] = new JsonArray(new JsonObject
                        {
                            ["key"] = Hostname,
                            ["operator"] = "In",
                            ["values"] = new JsonArray(node.Metadata.Labels.GetValueOrDefault(Hostname, node.Key.Name)),
                        }),
                    }),
                },
            },
        },
    };

    private static Plan External(ClaimView claim, string provisioner)
    {
        var waiting = RecordEvent.Normal(
            claim.Stored, "ExternalProvisioning",
            $"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.");
        return claim.Stored.Metadata.Annotations.GetValueOrDefault(ClaimView.StorageProvisioner) == provisioner
            ? Plan.Do(waiting)
            : Plan.Do(
                ChangeObject.Of(claim.Stored, (_, obj) =>
                {
                    var annotations = obj.Ensure("metadata").Ensure("annotations");
                    annotations[ClaimView.StorageProvisioner] = provisioner;
                    annotations[ClaimView.BetaStorageProvisioner] = provisioner;
                    return obj;
                }) with { Act = "ask provisioner" });
    }

    private static Plan Failed(ClaimView claim, string message) => Plan.Do(RecordEvent.Warn(claim.Stored, "ProvisioningFailed", message));
}
