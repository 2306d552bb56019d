using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;

/// <summary>A HorizontalPodAutoscaler as its controller sees it, read once for each of its revisions.</summary>
public sealed record AutoscalerView(StoredObject Stored)
{
    private static readonly ViewCache<AutoscalerView> Views = new(Read);

    public ObjectReference Target { get; private init; } = new("", "", "");
    public int MinReplicas { get; private init; }
    public int MaxReplicas { get; private init; }
    public ImmutableArray<MetricSpec> Metrics { get; private init; } = [];

    /// <summary>Null when the specification has none: upstream's older, simpler rules apply then.</summary>
    public ScalingBehavior? Behavior { get; private init; }

    /// <summary>The whole specification as it is written: whether it has changed.</summary>
    public string Specification { get; private init; } = "";

    public AutoscalerStatus Status { get; private init; } = AutoscalerStatus.None;

    public static AutoscalerView Of(StoredObject autoscaler) => Views[autoscaler];

    private static AutoscalerView Read(StoredObject stored)
    {
        using var document = JsonDocument.Parse(stored.Utf8);
        var spec = document.RootElement.Get("spec");
        return new AutoscalerView(stored)
        {
            Target = ObjectReference.Read(spec.Get("scaleTargetRef")),
            MinReplicas = spec.Integer("minReplicas") ?? 1,
            MaxReplicas = spec.Integer("maxReplicas") ?? 0,
            Metrics = [.. spec.Items("metrics").Select(MetricSpec.Read)],
            Behavior = spec.Get("behavior") is { ValueKind: JsonValueKind.Object } behavior
                ? new ScalingBehavior(ScalingRules.Read(behavior.Get("scaleUp")), ScalingRules.Read(behavior.Get("scaleDown")))
                : null,
            Specification = spec.ValueKind == JsonValueKind.Object ? spec.GetRawText() : "",
            Status = AutoscalerStatus.Read(document.RootElement.Get("status")),
        };
    }
}

/// <summary><c>status</c> of an autoscaler.</summary>
/// <param name="CurrentReplicas">At the last look.</param>
/// <param name="DesiredReplicas">As last decided.</param>
/// <param name="LastScaleTime">When the target was last changed by this autoscaler.</param>
/// <param name="Metrics"><c>currentMetrics</c>, one for each of the specification in its order; null for none.</param>
public sealed record AutoscalerStatus(int CurrentReplicas, int DesiredReplicas, DateTimeOffset? LastScaleTime, JsonArray? Metrics, ImmutableArray<Condition> Conditions)
{
    public static readonly AutoscalerStatus None = new(0, 0, null, null, []);

    /// <summary>Has any controller ever looked at it?</summary>
    public bool IsKnown => !Conditions.IsEmpty;

    internal static AutoscalerStatus Read(JsonElement status) => new(
        status.Integer("currentReplicas") ?? 0,
        status.Integer("desiredReplicas") ?? 0,
        status.Time("lastScaleTime"),
        status.Get("currentMetrics") is { ValueKind: JsonValueKind.Array } metrics ? JsonArray.Create(metrics.Clone()) : null,
        Condition.ReadAll(status));

    /// <summary>Upstream's setCondition: in its place in the list, with a new time only when the status is another.</summary>
    public AutoscalerStatus With(string type, bool holds, string reason, string message, DateTimeOffset now)
    {
        var made = new Condition(type, holds ? "True" : "False", reason, message) { LastTransition = now };
        for (var index = 0; index < Conditions.Length; index++)
        {
            if (Conditions[index] is var present && present.Type == type)
            {
                return this with { Conditions = Conditions.SetItem(index, present.Status == made.Status ? made with { LastTransition = present.LastTransition } : made) };
            }
        }

        return this with { Conditions = Conditions.Add(made) };
    }

    public bool Equals(AutoscalerStatus? other) =>
        other is not null
        && (CurrentReplicas, DesiredReplicas, LastScaleTime) == (other.CurrentReplicas, other.DesiredReplicas, other.LastScaleTime)
        && Conditions.SequenceEqual(other.Conditions)
        && SameMetrics(Metrics, other.Metrics);

    public override int GetHashCode() => HashCode.Combine(CurrentReplicas, DesiredReplicas, LastScaleTime, Conditions.Length);

    public JsonObject ToJson()
    {
        var json = new JsonObject();
        json.SetUnlessZero("currentReplicas", CurrentReplicas);
        json["desiredReplicas"] = DesiredReplicas;
        if (LastScaleTime is { } scaled)
        {
            json["lastScaleTime"] = Resources.JsonNodes.Time(scaled);
        }

        json["currentMetrics"] = Metrics?.DeepClone();
        if (!Conditions.IsEmpty)
        {
            json["conditions"] = Conditions.ToJson();
        }

        return json;
    }

    /// <summary>Upstream compares amounts, not how they are written; here they are always written by the same rule.</summary>
    private static bool SameMetrics(JsonArray? left, JsonArray? right) => (left?.Count ?? 0) == (right?.Count ?? 0) && (left is null || right is null || JsonNode.DeepEquals(left, right));
}
