using System.Collections.Immutable;
using ActorOrchestrator.Actors.Scheduling.Plugins;

namespace ActorOrchestrator.Actors.Scheduling.Framework;

public sealed record WeightedScore(IScore Plugin, int Weight);

/// <summary>The plugins that decide for the pods of one <c>spec.schedulerName</c>, in the order in which they are asked.</summary>
public sealed record SchedulingProfile
{
    private ImmutableArray<ILocalFilter> _localFilters;
    private ImmutableArray<IHint> _hints;

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

    /// <summary>Those of <see cref="Filters"/> that judge each node by itself, in their order.</summary>
    public ImmutableArray<ILocalFilter> LocalFilters => _localFilters.IsDefault ? _localFilters = [.. Filters.OfType<ILocalFilter>()] : _localFilters;

    /// <summary>Those whose answer may change by what happens on other nodes.</summary>
    public ImmutableArray<IHint> Hints => _hints.IsDefault ? _hints = [.. Filters.OfType<IHint>()] : _hints;

    /// <summary>The built-in plugins with upstream's weights and a scoring of one's own.</summary>
    public static SchedulingProfile Default(
        string schedulerName = PodInfo.DefaultSchedulerName, ScoringStrategy scoring = ScoringStrategy.MostAllocated, int percentageOfNodesToScore = 0) =>
        From(new ProfileSettings { SchedulerName = schedulerName, Scoring = scoring, PercentageOfNodesToScore = percentageOfNodesToScore });

    /// <summary>The built-in plugins with upstream's weights. Cheap and often decisive filters come first; those that look further than the node come last.</summary>
    public static SchedulingProfile From(ProfileSettings settings)
    {
        var resources = new NodeResourcesFit(settings.Scoring, settings.Shape, settings.Resources);
        var taints = new TaintToleration();
        var affinity = new NodeAffinity(settings.AddedAffinity);
        var volumes = new VolumeBinding();
        var spread = new PodTopologySpread(settings.SpreadsByDefault);
        var neighbours = new InterPodAffinity(settings.HardPodAffinityWeight);
        return new SchedulingProfile
        {
            SchedulerName = settings.SchedulerName,
            Scoring = settings.Scoring,
            PreFilters = [new DynamicResources(), affinity, volumes],
            Filters =
            [
                new NodeUnschedulable(), new NodeName(), taints, affinity, new NodePorts(), resources,
                new VolumeRestrictions(), new NodeVolumeLimits(), volumes, new VolumeZone(), spread, neighbours,
            ],
            PostFilters = [new DefaultPreemption()],
            Scores =
            [
                new WeightedScore(taints, 3), new WeightedScore(affinity, 2), new WeightedScore(resources, 1), new WeightedScore(spread, 2),
                new WeightedScore(neighbours, 2), new WeightedScore(new NodeResourcesBalancedAllocation(), 1), new WeightedScore(new ImageLocality(), 1),
            ],
            PercentageOfNodesToScore = settings.PercentageOfNodesToScore,
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

    /// <summary>By a function of how much is used.</summary>
    RequestedToCapacityRatio,
}

/// <param name="Utilization">How much of a resource is used, 0 to 100.</param>
/// <param name="Score">How good that is, 0 to 10.</param>
public readonly record struct ShapePoint(int Utilization, int Score)
{
    public static readonly ImmutableArray<ShapePoint> Packing = [new(0, 0), new(100, 10)];
}

/// <summary>How the pods of one <c>spec.schedulerName</c> are placed.</summary>
public sealed record ProfileSettings
{
    public string SchedulerName { get; init; } = PodInfo.DefaultSchedulerName;
    public ScoringStrategy Scoring { get; init; } = ScoringStrategy.MostAllocated;

    /// <summary>0 adapts to the size of the cluster.</summary>
    public int PercentageOfNodesToScore { get; init; }

    /// <summary>For RequestedToCapacityRatio; default rewards full nodes.</summary>
    public ImmutableArray<ShapePoint> Shape { get; init; }

    /// <summary>The resources that are scored with their weights; default for CPU and memory alike.</summary>
    public ImmutableArray<KeyValuePair<string, int>> Resources { get; init; }

    /// <summary>What is asked of the nodes for all pods; default for nothing.</summary>
    public ImmutableArray<NodeSelectorTerm> AddedAffinity { get; init; }

    public int HardPodAffinityWeight { get; init; } = 1;

    /// <summary>Upstream's system defaults for pods without spread constraints. They work against packing, and so belong to the other strategies.</summary>
    public bool SpreadsByDefault { get; init; }
}
