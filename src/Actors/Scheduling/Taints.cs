using System.Text.Json;

namespace ActorOrchestrator.Actors.Scheduling;

/// <summary>What a node does not want. Effects are upstream's: <c>NoSchedule</c>, <c>PreferNoSchedule</c>, <c>NoExecute</c>.</summary>
public sealed record Taint(string Key, string Value, string Effect)
{
    public const string NotReady = "node.kubernetes.io/not-ready";
    public const string Unreachable = "node.kubernetes.io/unreachable";
    public const string Unschedulable = "node.kubernetes.io/unschedulable";

    internal static Taint Read(JsonElement taint) => new(PodInfo.Text(taint, "key"), PodInfo.Text(taint, "value"), PodInfo.Text(taint, "effect"));
}

/// <summary>What a pod puts up with.</summary>
/// <param name="Seconds">For <c>NoExecute</c>: for how long; null is for ever.</param>
public sealed record Toleration(string Key, string Operator, string Value, string Effect, long? Seconds)
{
    /// <summary>Upstream's <c>Toleration.ToleratesTaint</c>: an empty key with Exists matches every key, an empty effect every effect.</summary>
    public bool Tolerates(Taint taint)
    {
        if ((Effect.Length > 0 && Effect != taint.Effect) || (Key.Length > 0 && Key != taint.Key))
        {
            return false;
        }

        return Operator switch
        {
            "Exists" => true,
            "" or "Equal" => Value == taint.Value,
            _ => false,
        };
    }

    internal static Toleration Read(JsonElement item) => new(
        PodInfo.Text(item, "key"), PodInfo.Text(item, "operator"), PodInfo.Text(item, "value"), PodInfo.Text(item, "effect"),
        item.TryGetProperty("tolerationSeconds", out var seconds) && seconds.TryGetInt64(out var number) ? number : null);
}
