using System.Collections.Immutable;
using ActorOrchestrator.Actors.Scheduling.Plugins;

namespace ActorOrchestrator.Actors.Scheduling.Framework;

public sealed record WeightedScore(IScore Plugin, int Weight);

/// <summary>The plugins that decide for the pods of one <c>spec.schedulerName</c>, in the order in which they are asked.</summary>
public sealed record SchedulingProfile
{
    public required string SchedulerName { get; init; }
    public required ScoringStrategy Scoring { get; init; }
    public IQueueSort QueueSort { get; init; } = new PrioritySort();
    public ImmutableArray<IPreFilter> PreFilters { get; init; } = [];
    public ImmutableArray<IFilter> Filters { get; init; } = [];
    public ImmutableArray<IPostFilter> PostFilters { get; init; } = [];
    public ImmutableArray<WeightedScore> Scores { get; init; } = [];
    public ImmutableArray<IReserve> Reserves { get; init; } = [];
    public ImmutableArray<IPermit> Permits { get; init; } = [];

    /// <summary>How many nodes in a hundred are scored before the search ends; 0 adapts to the size of the cluster as upstream does.</summary>
    public int PercentageOfNodesToScore { get; init; }

    /// <summary>The built-in plugins with upstream's weights. Cheap and often decisive filters come first.</summary>
    public static SchedulingProfile Default(
        string schedulerName = PodInfo.DefaultSchedulerName, ScoringStrategy scoring = ScoringStrategy.MostAllocated, int percentageOfNodesToScore = 0)
    {
        var resources = new NodeResourcesFit(scoring);
        var taints = new TaintToleration();
        var affinity = new NodeAffinity();
        return new SchedulingProfile
        {
            SchedulerName = schedulerName,
            Scoring = scoring,
            PreFilters = [affinity],
            Filters = [new NodeUnschedulable(), new NodeName(), taints, affinity, new NodePorts(), resources],
            PostFilters = [new DefaultPreemption()],
            Scores = [new WeightedScore(taints, 3), new WeightedScore(affinity, 2), new WeightedScore(resources, 1)],
            PercentageOfNodesToScore = percentageOfNodesToScore,
        };
    }
}

/// <summary>What NodeResourcesFit prefers.</summary>
public enum ScoringStrategy : byte
{
    /// <summary>Full nodes: bin packing.</summary>
    MostAllocated,

    /// <summary>Empty nodes: spreading.</summary>
    LeastAllocated,
}
