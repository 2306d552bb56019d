using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Actors.Controllers.Revisions;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.StatefulSets;

/// <summary>A StatefulSet as its controller sees it.</summary>
public sealed record StatefulSetView(StoredObject Stored)
{
    private static readonly ViewCache<StatefulSetView> Views = new(Read);
    private PodTemplate? _template;

    public int Replicas { get; private init; }

    /// <summary>The ordinal of the first pod.</summary>
    public int Start { get; private init; }

    public string ServiceName { get; private init; } = "";
    public bool IsParallel { get; private init; }
    public bool IsRollingUpdate { get; private init; }

    /// <summary>How many of the lowest ordinals keep the current revision; null when the strategy has no parameters.</summary>
    public int? Partition { get; private init; }

    /// <summary>Null: one after the other.</summary>
    public int? MaxUnavailable { get; private init; }

    public int MinReadySeconds { get; private init; }
    public int RevisionHistoryLimit { get; private init; }
    public bool DeletesClaimsWithSet { get; private init; }
    public bool DeletesClaimsWithScale { get; private init; }

    /// <summary><c>volumeClaimTemplates</c> as they stand, each with its name.</summary>
    public ImmutableArray<(string Name, string Json)> ClaimTemplates { get; private init; } = [];

    /// <summary>The selector's <c>matchLabels</c>, which claims carry.</summary>
    public ImmutableArray<KeyValuePair<string, string>> MatchLabels { get; private init; } = [];

    public LabelSelector Selector { get; private init; } = LabelSelector.Nothing;
    public StatefulSetStatus Status { get; private init; } = StatefulSetStatus.None;

    public string Name => Stored.Key.Name;
    public ObjectMetadata Metadata => Stored.Metadata;
    public PodTemplate Template => _template ??= PodTemplate.Of(Stored);

    public RevisionedWorkload Revisioned =>
        new(Stored, Ownership.ByStatefulSet, Selector, Template, Status.Collisions, RevisionedWorkload.RevisionHash);

    public static StatefulSetView Of(StoredObject set) => Views[set];

    public bool Wants(int ordinal) => ordinal >= Start && ordinal - Start < Replicas;

    private static StatefulSetView Read(StoredObject stored)
    {
        using var document = JsonDocument.Parse(stored.Utf8);
        var spec = document.RootElement.Get("spec");
        var strategy = spec.Get("updateStrategy");
        var rolling = strategy.Get("rollingUpdate");
        var retention = spec.Get("persistentVolumeClaimRetentionPolicy");
        var replicas = spec.Integer("replicas") ?? 1;
        return new StatefulSetView(stored)
        {
            Replicas = replicas,
            Start = spec.Get("ordinals").Integer("start") ?? 0,
            ServiceName = spec.Text("serviceName"),
            IsParallel = spec.Text("podManagementPolicy") == "Parallel",
            IsRollingUpdate = strategy.Text("type") != "OnDelete",
            Partition = rolling.ValueKind == JsonValueKind.Object ? rolling.Integer("partition") ?? 0 : null,
            MaxUnavailable = Shares.Of(rolling.Get("maxUnavailable"), replicas, roundUp: false) is { } share ? Math.Max(1, share) : null,
            MinReadySeconds = spec.Integer("minReadySeconds") ?? 0,
            RevisionHistoryLimit = spec.Integer("revisionHistoryLimit") ?? 10,
            DeletesClaimsWithSet = retention.Text("whenDeleted") == "Delete",
            DeletesClaimsWithScale = retention.Text("whenScaled") == "Delete",
            ClaimTemplates = [.. spec.Items("volumeClaimTemplates").Select(claim => (claim.Get("metadata").Text("name"), claim.GetRawText()))],
            MatchLabels = spec.Get("selector").Get("matchLabels") is { ValueKind: JsonValueKind.Object } labels
                ? [.. labels.EnumerateObject().Select(label => KeyValuePair.Create(label.Name, label.Value.GetString() ?? ""))]
                : [],
            Selector = Selectors.Of(spec),
            Status = StatefulSetStatus.Read(document.RootElement.Get("status")),
        };
    }
}

/// <summary>A count or a share of a whole.</summary>
internal static class Shares
{
    /// <summary>Null when it is absent or no share.</summary>
    public static int? Of(JsonElement value, int whole, bool roundUp)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            return value.TryGetInt32(out var number) ? number : null;
        }

        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { } text || !text.EndsWith('%')
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.Integer, CultureInfo.InvariantCulture, out var percent))
        {
            return null;
        }

        var product = percent * whole;
        return (int)(roundUp ? (product + 99) / 100 : product / 100);
    }
}

/// <summary><c>status</c> of a StatefulSet.</summary>
public sealed record StatefulSetStatus
{
    public static readonly StatefulSetStatus None = new();

    public long ObservedGeneration { get; init; }
    public int Replicas { get; init; }
    public int Ready { get; init; }
    public int Available { get; init; }
    public int Current { get; init; }
    public int Updated { get; init; }
    public string CurrentRevision { get; init; } = "";
    public string UpdateRevision { get; init; } = "";
    public int Collisions { get; init; }

    internal static StatefulSetStatus Read(JsonElement status) => new()
    {
        ObservedGeneration = status.Long("observedGeneration"),
        Replicas = status.Integer("replicas") ?? 0,
        Ready = status.Integer("readyReplicas") ?? 0,
        Available = status.Integer("availableReplicas") ?? 0,
        Current = status.Integer("currentReplicas") ?? 0,
        Updated = status.Integer("updatedReplicas") ?? 0,
        CurrentRevision = status.Text("currentRevision"),
        UpdateRevision = status.Text("updateRevision"),
        Collisions = status.Integer("collisionCount") ?? 0,
    };

    /// <summary>Conditions are not this controller's and stay.</summary>
    public JsonObject ToJson(JsonObject? before)
    {
        var json = new JsonObject();
        json.SetUnlessZero("observedGeneration", ObservedGeneration);
        json["replicas"] = Replicas;
        json.SetUnlessZero("readyReplicas", Ready);
        json.SetUnlessZero("currentReplicas", Current);
        json.SetUnlessZero("updatedReplicas", Updated);
        json["currentRevision"] = CurrentRevision;
        json["updateRevision"] = UpdateRevision;
        json["collisionCount"] = Collisions;
        json["availableReplicas"] = Available;
        if (before?["conditions"] is { } conditions)
        {
            json["conditions"] = conditions.DeepClone();
        }

        return json;
    }
}
