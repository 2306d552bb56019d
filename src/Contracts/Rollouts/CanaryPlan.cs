using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ActorOrchestrator.Contracts.Rollouts;

/// <summary>How a Deployment wants new templates to be tried, read from its annotations.</summary>
/// <param name="Steps">In ascending order; after the last one every replica follows.</param>
/// <param name="MaxRestarts">A pod of the canary that restarted more often fails it; null when restarts do not count.</param>
/// <param name="Http">What each pod of the canary is asked; null when nothing is.</param>
public sealed partial record CanaryPlan(ImmutableArray<CanaryStep> Steps, int? MaxRestarts, CanaryCheck? Http)
{
    /// <summary><c>10%</c>, <c>10%,30%</c>, <c>10%:5m,30%:pause,100%</c>: shares or numbers of pods, each with the time it is watched for or with a wait for the user.</summary>
    public const string StepsAnnotation = "orchestrator/canary";

    /// <summary>A number of restarts.</summary>
    public const string MaxRestartsAnnotation = "orchestrator/canary-max-restarts";

    /// <summary>A port and a path, such as <c>8080/healthz</c>.</summary>
    public const string HttpAnnotation = "orchestrator/canary-http";

    public static readonly ImmutableArray<string> Annotations = [StepsAnnotation, MaxRestartsAnnotation, HttpAnnotation];

    private const int MostSteps = 20;
    private static readonly TimeSpan LongestBake = TimeSpan.FromDays(7);

    /// <summary>Null without a problem when no canary is asked for; null with problems when it cannot be told what is.</summary>
    public static CanaryPlan? Read(IReadOnlyDictionary<string, string> annotations, out ImmutableArray<CanaryProblem> problems)
    {
        problems = [];
        if (!annotations.TryGetValue(StepsAnnotation, out var text))
        {
            return null;
        }

        var found = ImmutableArray.CreateBuilder<CanaryProblem>();
        var steps = ReadSteps(text, found);
        int? restarts = null;
        if (annotations.TryGetValue(MaxRestartsAnnotation, out var limit))
        {
            restarts = int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
            if (restarts is null)
            {
                found.Add(new CanaryProblem(MaxRestartsAnnotation, limit, "must be a number of restarts, such as 0"));
            }
        }

        CanaryCheck? http = null;
        if (annotations.TryGetValue(HttpAnnotation, out var address))
        {
            var match = Address().Match(address);
            var port = match.Success ? int.Parse(match.Groups["port"].ValueSpan, CultureInfo.InvariantCulture) : 0;
            if (port is > 0 and < 65536)
            {
                http = new CanaryCheck(port, match.Groups["path"].Length > 0 ? match.Groups["path"].Value : "/");
            }
            else
            {
                found.Add(new CanaryProblem(HttpAnnotation, address, "must be a port from 1 to 65535 and a path, such as 8080/healthz"));
            }
        }

        problems = found.ToImmutable();
        return problems.IsEmpty ? new CanaryPlan(steps, restarts, http) : null;
    }

    private static ImmutableArray<CanaryStep> ReadSteps(string text, ImmutableArray<CanaryProblem>.Builder problems)
    {
        var steps = ImmutableArray.CreateBuilder<CanaryStep>();
        foreach (var part in text.Split(','))
        {
            var match = Step().Match(part.Trim());
            if (!match.Success || !int.TryParse(match.Groups["amount"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
            {
                return Refuse($"\"{part.Trim()}\" is no step: must be a share or a number of pods, and perhaps how long it is watched or that it waits, such as 10%, 2:90s, 10%:5m or 10%:pause");
            }

            var (isPercent, pauses) = (match.Groups["percent"].Success, match.Groups["pause"].Success);
            var bake = new TimeSpan(Part(match, "h"), Part(match, "m"), Part(match, "s"));
            if (amount == 0 || (isPercent && amount > 100))
            {
                return Refuse($"\"{part.Trim()}\" must be at least one pod and at most 100%");
            }

            if (bake > LongestBake)
            {
                return Refuse($"\"{part.Trim()}\" must not be watched for more than 7 days");
            }

            if (isPercent && amount == 100 && (pauses || bake > TimeSpan.Zero))
            {
                return Refuse("100% is the end and has nothing to wait for");
            }

            if (steps.Count > 0 && (steps[^1].IsPercent != isPercent || steps[^1].Amount >= amount))
            {
                return Refuse("steps must grow, and must be all shares or all numbers of pods");
            }

            steps.Add(new CanaryStep(amount, isPercent, bake, pauses));
        }

        return steps.Count <= MostSteps ? steps.ToImmutable() : Refuse($"must have at most {MostSteps} steps");

        ImmutableArray<CanaryStep> Refuse(string why)
        {
            problems.Add(new CanaryProblem(StepsAnnotation, text, why));
            return [];
        }
    }

    private static int Part(Match match, string unit) =>
        match.Groups[unit].Success && int.TryParse(match.Groups[unit].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(@"^(?<amount>\d{1,6})(?<percent>%)?(:(?<pause>pause)|:(?=\d)((?<h>\d{1,4})h)?((?<m>\d{1,5})m)?((?<s>\d{1,6})s)?)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Step();

    [GeneratedRegex(@"^:?(?<port>\d{1,5})(?<path>/\S*)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Address();
}

/// <param name="Amount">Of pods, or of a hundred.</param>
/// <param name="Bake">How long the share must stay available before the next step.</param>
/// <param name="Pauses">The Deployment is paused then, until the user resumes it.</param>
public sealed record CanaryStep(int Amount, bool IsPercent, TimeSpan Bake, bool Pauses)
{
    /// <summary>At least one pod; shares round up.</summary>
    public int Share(int replicas) => (int)Math.Min(replicas, IsPercent ? Math.Max(1, (((long)Amount * replicas) + 99) / 100) : Amount);

    public override string ToString() => IsPercent ? $"{Amount}%" : Amount == 1 ? "1 pod" : $"{Amount} pods";
}

/// <summary>A GET to which every pod of the canary must answer with a status from 200 to 399.</summary>
public sealed record CanaryCheck(int Port, string Path);

/// <summary>A value that cannot be understood.</summary>
public sealed record CanaryProblem(string Annotation, string Value, string Detail);
