using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Disruption;

/// <summary>A PodDisruptionBudget as its controller and evictions see it.</summary>
public sealed record DisruptionBudgetView(StoredObject Stored)
{
    private static readonly ViewCache<DisruptionBudgetView> Views = new(Read);

    public LabelSelector Selector { get; private init; } = LabelSelector.Nothing;
    public Portion? MinAvailable { get; private init; }
    public Portion? MaxUnavailable { get; private init; }

    /// <summary><c>unhealthyPodEvictionPolicy: AlwaysAllow</c>: what is not ready may always go.</summary>
    public bool AlwaysAllowsUnhealthy { get; private init; }

    public DisruptionBudgetStatus Status { get; private init; } = DisruptionBudgetStatus.None;

    public static DisruptionBudgetView Of(StoredObject budget) => Views[budget];

    private static DisruptionBudgetView Read(StoredObject stored)
    {
        using var document = JsonDocument.Parse(stored.Utf8);
        var spec = document.RootElement.Get("spec");
        return new DisruptionBudgetView(stored)
        {
            Selector = Selectors.Of(spec),
            MinAvailable = Portion.Read(spec, "minAvailable"),
            MaxUnavailable = Portion.Read(spec, "maxUnavailable"),
            AlwaysAllowsUnhealthy = spec.Text("unhealthyPodEvictionPolicy") == "AlwaysAllow",
            Status = DisruptionBudgetStatus.Read(document.RootElement.Get("status")),
        };
    }
}

/// <summary><c>status</c> of a PodDisruptionBudget.</summary>
public sealed record DisruptionBudgetStatus
{
    public static readonly DisruptionBudgetStatus None = new();

    public int CurrentHealthy { get; init; }
    public int DesiredHealthy { get; init; }
    public int ExpectedPods { get; init; }
    public int DisruptionsAllowed { get; init; }
    public long ObservedGeneration { get; init; }

    /// <summary>Pods whose eviction was granted and that are not seen going yet, and when it was granted.</summary>
    public ImmutableSortedDictionary<string, DateTimeOffset> DisruptedPods { get; init; } = ImmutableSortedDictionary.Create<string, DateTimeOffset>(StringComparer.Ordinal);

    /// <summary>Of the condition <c>DisruptionAllowed</c>; empty while there is none.</summary>
    public string Reason { get; init; } = "";

    public string Message { get; init; } = "";

    public bool Equals(DisruptionBudgetStatus? other) =>
        other is not null
        && (CurrentHealthy, DesiredHealthy, ExpectedPods, DisruptionsAllowed, ObservedGeneration) ==
            (other.CurrentHealthy, other.DesiredHealthy, other.ExpectedPods, other.DisruptionsAllowed, other.ObservedGeneration)
        && (Reason, Message) == (other.Reason, other.Message)
        && DisruptedPods.SequenceEqual(other.DisruptedPods);

    public override int GetHashCode() => HashCode.Combine(CurrentHealthy, DesiredHealthy, ExpectedPods, DisruptionsAllowed, ObservedGeneration, Reason);

    internal static DisruptionBudgetStatus Read(JsonElement status)
    {
        var condition = Condition.ReadAll(status).OfType(DisruptionCondition.Type);
        var disrupted = status.Get("disruptedPods");
        return new DisruptionBudgetStatus
        {
            CurrentHealthy = status.Integer("currentHealthy") ?? 0,
            DesiredHealthy = status.Integer("desiredHealthy") ?? 0,
            ExpectedPods = status.Integer("expectedPods") ?? 0,
            DisruptionsAllowed = status.Integer("disruptionsAllowed") ?? 0,
            ObservedGeneration = status.Long("observedGeneration"),
            Reason = condition?.Reason ?? "",
            Message = condition?.Message ?? "",
            DisruptedPods = disrupted.ValueKind == JsonValueKind.Object
                ? disrupted.EnumerateObject().ToImmutableSortedDictionary(pod => pod.Name, pod => disrupted.Time(pod.Name) ?? DateTimeOffset.MinValue, StringComparer.Ordinal)
                : None.DisruptedPods,
        };
    }
}
