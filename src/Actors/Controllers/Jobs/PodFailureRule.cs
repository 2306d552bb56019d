using System.Collections.Immutable;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;

namespace ActorOrchestrator.Actors.Controllers.Jobs;

public enum FailureAction : byte
{
    Count,
    Ignore,
    FailIndex,
    FailJob,
}

/// <summary>A rule of <c>spec.podFailurePolicy</c>. The first that matches a failed pod says what its failure means.</summary>
/// <param name="Action">What it means.</param>
/// <param name="Container">Only this container's exit code counts; empty for any.</param>
/// <param name="ExcludesCodes">Operator NotIn.</param>
/// <param name="Codes">Empty for a rule about conditions.</param>
/// <param name="Conditions">One of these must be there.</param>
public sealed record PodFailureRule(
    FailureAction Action, string Container, bool ExcludesCodes, ImmutableArray<int> Codes, ImmutableArray<(string Type, string Status)> Conditions)
{
    internal static ImmutableArray<PodFailureRule> ReadAll(JsonElement spec) => [.. spec.Get("podFailurePolicy").Items("rules").Select(Read)];

    /// <summary>What a failed pod means, and, when the job fails by it, the message in upstream's words.</summary>
    public static (FailureAction Action, string Message) Judge(ImmutableArray<PodFailureRule> rules, JobPod pod)
    {
        for (var i = 0; i < rules.Length; i++)
        {
            if (rules[i].Match(pod) is { } what)
            {
                return (rules[i].Action, $"{what} matching {rules[i].Action} rule at index {i}");
            }
        }

        return (FailureAction.Count, "");
    }

    private string? Match(JobPod pod)
    {
        if (!Codes.IsEmpty)
        {
            foreach (var ended in pod.Ended)
            {
                // A container that went well never matches, not even where 0 is not among the codes.
                if ((Container.Length == 0 || ended.Name == Container) && ended.ExitCode != 0 && Codes.Contains(ended.ExitCode) != ExcludesCodes)
                {
                    return $"Container {ended.Name} for pod {pod.Stored.Key.Namespace}/{pod.Stored.Key.Name} failed with exit code {ended.ExitCode}";
                }
            }

            return null;
        }

        foreach (var (type, status) in Conditions)
        {
            if (pod.Conditions.Contains((type, status)))
            {
                return $"Pod {pod.Stored.Key.Namespace}/{pod.Stored.Key.Name} has condition {type}";
            }
        }

        return null;
    }

    private static PodFailureRule Read(JsonElement rule)
    {
        var codes = rule.Get("onExitCodes");
        return new PodFailureRule(
            Enum.TryParse<FailureAction>(rule.Text("action"), out var action) ? action : FailureAction.Count,
            codes.Text("containerName"),
            codes.Text("operator") == "NotIn",
            [.. codes.Items("values").Select(value => value.GetInt32())],
            [.. rule.Items("onPodConditions").Select(condition => (condition.Text("type"), condition.Text("status") is { Length: > 0 } status ? status : "True"))]);
    }
}

/// <summary>A rule of <c>spec.successPolicy</c>: enough of these indexes, or all of them, make the job a success.</summary>
/// <param name="Indexes">Null for any of the job's.</param>
/// <param name="Count">Null for all of them.</param>
public sealed record SuccessRule(IndexSet? Indexes, int? Count)
{
    internal static ImmutableArray<SuccessRule> ReadAll(JsonElement spec, int completions) =>
    [
        .. spec.Get("successPolicy").Items("rules").Select(rule => new SuccessRule(
            rule.Text("succeededIndexes") is { Length: > 0 } indexes ? IndexSet.Parse(indexes, completions) : null, rule.Integer("succeededCount"))),
    ];

    public bool IsMet(IndexSet completed)
    {
        var reached = Indexes is null ? completed.Count : Indexes.All().Count(completed.Contains);
        return reached >= (Count ?? Indexes?.Count ?? int.MaxValue) && reached > 0;
    }
}
