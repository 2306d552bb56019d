using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Storage;

/// <summary>A PersistentVolume as the binder sees it.</summary>
public sealed record VolumeView(StoredObject Stored)
{
    public const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";
    private static readonly ViewCache<VolumeView> Views = new(Read);

    public string ClassName { get; private init; } = "";
    public Quantity Capacity { get; private init; }
    public ImmutableArray<string> AccessModes { get; private init; } = [];
    public string VolumeMode { get; private init; } = "Filesystem";
    public string AttributesClass { get; private init; } = "";
    public string ReclaimPolicy { get; private init; } = "Retain";
    public string Driver { get; private init; } = "";
    public string Phase { get; private init; } = "";

    /// <summary>Null when nobody has asked for it.</summary>
    public ObjectKey? Claim { get; private init; }

    /// <summary>Empty for a volume that waits for a claim of that name, whichever that will be.</summary>
    public string ClaimUid { get; private init; } = "";

    /// <summary>The node that has the folder of a <see cref="LocalPathVolumes"/> volume.</summary>
    public string Node { get; private init; } = "";

    public string Name => Stored.Key.Name;
    public bool IsDeleting => Stored.Metadata.DeletionTimestamp is not null;
    public bool IsBoundByController => Stored.Metadata.Annotations.ContainsKey(ClaimView.BoundByController);
    public string Provisioner => Stored.Metadata.Annotations.GetValueOrDefault(ProvisionedBy, "");

    public static VolumeView Of(StoredObject stored) => Views[stored];

    /// <summary>Promised to this claim: by name, and by uid where one is given.</summary>
    public bool IsFor(ClaimView claim) => Claim == claim.Key && (ClaimUid.Length == 0 || ClaimUid == claim.Stored.Uid);

    private static VolumeView Read(StoredObject stored)
    {
        using var document = JsonDocument.Parse(stored.Utf8);
        var spec = document.RootElement.Get("spec");
        var claim = spec.Get("claimRef");
        return new VolumeView(stored)
        {
            ClassName = stored.Metadata.Annotations.GetValueOrDefault(ClaimView.BetaClass) ?? spec.Text("storageClassName"),
            Capacity = ClaimView.StorageAmount(spec.Get("capacity")),
            AccessModes = ClaimView.Strings(spec, "accessModes"),
            VolumeMode = spec.Text("volumeMode") is { Length: > 0 } mode ? mode : "Filesystem",
            AttributesClass = spec.Text("volumeAttributesClassName"),
            ReclaimPolicy = spec.Text("persistentVolumeReclaimPolicy") is { Length: > 0 } policy ? policy : "Retain",
            Driver = spec.Get("csi").Text("driver"),
            Phase = document.RootElement.Get("status").Text("phase"),
            Claim = claim.ValueKind == JsonValueKind.Object
                ? new ObjectKey(ResourceTypes.PersistentVolumeClaims, claim.Text("namespace"), claim.Text("name"))
                : null,
            ClaimUid = claim.Text("uid"),
            Node = spec.Get("csi").Get("volumeAttributes").Text(LocalPathVolumes.NodeAttribute),
        };
    }
}
