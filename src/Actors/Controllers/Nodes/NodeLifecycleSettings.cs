using ActorOrchestrator.Actors.ServiceNetworking;
using Akka.Configuration;

namespace ActorOrchestrator.Actors.Controllers.Nodes;

/// <summary>From <c>orchestrator.node-lifecycle</c>.</summary>
public sealed record NodeLifecycleSettings
{
    /// <summary>Silence after which a node is no longer known to be Ready.</summary>
    public TimeSpan MonitorGracePeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For pods whose tolerations of not-ready and unreachable are those that admission put there: how long they stay.</summary>
    public TimeSpan DefaultEvictionAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long after it turned unreachable a node has certainly stopped what must not run twice; its pods that are being deleted are then gone.</summary>
    public TimeSpan FenceAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Nodes a second whose pods are driven away in one zone; 0 for none.</summary>
    public double EvictionRate { get; init; } = 0.1;

    /// <summary>The same in a large zone of which at least <see cref="UnhealthyZoneThreshold"/> is lost. In a zone of at most <see cref="LargeClusterThreshold"/> nodes it is none.</summary>
    public double SecondaryEvictionRate { get; init; } = 0.01;

    public double UnhealthyZoneThreshold { get; init; } = 0.55;
    public int LargeClusterThreshold { get; init; } = 50;

    public string ClusterCidr { get; init; } = "10.42.0.0/16";
    public int NodeCidrMaskSize { get; init; } = 24;

    /// <param name="config">The section <c>orchestrator.node-lifecycle</c>.</param>
    /// <param name="network">Whose range of pods is dealt out to nodes.</param>
    public static NodeLifecycleSettings From(Config config, NetworkSettings network) => new()
    {
        ClusterCidr = network.ClusterCidr.ToString(),
        MonitorGracePeriod = config.GetTimeSpan("node-monitor-grace-period"),
        DefaultEvictionAfter = config.GetTimeSpan("default-eviction-after"),
        FenceAfter = config.GetTimeSpan("fence-after"),
        EvictionRate = config.GetDouble("node-eviction-rate"),
        SecondaryEvictionRate = config.GetDouble("secondary-node-eviction-rate"),
        UnhealthyZoneThreshold = config.GetDouble("unhealthy-zone-threshold"),
        LargeClusterThreshold = config.GetInt("large-cluster-size-threshold"),
        NodeCidrMaskSize = config.GetInt("node-cidr-mask-size"),
    };
}
