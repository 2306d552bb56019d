using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Deployments;

/// <summary>A Deployment as its controller sees it.</summary>
public sealed record DeploymentView(StoredObject Stored)
{
    private static readonly ViewCache<DeploymentView> Views = new(Read);
    private PodTemplate? _template;

    public int Replicas { get; private init; }
    public int MinReadySeconds { get; private init; }
    public bool Paused { get; private init; }
    public bool IsRollingUpdate { get; private init; }

    /// <summary>Null: keep every old ReplicaSet.</summary>
    public int? RevisionHistoryLimit { get; private init; }

    /// <summary>Null: progress is not watched.</summary>
    public int? ProgressDeadlineSeconds { get; private init; }

    /// <summary>Pods above <see cref="Replicas"/> during a rolling update.</summary>
    public int MaxSurge { get; private init; }

    /// <summary>Pods below <see cref="Replicas"/> that may be missing during a rolling update.</summary>
    public int MaxUnavailable { get; private init; }

    public LabelSelector Selector { get; private init; } = LabelSelector.Nothing;
    public DeploymentStatus Status { get; private init; } = DeploymentStatus.None;

    public string Name => Stored.Key.Name;
    public ObjectMetadata Metadata => Stored.Metadata;
    public PodTemplate Template => _template ??= PodTemplate.Of(Stored);

    /// <summary>The most pods there may be by the specifications of the ReplicaSets.</summary>
    public int MaxReplicas => Replicas + MaxSurge;

    public int MinAvailable => Replicas - MaxUnavailable;

    public static DeploymentView Of(StoredObject deployment) => Views[deployment];

    private static DeploymentView Read(StoredObject stored)
    {
        using var document = JsonDocument.Parse(stored.Utf8);
        var spec = document.RootElement.Get("spec");
        var strategy = spec.Get("strategy");
        var rolling = strategy.Text("type") != "Recreate";
        var replicas = spec.Integer("replicas") ?? 1;
        var (surge, unavailable) = rolling ? Fenceposts(strategy.Get("rollingUpdate"), replicas) : (0, 0);
        return new DeploymentView(stored)
        {
            Replicas = replicas,
            MinReadySeconds = spec.Integer("minReadySeconds") ?? 0,
            Paused = spec.Flag("paused"),
            IsRollingUpdate = rolling,
            RevisionHistoryLimit = spec.Integer("revisionHistoryLimit") is { } limit and < int.MaxValue ? limit : null,
            ProgressDeadlineSeconds = spec.Integer("progressDeadlineSeconds") is { } deadline and < int.MaxValue ? deadline : null,
            MaxSurge = surge,
            MaxUnavailable = unavailable,
            Selector = Selectors.Of(spec),
            Status = DeploymentStatus.Read(document.RootElement.Get("status")),
        };
    }

    /// <summary>Surge percentages round up, unavailable ones down; when both come to nothing one pod may be missing, or no update could ever move.</summary>
    private static (int Surge, int Unavailable) Fenceposts(JsonElement rollingUpdate, int replicas)
    {
        var surge = Scaled(rollingUpdate.Get("maxSurge"), replicas, roundUp: true);
        var unavailable = Scaled(rollingUpdate.Get("maxUnavailable"), replicas, roundUp: false);
        if (surge == 0 && unavailable == 0)
        {
            unavailable = 1;
        }

        return (surge, Math.Min(unavailable, replicas));
    }

    private static int Scaled(JsonElement value, int replicas, bool roundUp)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            return value.TryGetInt32(out var number) ? number : 0;
        }

        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : "25%";
        if (!text.EndsWith('%') || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.Integer, CultureInfo.InvariantCulture, out var percent))
        {
            return 0;
        }

        var product = percent * replicas;
        return (int)(roundUp ? (product + 99) / 100 : product / 100);
    }
}

/// <summary><c>status</c> of a Deployment.</summary>
public sealed record DeploymentStatus
{
    public static readonly DeploymentStatus None = new();

    public long ObservedGeneration { get; init; }
    public int Replicas { get; init; }
    public int Updated { get; init; }
    public int Ready { get; init; }
    public int Available { get; init; }
    public int Unavailable { get; init; }
    public int? CollisionCount { get; init; }
    public ImmutableArray<Condition> Conditions { get; init; } = [];

    public Condition? Progressing => Conditions.OfType(DeploymentStatusBuilder.ProgressingType);

    internal static DeploymentStatus Read(JsonElement status) => new()
    {
        ObservedGeneration = status.Long("observedGeneration"),
        Replicas = status.Integer("replicas") ?? 0,
        Updated = status.Integer("updatedReplicas") ?? 0,
        Ready = status.Integer("readyReplicas") ?? 0,
        Available = status.Integer("availableReplicas") ?? 0,
        Unavailable = status.Integer("unavailableReplicas") ?? 0,
        CollisionCount = status.Integer("collisionCount"),
        Conditions = Condition.ReadAll(status),
    };

    public bool Equals(DeploymentStatus? other) =>
        other is not null
        && (ObservedGeneration, Replicas, Updated, Ready, Available, Unavailable, CollisionCount)
            == (other.ObservedGeneration, other.Replicas, other.Updated, other.Ready, other.Available, other.Unavailable, other.CollisionCount)
        && Conditions.SequenceEqual(other.Conditions);

    public override int GetHashCode() => HashCode.Combine(ObservedGeneration, Replicas, Updated, Ready, Available, Unavailable, CollisionCount);

    /// <summary>Zeros are left out, as upstream leaves them out.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        json.SetUnlessZero("observedGeneration", ObservedGeneration);
        json.SetUnlessZero("replicas", Replicas);
        json.SetUnlessZero("updatedReplicas", Updated);
        json.SetUnlessZero("readyReplicas", Ready);
        json.SetUnlessZero("availableReplicas", Available);
        json.SetUnlessZero("unavailableReplicas", Unavailable);
        if (!Conditions.IsEmpty)
        {
            json["conditions"] = Conditions.ToJson();
        }

        if (CollisionCount is { } count)
        {
            json["collisionCount"] = count;
        }

        return json;
    }
}
