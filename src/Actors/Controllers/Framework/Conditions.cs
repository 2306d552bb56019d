using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;

namespace ActorOrchestrator.Actors.Controllers.Framework;

/// <summary>An entry of <c>status.conditions</c>.</summary>
public sealed record Condition(string Type, string Status, string Reason, string Message)
{
    public DateTimeOffset? LastTransition { get; init; }

    /// <summary>Only some kinds have it: Deployments do.</summary>
    public DateTimeOffset? LastUpdate { get; init; }

    /// <summary>Only some kinds have it: Jobs do.</summary>
    public DateTimeOffset? LastProbe { get; init; }

    internal static ImmutableArray<Condition> ReadAll(JsonElement status) => [.. status.Items("conditions").Select(Read)];

    private static Condition Read(JsonElement json) => new(json.Text("type"), json.Text("status"), json.Text("reason"), json.Text("message"))
    {
        LastTransition = json.Time("lastTransitionTime"),
        LastUpdate = json.Time("lastUpdateTime"),
        LastProbe = json.Time("lastProbeTime"),
    };

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["type"] = Type, ["status"] = Status };
        if (LastUpdate is { } update)
        {
            json["lastUpdateTime"] = JsonNodes.Time(update);
        }

        if (LastProbe is { } probe)
        {
            json["lastProbeTime"] = JsonNodes.Time(probe);
        }

        if (LastTransition is { } transition)
        {
            json["lastTransitionTime"] = JsonNodes.Time(transition);
        }

        if (Reason.Length > 0)
        {
            json["reason"] = Reason;
        }

        if (Message.Length > 0)
        {
            json["message"] = Message;
        }

        return json;
    }
}

/// <summary>Upstream's rules for a list of conditions: one of a type, the newest change last, no change of time without a change of status.</summary>
public static class ConditionList
{
    public static Condition? OfType(this ImmutableArray<Condition> conditions, string type) => conditions.FirstOrDefault(condition => condition.Type == type);

    public static ImmutableArray<Condition> Without(this ImmutableArray<Condition> conditions, string type) =>
        conditions.RemoveAll(condition => condition.Type == type);

    /// <summary>Nothing happens when status and reason are as before: a message alone is no news.</summary>
    public static ImmutableArray<Condition> With(this ImmutableArray<Condition> conditions, Condition condition)
    {
        var current = conditions.OfType(condition.Type);
        if (current is not null && current.Status == condition.Status && current.Reason == condition.Reason)
        {
            return conditions;
        }

        return conditions.Replacing(condition);
    }

    /// <summary>As <see cref="With"/>, but the news counts even when status and reason are the same.</summary>
    public static ImmutableArray<Condition> Replacing(this ImmutableArray<Condition> conditions, Condition condition)
    {
        var current = conditions.OfType(condition.Type);
        var kept = current is not null && current.Status == condition.Status ? condition with { LastTransition = current.LastTransition } : condition;
        return conditions.Without(condition.Type).Add(kept);
    }

    public static JsonArray ToJson(this ImmutableArray<Condition> conditions) => new([.. conditions.Select(condition => (JsonNode)condition.ToJson())]);
}
