using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.ReplicaSets;

/// <summary>A ReplicaSet, or a ReplicationController, as controllers see it.</summary>
public sealed record ReplicaSetView(StoredObject Stored)
{
    private static readonly ViewCache<ReplicaSetView> Views = new(Read);
    private PodTemplate? _template;

    public int Replicas { get; private init; }
    public int MinReadySeconds { get; private init; }
    public LabelSelector Selector { get; private init; } = LabelSelector.Nothing;
    public ReplicaSetStatus Status { get; private init; } = ReplicaSetStatus.None;

    public Ownership Ownership => Stored.Key.Type == ResourceTypes.ReplicationControllers ? Ownership.ByReplicationController : Ownership.ByReplicaSet;

    public string Name => Stored.Key.Name;
    public ObjectMetadata Metadata => Stored.Metadata;

    /// <summary>Wants or has at least one replica by its specification.</summary>
    public bool IsActive => Replicas > 0;

    /// <summary>The status is about the specification as it is now. Until then the set may be anywhere between what it was told before and what it is told now.</summary>
    public bool IsObserved => Status.ObservedGeneration >= Metadata.Generation;

    /// <summary>Replicas asked for, or those that are there while there are more.</summary>
    public int Present => Math.Max(Replicas, Status.Replicas);

    public PodTemplate Template => _template ??= PodTemplate.Of(Stored);

    public static ReplicaSetView Of(StoredObject replicaSet) => Views[replicaSet];

    private static ReplicaSetView Read(StoredObject stored)
    {
        using var document = JsonDocument.Parse(stored.Utf8);
        var spec = document.RootElement.Get("spec");
        return new ReplicaSetView(stored)
        {
            Replicas = spec.Integer("replicas") ?? 1,
            MinReadySeconds = spec.Integer("minReadySeconds") ?? 0,
            Selector = stored.Key.Type == ResourceTypes.ReplicationControllers ? Selectors.OfMap(spec) : Selectors.Of(spec),
            Status = ReplicaSetStatus.Read(document.RootElement.Get("status")),
        };
    }
}

/// <summary>The selector in a specification.</summary>
internal static class Selectors
{
    public static LabelSelector Of(JsonElement spec) => spec.Get("selector") is { ValueKind: JsonValueKind.Object } selector
        ? LabelSelector.From(JsonObject.Create(selector.Clone()))
        : LabelSelector.Nothing;

    /// <summary>The plain map that a ReplicationController has; without one it selects nothing.</summary>
    public static LabelSelector OfMap(JsonElement spec) => spec.Get("selector") is { ValueKind: JsonValueKind.Object } map && map.EnumerateObject().Any()
        ? LabelSelector.FromMap(map.EnumerateObject().Select(label => KeyValuePair.Create(label.Name, label.Value.GetString() ?? "")))
        : LabelSelector.Nothing;
}

/// <summary><c>status</c> of a ReplicaSet.</summary>
public sealed record ReplicaSetStatus(int Replicas, int FullyLabeled, int Ready, int Available, long ObservedGeneration, ImmutableArray<Condition> Conditions)
{
    public static readonly ReplicaSetStatus None = new(0, 0, 0, 0, 0, []);

    internal static ReplicaSetStatus Read(JsonElement status) => new(
        status.Integer("replicas") ?? 0,
        status.Integer("fullyLabeledReplicas") ?? 0,
        status.Integer("readyReplicas") ?? 0,
        status.Integer("availableReplicas") ?? 0,
        status.Long("observedGeneration"),
        Condition.ReadAll(status));

    public bool Equals(ReplicaSetStatus? other) =>
        other is not null
        && (Replicas, FullyLabeled, Ready, Available, ObservedGeneration) == (other.Replicas, other.FullyLabeled, other.Ready, other.Available, other.ObservedGeneration)
        && Conditions.SequenceEqual(other.Conditions);

    public override int GetHashCode() => HashCode.Combine(Replicas, FullyLabeled, Ready, Available, ObservedGeneration, Conditions.Length);

    /// <summary>Zeros are left out where upstream leaves them out.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["replicas"] = Replicas };
        json.SetUnlessZero("fullyLabeledReplicas", FullyLabeled);
        json.SetUnlessZero("readyReplicas", Ready);
        json.SetUnlessZero("availableReplicas", Available);
        json.SetUnlessZero("observedGeneration", ObservedGeneration);
        if (!Conditions.IsEmpty)
        {
            json["conditions"] = Conditions.ToJson();
        }

        return json;
    }
}

internal static class StatusNumbers
{
    public static void SetUnlessZero(this JsonObject json, string name, long value)
    {
        if (value != 0)
        {
            json[name] = value;
        }
    }
}
