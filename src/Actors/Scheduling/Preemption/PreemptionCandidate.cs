using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Scheduling.Preemption;

/// <summary>A node on which room could be made.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Victims">Who would have to leave, the most important first.</param>
/// <param name="Violations">How many of them a disruption budget protects.</param>
internal sealed record PreemptionCandidate(string Node, ImmutableArray<PodInfo> Victims, int Violations)
{
    private readonly long _sum = SumOf(Victims);
    private readonly DateTimeOffset _earliest = EarliestOf(Victims);

    /// <summary>Fewest broken budgets, then the least important of the highest victims, the smallest sum of priorities, the fewest, the youngest
    /// (upstream's <c>pickOneNodeForPreemption</c>).</summary>
    public bool IsBetterThan(PreemptionCandidate other)
    {
        if (Violations != other.Violations)
        {
            return Violations < other.Violations;
        }

        if (Victims.IsEmpty || other.Victims.IsEmpty)
        {
            return Victims.Length < other.Victims.Length;
        }

        if (Victims[0].Priority != other.Victims[0].Priority)
        {
            return Victims[0].Priority < other.Victims[0].Priority;
        }

        if (_sum != other._sum)
        {
            return _sum < other._sum;
        }

        return Victims.Length != other.Victims.Length ? Victims.Length < other.Victims.Length : _earliest > other._earliest;
    }

    /// <summary>Every pod counts for something, also those of negative priority.</summary>
    private static long SumOf(ImmutableArray<PodInfo> pods)
    {
        var sum = 0L;
        foreach (var pod in pods)
        {
            sum += pod.Priority + (long)int.MaxValue + 1;
        }

        return sum;
    }

    private static DateTimeOffset EarliestOf(ImmutableArray<PodInfo> pods)
    {
        var earliest = DateTimeOffset.MaxValue;
        foreach (var pod in pods)
        {
            earliest = pod.Priority == pods[0].Priority && pod.Started < earliest ? pod.Started : earliest;
        }

        return earliest;
    }
}
