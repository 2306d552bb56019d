using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Actors.Controllers.Revisions;
using ActorOrchestrator.Actors.Controllers.StatefulSets;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.DaemonSets;

/// <summary>A DaemonSet as its controller sees it.</summary>
internal sealed record DaemonSetView(StoredObject Stored)
{
    private static readonly ViewCache<DaemonSetView> Views = new(Read);
    private PodTemplate? _template;
    private JsonElement _maxSurge;
    private JsonElement _maxUnavailable;

    public bool IsRollingUpdate { get; private init; }
    public int MinReadySeconds { get; private init; }
    public int RevisionHistoryLimit { get; private init; }
    public DaemonPlacement Placement { get; private init; } = new();
    public LabelSelector Selector { get; private init; } = LabelSelector.Nothing;
    public DaemonSetStatus Status { get; private init; } = DaemonSetStatus.None;

    public string Name => Stored.Key.Name;
    public ObjectMetadata Metadata => Stored.Metadata;
    public PodTemplate Template => _template ??= PodTemplate.Of(Stored);

    /// <summary>Two pods may share a node while one of them replaces the other.</summary>
    public bool Surges => MaxSurge(100) > 0;

    public RevisionedWorkload Revisioned => new(Stored, Ownership.ByDaemonSet, Selector, Template, Status.Collisions ?? 0, RevisionView.PodLabel);

    public static DaemonSetView Of(StoredObject set) => Views[set];

    /// <param name="desired">The nodes that the set wants; both shares round up, as upstream's.</param>
    public int MaxSurge(int desired) => Shares.Of(_maxSurge, desired, roundUp: true) ?? 0;

    public int MaxUnavailable(int desired)
    {
        var unavailable = Shares.Of(_maxUnavailable, desired, roundUp: true) ?? 1;
        return unavailable == 0 && MaxSurge(desired) == 0 ? 1 : unavailable;
    }

    private static DaemonSetView Read(StoredObject stored)
    {
        using var document = JsonDocument.Parse(stored.Utf8);
        var spec = document.RootElement.Get("spec");
        var strategy = spec.Get("updateStrategy");
        var rolling = strategy.Get("rollingUpdate");
        return new DaemonSetView(stored)
        {
            IsRollingUpdate = strategy.Text("type") != "OnDelete",
            _maxSurge = Kept(rolling.Get("maxSurge")),
            _maxUnavailable = Kept(rolling.Get("maxUnavailable")),
            MinReadySeconds = spec.Integer("minReadySeconds") ?? 0,
            RevisionHistoryLimit = spec.Integer("revisionHistoryLimit") ?? 10,
            Placement = DaemonPlacement.Read(spec.Get("template").Get("spec")),
            Selector = Selectors.Of(spec),
            Status = DaemonSetStatus.Read(document.RootElement.Get("status")),
        };
    }

    /// <summary>Outlives the document it is read from.</summary>
    private static JsonElement Kept(JsonElement value) => value.ValueKind == JsonValueKind.Undefined ? value : value.Clone();
}

/// <summary><c>status</c> of a DaemonSet.</summary>
internal sealed record DaemonSetStatus
{
    public static readonly DaemonSetStatus None = new();


    public int CurrentScheduled { get; init; }
    public int Misscheduled { get; init; }
    public int DesiredScheduled { get; init; }
    public int Ready { get; init; }
    public long ObservedGeneration { get; init; }
    public int Updated { get; init; }
    public int Available { get; init; }
    public int Unavailable { get; init; }
    public int? Collisions { get; init; }

    internal static DaemonSetStatus Read(JsonElement status) => new()
    {
        CurrentScheduled = status.Integer("currentNumberScheduled") ?? 0,
        Misscheduled = status.Integer("numberMisscheduled") ?? 0,
        DesiredScheduled = status.Integer("desiredNumberScheduled") ?? 0,
        Ready = status.Integer("numberReady") ?? 0,
        ObservedGeneration = status.Long("observedGeneration"),
        Updated = status.Integer("updatedNumberScheduled") ?? 0,
        Available = status.Integer("numberAvailable") ?? 0,
        Unavailable = status.Integer("numberUnavailable") ?? 0,
        Collisions = status.Integer("collisionCount"),
    };

    /// <summary>Conditions are not this controller's and stay.</summary>
    public JsonObject ToJson(JsonObject? before)
    {
        var json = new JsonObject
        {
            ["currentNumberScheduled"] = CurrentScheduled,
            ["numberMisscheduled"] = Misscheduled,
            ["desiredNumberScheduled"] = DesiredScheduled,
            ["numberReady"] = Ready,
        };
        json.SetUnlessZero("observedGeneration", ObservedGeneration);
        json.SetUnlessZero("updatedNumberScheduled", Updated);
        json.SetUnlessZero("numberAvailable", Available);
        json.SetUnlessZero("numberUnavailable", Unavailable);
        if (Collisions is { } count)
        {
            json["collisionCount"] = count;
        }

        if (before?["conditions"] is { } conditions)
        {
            json["conditions"] = conditions.DeepClone();
        }

        return json;
    }
}
