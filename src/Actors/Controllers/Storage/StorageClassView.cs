using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Storage;

/// <summary>A StorageClass as the binder sees it.</summary>
public sealed record StorageClassView(StoredObject Stored, string Provisioner, string ReclaimPolicy, bool WaitsForConsumer, bool HasMountOptions)
{
    public const string NoProvisioner = "kubernetes.io/no-provisioner";
    private const string Default = "storageclass.kubernetes.io/is-default-class";
    private const string BetaDefault = "storageclass.beta.kubernetes.io/is-default-class";
    private static readonly ViewCache<StorageClassView> Views = new(Read);

    public string Name => Stored.Key.Name;

    public static StorageClassView Of(StoredObject stored) => Views[stored];

    public static StorageClassView? Find(ClusterSnapshot cluster, string name) =>
        name.Length > 0 && cluster.Find(new ObjectKey(ResourceTypes.StorageClasses, "", name)) is { } stored ? Of(stored) : null;

    /// <summary>The newest of those that say they are the default, as upstream.</summary>
    public static StorageClassView? DefaultOf(ClusterSnapshot cluster) => cluster.All(ResourceTypes.StorageClasses)
        .Where(IsDefault)
        .OrderByDescending(stored => stored.Metadata.CreationTimestamp)
        .ThenBy(stored => stored.Key.Name, StringComparer.Ordinal)
        .Select(Of)
        .FirstOrDefault();

    private static bool IsDefault(StoredObject stored) =>
        stored.Metadata.Annotations.GetValueOrDefault(Default) == "true" || stored.Metadata.Annotations.GetValueOrDefault(BetaDefault) == "true";

    private static StorageClassView Read(StoredObject stored)
    {
        using var document = JsonDocument.Parse(stored.Utf8);
        var root = document.RootElement;
        return new StorageClassView(
            stored, root.Text("provisioner"), root.Text("reclaimPolicy") is { Length: > 0 } policy ? policy : "Delete",
            root.Text("volumeBindingMode") == "WaitForFirstConsumer", root.Items("mountOptions").Any());
    }
}
