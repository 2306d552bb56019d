using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Actors.Resources;

namespace ActorOrchestrator.Actors.Controllers.Jobs;

/// <summary>
/// <c>status</c> of a Job. A pod that has finished is first written down in <see cref="UncountedSucceeded"/> or <see cref="UncountedFailed"/>, then loses its finalizer,
/// and only then moves into the numbers: wherever that is interrupted, the same pod is neither counted twice nor missed.
/// </summary>
public sealed record JobStatus
{
    public static readonly JobStatus None = new();

    public DateTimeOffset? StartTime { get; init; }
    public DateTimeOffset? CompletionTime { get; init; }
    public int Active { get; init; }
    public int Ready { get; init; }
    public int Terminating { get; init; }
    public int Succeeded { get; init; }
    public int Failed { get; init; }
    public IndexSet CompletedIndexes { get; init; } = IndexSet.Empty;

    /// <summary>Null where indexes do not fail on their own.</summary>
    public IndexSet? FailedIndexes { get; init; }
    public ImmutableSortedSet<string> UncountedSucceeded { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);
    public ImmutableSortedSet<string> UncountedFailed { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);
    public ImmutableArray<Condition> Conditions { get; init; } = [];

    public bool IsTrue(string condition) => Conditions.OfType(condition) is { Status: "True" };

    public JobStatus WithCondition(string type, string status, string reason, string message, DateTimeOffset now) =>
        this with { Conditions = Conditions.With(new Condition(type, status, reason, message) { LastTransition = now, LastProbe = now }) };

    public bool Equals(JobStatus? other) =>
        other is not null
        && (StartTime, CompletionTime, Active, Ready, Terminating, Succeeded, Failed)
            == (other.StartTime, other.CompletionTime, other.Active, other.Ready, other.Terminating, other.Succeeded, other.Failed)
        && CompletedIndexes.Equals(other.CompletedIndexes) && Equals(FailedIndexes, other.FailedIndexes)
        && UncountedSucceeded.SetEquals(other.UncountedSucceeded) && UncountedFailed.SetEquals(other.UncountedFailed)
        && Conditions.SequenceEqual(other.Conditions);

    public override int GetHashCode() => HashCode.Combine(Active, Ready, Succeeded, Failed, Conditions.Length);

    /// <param name="status">As it is stored.</param>
    /// <param name="completions">How many indexes there are.</param>
    internal static JobStatus Read(JsonElement status, int completions) => new()
    {
        StartTime = status.Time("startTime"),
        CompletionTime = status.Time("completionTime"),
        Active = status.Integer("active") ?? 0,
        Ready = status.Integer("ready") ?? 0,
        Terminating = status.Integer("terminating") ?? 0,
        Succeeded = status.Integer("succeeded") ?? 0,
        Failed = status.Integer("failed") ?? 0,
        CompletedIndexes = IndexSet.Parse(status.Text("completedIndexes"), completions),
        FailedIndexes = status.Get("failedIndexes").ValueKind == JsonValueKind.String ? IndexSet.Parse(status.Text("failedIndexes"), completions) : null,
        UncountedSucceeded = Uids(status, "succeeded"),
        UncountedFailed = Uids(status, "failed"),
        Conditions = Condition.ReadAll(status),
    };

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["ready"] = Ready, ["terminating"] = Terminating, ["uncountedTerminatedPods"] = Uncounted() };
        SetTime(json, "startTime", StartTime);
        SetTime(json, "completionTime", CompletionTime);
        json.SetUnlessZero("active", Active);
        json.SetUnlessZero("succeeded", Succeeded);
        json.SetUnlessZero("failed", Failed);
        if (!CompletedIndexes.IsEmpty)
        {
            json["completedIndexes"] = CompletedIndexes.ToString();
        }

        if (FailedIndexes is not null)
        {
            json["failedIndexes"] = FailedIndexes.ToString();
        }

        if (!Conditions.IsEmpty)
        {
            json["conditions"] = Conditions.ToJson();
        }

        return json;
    }

    private JsonObject Uncounted()
    {
        var uncounted = new JsonObject();
        uncounted.SetStrings("succeeded", UncountedSucceeded);
        uncounted.SetStrings("failed", UncountedFailed);
        return uncounted;
    }

    private static ImmutableSortedSet<string> Uids(JsonElement status, string list) =>
        status.Get("uncountedTerminatedPods").Items(list).Select(uid => uid.GetString() ?? "").ToImmutableSortedSet(StringComparer.Ordinal);

    private static void SetTime(JsonObject json, string name, DateTimeOffset? time)
    {
        if (time is { } value)
        {
            json[name] = JsonNodes.Time(value);
        }
    }
}
