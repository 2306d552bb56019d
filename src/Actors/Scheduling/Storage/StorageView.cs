using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Scheduling.Storage;

/// <summary>A PersistentVolumeClaim, as far as placing pods is concerned.</summary>
public sealed record ClaimInfo(ObjectKey Key, string Uid)
{
    public const string SelectedNode = "volume.kubernetes.io/selected-node";

    public string VolumeName { get; init; } = "";
    public string ClassName { get; init; } = "";
    public string ChosenNode { get; init; } = "";
    public long Bytes { get; init; }
    public ImmutableArray<string> AccessModes { get; init; } = [];
    public string VolumeMode { get; init; } = "Filesystem";
    public LabelSelector Selector { get; init; } = LabelSelector.Everything;
    public bool IsDeleting { get; init; }
    public bool IsLost { get; init; }
    public string OwnerUid { get; init; } = "";

    /// <summary>Bound for good: named, and the binding is completed.</summary>
    public bool IsBound { get; init; }

    public static ClaimInfo From(StoredObject claim)
    {
        using var document = JsonDocument.Parse(claim.Utf8);
        var spec = PodInfo.Object(document.RootElement, "spec");
        var status = PodInfo.Object(document.RootElement, "status");
        var volume = PodInfo.Text(spec, "volumeName");
        var selector = PodInfo.Object(spec, "selector");
        return new ClaimInfo(claim.Key, claim.Uid)
        {
            VolumeName = volume,
            ClassName = claim.Metadata.Annotations.GetValueOrDefault("volume.beta.kubernetes.io/storage-class") ?? PodInfo.Text(spec, "storageClassName"),
            ChosenNode = claim.Metadata.Annotations.GetValueOrDefault(SelectedNode, ""),
            Bytes = StorageView.Bytes(PodInfo.Object(PodInfo.Object(spec, "resources"), "requests")),
            AccessModes = [.. PodRequests.Items(spec, "accessModes").Select(mode => mode.GetString() ?? "")],
            VolumeMode = PodInfo.Text(spec, "volumeMode") is { Length: > 0 } mode ? mode : "Filesystem",
            Selector = selector.ValueKind == JsonValueKind.Object ? LabelSelector.From(JsonObject.Create(selector)) : LabelSelector.Everything,
            IsDeleting = claim.Metadata.DeletionTimestamp is not null,
            IsLost = PodInfo.Text(status, "phase") == "Lost",
            OwnerUid = claim.Metadata.ControllerReference?.Uid ?? "",
            IsBound = volume.Length > 0 && (claim.Metadata.Annotations.ContainsKey("pv.kubernetes.io/bind-completed") || PodInfo.Text(status, "phase") == "Bound"),
        };
    }
}

/// <summary>A PersistentVolume, as far as placing pods is concerned.</summary>
public sealed record VolumeInfo(string Name)
{
    public string ClassName { get; init; } = "";
    public string ClaimUid { get; init; } = "";
    public ObjectKey? Claim { get; init; }
    public string Phase { get; init; } = "";
    public long Bytes { get; init; }
    public ImmutableArray<string> AccessModes { get; init; } = [];
    public string VolumeMode { get; init; } = "Filesystem";
    public string Driver { get; init; } = "";
    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;
    public bool IsDeleting { get; init; }

    /// <summary>One of the terms must match the node; default when every node reaches it.</summary>
    public ImmutableArray<NodeSelectorTerm> NodeTerms { get; init; }

    public bool Reaches(NodeInfo node)
    {
        if (NodeTerms.IsDefault)
        {
            return true;
        }

        foreach (var term in NodeTerms)
        {
            if (term.Matches(node))
            {
                return true;
            }
        }

        return false;
    }

    public static VolumeInfo From(StoredObject volume)
    {
        using var document = JsonDocument.Parse(volume.Utf8);
        var spec = PodInfo.Object(document.RootElement, "spec");
        var required = PodInfo.Object(PodInfo.Object(spec, "nodeAffinity"), "required");
        var claim = PodInfo.Object(spec, "claimRef");
        return new VolumeInfo(volume.Key.Name)
        {
            ClassName = volume.Metadata.Annotations.GetValueOrDefault("volume.beta.kubernetes.io/storage-class") ?? PodInfo.Text(spec, "storageClassName"),
            Claim = claim.ValueKind == JsonValueKind.Object
                ? new ObjectKey(ResourceTypes.PersistentVolumeClaims, PodInfo.Text(claim, "namespace"), PodInfo.Text(claim, "name"))
                : null,
            ClaimUid = PodInfo.Text(claim, "uid"),
            Phase = PodInfo.Text(PodInfo.Object(document.RootElement, "status"), "phase"),
            Bytes = StorageView.Bytes(PodInfo.Object(spec, "capacity")),
            AccessModes = [.. PodRequests.Items(spec, "accessModes").Select(mode => mode.GetString() ?? "")],
            VolumeMode = PodInfo.Text(spec, "volumeMode") is { Length: > 0 } mode ? mode : "Filesystem",
            Driver = PodInfo.Text(PodInfo.Object(spec, "csi"), "driver"),
            Labels = volume.Metadata.Labels,
            IsDeleting = volume.Metadata.DeletionTimestamp is not null,
            NodeTerms = required.ValueKind == JsonValueKind.Object ? [.. PodRequests.Items(required, "nodeSelectorTerms").Select(NodeSelectorTerm.Read)] : default,
        };
    }
}

/// <summary>A StorageClass, as far as placing pods is concerned.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Provisioner">Who makes volumes; <c>kubernetes.io/no-provisioner</c> is nobody.</param>
/// <param name="WaitsForConsumer">Volumes are bound or made where the first pod goes.</param>
/// <param name="Topologies">Where volumes can be made; empty for everywhere.</param>
public sealed record ClassInfo(string Name, string Provisioner, bool WaitsForConsumer, ImmutableArray<NodeSelectorTerm> Topologies)
{
    public const string NoProvisioner = "kubernetes.io/no-provisioner";

    public static ClassInfo From(StoredObject stored)
    {
        using var document = JsonDocument.Parse(stored.Utf8);
        var root = document.RootElement;
        return new ClassInfo(
            stored.Key.Name, PodInfo.Text(root, "provisioner"), PodInfo.Text(root, "volumeBindingMode") == "WaitForFirstConsumer",
            [
                .. PodRequests.Items(root, "allowedTopologies").Select(topology => new NodeSelectorTerm(
                    [
                        .. PodRequests.Items(topology, "matchLabelExpressions").Select(expression => new NodeRequirement(
                            PodInfo.Text(expression, "key"), "In", [.. PodRequests.Items(expression, "values").Select(value => value.GetString() ?? "")])),
                    ],
                    [])),
            ]);
    }
}

/// <summary>A CSIStorageCapacity: how large a volume of a class can still be made where a topology says.</summary>
/// <param name="ClassName">Of the StorageClass.</param>
/// <param name="Bytes">The largest volume; null when nothing is said, and then none.</param>
/// <param name="Nodes">The nodes that reach it; null for none.</param>
public sealed record CapacityInfo(string ClassName, long? Bytes, LabelSelector? Nodes)
{
    public static CapacityInfo From(StoredObject stored)
    {
        using var document = JsonDocument.Parse(stored.Utf8);
        var root = document.RootElement;
        var topology = PodInfo.Object(root, "nodeTopology");
        return new CapacityInfo(
            PodInfo.Text(root, "storageClassName"),
            Amount(root, "maximumVolumeSize") ?? Amount(root, "capacity"),
            topology.ValueKind == JsonValueKind.Object ? LabelSelector.From(JsonObject.Create(topology)) : null);
    }

    private static long? Amount(JsonElement root, string name) =>
        PodInfo.Object(root, name) is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } text && Quantity.TryParse(text.ToString(), out var quantity)
            ? quantity.Value
            : null;
}

/// <summary>Claims, volumes, classes, what nodes can attach and what can still be made, kept up to date fact by fact.</summary>
public sealed class StorageView
{
    private readonly Dictionary<ObjectKey, ClaimInfo> _claims = [];
    private readonly Dictionary<string, VolumeInfo> _volumes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ClassInfo> _classes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableDictionary<string, int>> _limits = new(StringComparer.Ordinal);

    private readonly Dictionary<ObjectKey, CapacityInfo> _capacities = [];

    // Drivers that say how much they can still make.
    private readonly HashSet<string> _capacityDrivers = new(StringComparer.Ordinal);

    // What decisions promise until the facts say it: the volume for a claim.
    private readonly Dictionary<string, ObjectKey> _promised = new(StringComparer.Ordinal);

    public static readonly ImmutableArray<ResourceType> Types =
    [
        ResourceTypes.PersistentVolumes, ResourceTypes.PersistentVolumeClaims, ResourceTypes.StorageClasses, ResourceTypes.CSINodes,
        ResourceTypes.CSIDrivers, ResourceTypes.CSIStorageCapacities,
    ];

    public IEnumerable<VolumeInfo> Volumes => _volumes.Values;

    public ClaimInfo? Claim(ObjectKey key) => _claims.GetValueOrDefault(key);

    public VolumeInfo? Volume(string name) => _volumes.GetValueOrDefault(name);

    public ClassInfo? Class(string name) => _classes.GetValueOrDefault(name);

    /// <summary>How many volumes of a driver a node can attach; null when it does not say.</summary>
    public int? Limit(string node, string driver) => _limits.TryGetValue(node, out var drivers) && drivers.TryGetValue(driver, out var count) ? count : null;

    /// <summary>Whether the driver can make a volume of that size for the node, as far as it says (upstream's <c>hasEnoughCapacity</c>).</summary>
    public bool HasCapacity(string driver, string className, long bytes, NodeInfo node)
    {
        if (bytes == 0 || !_capacityDrivers.Contains(driver))
        {
            return true;
        }

        foreach (var capacity in _capacities.Values)
        {
            if (capacity.ClassName == className && capacity.Bytes >= bytes && capacity.Nodes?.Matches(node.Labels) == true)
            {
                return true;
            }
        }

        return false;
    }

    public ObjectKey? PromisedTo(string volume) => _promised.TryGetValue(volume, out var claim) ? claim : null;

    /// <summary>The volume that names the claim, which does not name it yet.</summary>
    public VolumeInfo? GivenTo(ClaimInfo claim)
    {
        foreach (var volume in _volumes.Values)
        {
            if (volume.Claim == claim.Key && volume.ClaimUid == claim.Uid)
            {
                return volume;
            }
        }

        return null;
    }

    public void Promise(string volume, ObjectKey claim) => _promised[volume] = claim;

    public void TakeBackPromises(ObjectKey claim)
    {
        foreach (var volume in _promised.Where(pair => pair.Value == claim).Select(pair => pair.Key).ToArray())
        {
            _promised.Remove(volume);
        }
    }

    public void Apply(StoredObject obj, bool deleted)
    {
        var (type, name) = (obj.Key.Type, obj.Key.Name);
        if (type == ResourceTypes.PersistentVolumeClaims)
        {
            Put(_claims, obj.Key, deleted ? null : ClaimInfo.From(obj));
            if (deleted)
            {
                TakeBackPromises(obj.Key);
            }
        }
        else if (type == ResourceTypes.PersistentVolumes)
        {
            var volume = deleted ? null : VolumeInfo.From(obj);
            Put(_volumes, name, volume);
            if (volume is null || volume.Claim is not null)
            {
                _promised.Remove(name);
            }
        }
        else if (type == ResourceTypes.StorageClasses)
        {
            Put(_classes, name, deleted ? null : ClassInfo.From(obj));
        }
        else if (type == ResourceTypes.CSINodes)
        {
            Put(_limits, name, deleted ? null : ReadLimits(obj));
        }
        else if (type == ResourceTypes.CSIStorageCapacities)
        {
            Put(_capacities, obj.Key, deleted ? null : CapacityInfo.From(obj));
        }
        else if (type == ResourceTypes.CSIDrivers)
        {
            _capacityDrivers.Remove(name);
            if (!deleted && SaysCapacity(obj))
            {
                _capacityDrivers.Add(name);
            }
        }
    }

    internal static long Bytes(JsonElement amounts) =>
        PodInfo.Object(amounts, "storage") is { ValueKind: not JsonValueKind.Undefined } text && Quantity.TryParse(text.ToString(), out var quantity) ? quantity.Value : 0;

    internal void CopyFrom(StorageView other)
    {
        Copy(other._claims, _claims);
        Copy(other._volumes, _volumes);
        Copy(other._classes, _classes);
        Copy(other._limits, _limits);
        Copy(other._promised, _promised);
        Copy(other._capacities, _capacities);
        _capacityDrivers.UnionWith(other._capacityDrivers);
    }

    private static void Copy<TKey, TValue>(Dictionary<TKey, TValue> from, Dictionary<TKey, TValue> to)
        where TKey : notnull
    {
        foreach (var (key, value) in from)
        {
            to[key] = value;
        }
    }

    private static void Put<TKey, TValue>(Dictionary<TKey, TValue> map, TKey key, TValue? value)
        where TKey : notnull
        where TValue : class
    {
        if (value is null)
        {
            map.Remove(key);
        }
        else
        {
            map[key] = value;
        }
    }

    private static bool SaysCapacity(StoredObject driver)
    {
        using var document = JsonDocument.Parse(driver.Utf8);
        return PodInfo.Object(PodInfo.Object(document.RootElement, "spec"), "storageCapacity").ValueKind == JsonValueKind.True;
    }

    private static ImmutableDictionary<string, int> ReadLimits(StoredObject node)
    {
        using var document = JsonDocument.Parse(node.Utf8);
        var limits = ImmutableDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        foreach (var driver in PodRequests.Items(PodInfo.Object(document.RootElement, "spec"), "drivers"))
        {
            if (PodInfo.Object(PodInfo.Object(driver, "allocatable"), "count") is { ValueKind: JsonValueKind.Number } count && count.TryGetInt32(out var number))
            {
                limits[PodInfo.Text(driver, "name")] = number;
            }
        }

        return limits.ToImmutable();
    }
}
