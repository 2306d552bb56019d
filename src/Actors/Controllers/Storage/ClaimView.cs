using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Storage;

/// <summary>A PersistentVolumeClaim as the binder sees it.</summary>
public sealed record ClaimView(StoredObject Stored)
{
    public const string BindCompleted = "pv.kubernetes.io/bind-completed";
    public const string BoundByController = "pv.kubernetes.io/bound-by-controller";
    public const string SelectedNode = "volume.kubernetes.io/selected-node";
    public const string StorageProvisioner = "volume.kubernetes.io/storage-provisioner";
    public const string BetaStorageProvisioner = "volume.beta.kubernetes.io/storage-provisioner";
    public const string BetaClass = "volume.beta.kubernetes.io/storage-class";
    private static readonly ViewCache<ClaimView> Views = new(Read);

    public string VolumeName { get; private init; } = "";

    /// <summary>Empty for volumes without a class.</summary>
    public string ClassName { get; private init; } = "";

    /// <summary>It says nothing of a class, not even that it wants none.</summary>
    public bool HasNoClass { get; private init; }
    public Quantity Size { get; private init; }
    public ImmutableArray<string> AccessModes { get; private init; } = [];
    public string VolumeMode { get; private init; } = "Filesystem";
    public string AttributesClass { get; private init; } = "";
    public LabelSelector? Selector { get; private init; }
    public bool HasDataSource { get; private init; }
    public string Phase { get; private init; } = "";
    public Quantity Capacity { get; private init; }

    public ObjectKey Key => Stored.Key;
    public bool IsBound => Stored.Metadata.Annotations.ContainsKey(BindCompleted);
    public string ChosenNode => Stored.Metadata.Annotations.GetValueOrDefault(SelectedNode, "");

    /// <summary>The name of the volume that is made for it.</summary>
    public string NewVolumeName => $"pvc-{Stored.Uid}";

    public static ClaimView Of(StoredObject stored) => Views[stored];

    private static ClaimView Read(StoredObject stored)
    {
        using var document = JsonDocument.Parse(stored.Utf8);
        var (spec, status) = (document.RootElement.Get("spec"), document.RootElement.Get("status"));
        var selector = spec.Get("selector");
        return new ClaimView(stored)
        {
            VolumeName = spec.Text("volumeName"),
            ClassName = stored.Metadata.Annotations.GetValueOrDefault(BetaClass) ?? spec.Text("storageClassName"),
            HasNoClass = !stored.Metadata.Annotations.ContainsKey(BetaClass) && spec.Get("storageClassName").ValueKind != JsonValueKind.String,
            Size = StorageAmount(spec.Get("resources").Get("requests")),
            AccessModes = Strings(spec, "accessModes"),
            VolumeMode = spec.Text("volumeMode") is { Length: > 0 } mode ? mode : "Filesystem",
            AttributesClass = spec.Text("volumeAttributesClassName"),
            Selector = selector.ValueKind == JsonValueKind.Object ? LabelSelector.From(JsonObject.Create(selector.Clone())) : null,
            HasDataSource = spec.Get("dataSource").ValueKind == JsonValueKind.Object || spec.Get("dataSourceRef").ValueKind == JsonValueKind.Object,
            Phase = status.Text("phase"),
            Capacity = StorageAmount(status.Get("capacity")),
        };
    }

    internal static Quantity StorageAmount(JsonElement amounts) => Quantity.TryParse(amounts.Text("storage"), out var amount) ? amount : Quantity.Zero;

    internal static ImmutableArray<string> Strings(JsonElement element, string name) => [.. element.Items(name).Select(item => item.GetString() ?? "")];
}
