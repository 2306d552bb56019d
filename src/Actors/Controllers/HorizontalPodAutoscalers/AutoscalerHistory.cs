using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;

/// <summary>What the metrics alone asked for at a time.</summary>
public readonly record struct Recommendation(int Replicas, DateTimeOffset At);

/// <summary>By how many replicas the target was changed at a time; never negative.</summary>
public readonly record struct ScaleEvent(int Change, DateTimeOffset At);

/// <summary>
/// What an autoscaler remembers of its recent past: upstream's recommendations and scale events. It is not kept in the ledger, and need not be: one that
/// begins anew, after a change of leader, takes the replicas that there are for a recommendation of that moment, and what it does not know of earlier
/// scale-downs for all that their policies allow. So it never scales down earlier than one that remembers (docs/adr/0007).
/// </summary>
public sealed record AutoscalerHistory
{
    public ImmutableArray<Recommendation> Recommendations { get; init; } = [];
    public ImmutableArray<ScaleEvent> Ups { get; init; } = [];
    public ImmutableArray<ScaleEvent> Downs { get; init; } = [];

    /// <summary>The target was scaled at this time, by nobody knows how much; null when that cannot have been.</summary>
    public DateTimeOffset? Unremembered { get; init; }

    /// <param name="replicas">Those that the target asks for now.</param>
    /// <param name="lastScaleTime">Of the status: the last change by whoever was in charge before.</param>
    public static AutoscalerHistory Begin(int replicas, DateTimeOffset? lastScaleTime, DateTimeOffset now) =>
        new() { Recommendations = [new Recommendation(replicas, now)], Unremembered = lastScaleTime };

    /// <param name="keep">No window reaches further back.</param>
    public AutoscalerHistory Recommended(int replicas, TimeSpan keep, DateTimeOffset now) =>
        this with { Recommendations = Recommendations.RemoveAll(past => past.At < now - keep).Add(new Recommendation(replicas, now)) };

    /// <param name="behavior">Without one nothing is remembered: nobody asks.</param>
    public AutoscalerHistory Scaled(int from, int to, ScalingBehavior? behavior, DateTimeOffset now)
    {
        if (behavior is null)
        {
            return this;
        }

        return to > from
            ? this with { Ups = Recent(Ups, Longest(behavior), now).Add(new ScaleEvent(to - from, now)) }
            : this with { Downs = Recent(Downs, Longest(behavior), now).Add(new ScaleEvent(from - to, now)) };
    }

    /// <summary>Both directions' policies count both directions' events.</summary>
    private static TimeSpan Longest(ScalingBehavior behavior) =>
        behavior.Up.LongestPeriod > behavior.Down.LongestPeriod ? behavior.Up.LongestPeriod : behavior.Down.LongestPeriod;

    private static ImmutableArray<ScaleEvent> Recent(ImmutableArray<ScaleEvent> events, TimeSpan period, DateTimeOffset now) =>
        events.RemoveAll(past => past.At < now - period);
}
