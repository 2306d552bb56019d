using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;

/// <summary>What is done of what the metrics ask for.</summary>
/// <param name="Replicas">To this many the target is scaled.</param>
/// <param name="Able">Reason and message of the condition AbleToScale.</param>
/// <param name="IsLimited">The condition ScalingLimited.</param>
/// <param name="Limit">Its reason and message.</param>
/// <param name="History">With this look in it.</param>
public readonly record struct Normalized(int Replicas, (string Reason, string Message) Able, bool IsLimited, (string Reason, string Message) Limit, AutoscalerHistory History);

/// <summary>Stabilization, then rates, then the bounds of the specification: between what metrics ask for and what is done.</summary>
public static class ReplicaNormalizer
{
    private const double UpFactor = 2.0;
    private const double UpMinimum = 4.0;
    private static readonly (string, string) Ready = ("ReadyForNewScale", "recommended size matches current size");
    private static readonly (string, string) InRange = ("DesiredWithinRange", "the desired count is within the acceptable range");
    private static readonly (string, string) TooFast = ("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate");
    private static readonly (string, string) TooMany = ("TooManyReplicas", "the desired replica count is more than the maximum replica count");
    private static readonly (string, string) TooFastDown = ("ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate");
    private static readonly (string, string) TooFew = ("TooFewReplicas", "the desired replica count is less than the minimum replica count");
    private static readonly (string, string) UpStabilized =
        ("ScaleUpStabilized", "recent recommendations were lower than current one, applying the lowest recent recommendation");
    private static readonly (string, string) DownStabilized =
        ("ScaleDownStabilized", "recent recommendations were higher than current one, applying the highest recent recommendation");

    /// <param name="current">Replicas asked for now.</param>
    /// <param name="wanted">By the metrics.</param>
    /// <param name="window">Of scale-down, where the autoscaler sets none.</param>
    public static Normalized Normalize(AutoscalerView autoscaler, AutoscalerHistory history, int current, int wanted, TimeSpan window, DateTimeOffset now) =>
        autoscaler.Behavior is { } behavior
            ? WithBehavior(autoscaler, behavior, history, current, wanted, window, now)
            : WithoutBehavior(autoscaler, history, current, wanted, window, now);

    private static Normalized WithoutBehavior(AutoscalerView autoscaler, AutoscalerHistory history, int current, int wanted, TimeSpan window, DateTimeOffset now)
    {
        var stable = wanted;
        foreach (var past in history.Recommendations)
        {
            if (past.At >= now - window)
            {
                stable = Math.Max(stable, past.Replicas);
            }
        }

        var upLimit = (int)Math.Min(Math.Max(UpFactor * current, UpMinimum), int.MaxValue);
        var (most, limit) = autoscaler.MaxReplicas > upLimit ? (upLimit, TooFast) : (autoscaler.MaxReplicas, TooMany);
        var (replicas, reason) = stable < autoscaler.MinReplicas ? (autoscaler.MinReplicas, TooFew) : stable > most ? (most, limit) : (stable, InRange);
        return new Normalized(replicas, stable == wanted ? Ready : DownStabilized, replicas != stable, reason, history.Recommended(wanted, window, now));
    }

    private static Normalized WithBehavior(
        AutoscalerView autoscaler, ScalingBehavior behavior, AutoscalerHistory history, int current, int wanted, TimeSpan window, DateTimeOffset now)
    {
        var (up, down) = (behavior.Up.StabilizationWindow ?? TimeSpan.Zero, behavior.Down.StabilizationWindow ?? window);
        var stable = Stabilize(history.Recommendations, current, wanted, now - up, now - down);
        var able = stable == wanted ? Ready : wanted >= current ? UpStabilized : DownStabilized;
        var (replicas, reason) = Limit(autoscaler, behavior, history, current, stable, now);
        return new Normalized(replicas, able, replicas != stable, reason, history.Recommended(wanted, up > down ? up : down, now));
    }

    /// <summary>The least change that all recent recommendations agree on.</summary>
    private static int Stabilize(ImmutableArray<Recommendation> past, int current, int wanted, DateTimeOffset upSince, DateTimeOffset downSince)
    {
        var (lowest, highest) = (wanted, wanted);
        foreach (var recommendation in past)
        {
            lowest = recommendation.At > upSince ? Math.Min(lowest, recommendation.Replicas) : lowest;
            highest = recommendation.At > downSince ? Math.Max(highest, recommendation.Replicas) : highest;
        }

        var stable = Math.Max(current, lowest);
        return Math.Min(stable, highest);
    }

    private static (int Replicas, (string, string) Reason) Limit(
        AutoscalerView autoscaler, ScalingBehavior behavior, AutoscalerHistory history, int current, int wanted, DateTimeOffset now)
    {
        if (wanted > current)
        {
            var allowed = Math.Max(UpLimit(behavior.Up, history, current, now), current);
            var (most, limit) = autoscaler.MaxReplicas > allowed ? (allowed, TooFast) : (autoscaler.MaxReplicas, TooMany);
            return wanted > most ? (most, limit) : (wanted, InRange);
        }

        if (wanted < current)
        {
            var allowed = Math.Min(DownLimit(behavior.Down, history, current, now), current);
            var (least, limit) = autoscaler.MinReplicas < allowed ? (allowed, TooFastDown) : (autoscaler.MinReplicas, TooFew);
            return wanted < least ? (least, limit) : (wanted, InRange);
        }

        return (wanted, InRange);
    }

    /// <summary>So many replicas there may be at the most.</summary>
    internal static int UpLimit(ScalingRules rules, AutoscalerHistory history, int current, DateTimeOffset now)
    {
        if (rules.SelectPolicy == "Disabled")
        {
            return current;
        }

        var limits = rules.Policies.Select(policy =>
        {
            var start = AtStart(policy, history, current, now);
            return policy.IsPercent ? Whole(Math.Ceiling(start * (1 + (policy.Value / 100.0)))) : Whole((double)start + policy.Value);
        });
        return rules.SelectPolicy == "Min" ? limits.DefaultIfEmpty(int.MaxValue).Min() : limits.DefaultIfEmpty(int.MinValue).Max();
    }

    /// <summary>So many replicas there must be at the least.</summary>
    internal static int DownLimit(ScalingRules rules, AutoscalerHistory history, int current, DateTimeOffset now)
    {
        if (rules.SelectPolicy == "Disabled")
        {
            return current;
        }

        var limits = rules.Policies.Select(policy =>
        {
            if (history.Unremembered > now - policy.Period)
            {
                return current;
            }

            var start = AtStart(policy, history, current, now);
            return policy.IsPercent ? Whole(start * (1 - (policy.Value / 100.0))) : Whole((double)start - policy.Value);
        });
        return rules.SelectPolicy == "Min" ? limits.DefaultIfEmpty(int.MinValue).Max() : limits.DefaultIfEmpty(int.MaxValue).Min();
    }

    /// <summary>The replicas at the beginning of the policy's period that ends now.</summary>
    private static int AtStart(ScalingPolicy policy, AutoscalerHistory history, int current, DateTimeOffset now)
    {
        var since = now - policy.Period;
        return current - Changed(history.Ups, since) + Changed(history.Downs, since);
    }

    private static int Changed(ImmutableArray<ScaleEvent> events, DateTimeOffset since) => events.Where(past => past.At > since).Sum(past => past.Change);

    private static int Whole(double replicas) => (int)Math.Clamp(replicas, int.MinValue, int.MaxValue);
}
