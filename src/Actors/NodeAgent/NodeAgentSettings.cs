using System.Collections.Immutable;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Shutdown;
using Akka.Configuration;

namespace ActorOrchestrator.Actors.NodeAgent;

/// <summary>What a node agent must know before it starts, from <c>orchestrator.node</c> and from the host that composes it.</summary>
public sealed record NodeAgentSettings
{
    /// <summary>The Node object's name. Given by the host.</summary>
    public required string NodeName { get; init; }

    /// <summary>Tells our containers from those of another cluster on the same engine. Given by the host.</summary>
    public required string ClusterId { get; init; }

    /// <summary>Where pods' volumes and checkpoints live. Given by the host.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Labels of the Node object besides the well-known ones, such as <c>node-role.kubernetes.io/control-plane</c>.</summary>
    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The address other nodes reach this node at; empty to take that of the default route's interface.</summary>
    public string Address { get; init; } = "";

    /// <summary>The host bridge of this node's pods; at most 15 characters, unique on the host.</summary>
    public required string Bridge { get; init; }

    /// <summary>0 to take the uplink's.</summary>
    public required int Mtu { get; init; }
    public required string ClusterDns { get; init; }
    public required string ClusterDomain { get; init; }

    /// <summary>The port of this node's HTTPS endpoint, told in <c>status.daemonEndpoints</c>.</summary>
    public required int Port { get; init; }
    public required int MaxPods { get; init; }
    public required TimeSpan HeartbeatInterval { get; init; }

    /// <summary>What the node's Lease says of itself; it is renewed four times as often. Zero for none.</summary>
    public TimeSpan LeaseDuration { get; init; }

    /// <summary>How often the Node's status is written although nothing changed.</summary>
    public required TimeSpan StatusInterval { get; init; }

    /// <summary>How often what is used here is measured and reported; zero for never.</summary>
    public TimeSpan MetricsInterval { get; init; }

    /// <summary>The safety net under the event stream.</summary>
    public required TimeSpan RelistInterval { get; init; }

    /// <summary>How long an agent that starts waits to hear of the cluster before it goes by what its own disk remembers.</summary>
    public required TimeSpan ControlPlanePatience { get; init; }

    /// <summary>The pause before a failed call to the engine, the disk or the control plane is made again.</summary>
    public required TimeSpan RetryInterval { get; init; }
    public required TimeSpan RestartBackoffInitial { get; init; }
    public required TimeSpan RestartBackoffMax { get; init; }
    public required TimeSpan PullBackoffInitial { get; init; }
    public required TimeSpan PullBackoffMax { get; init; }
    /// <summary>How pods end when the host does; by default they outlive it.</summary>
    public NodeShutdownSettings Shutdown { get; init; } = NodeShutdownSettings.None;
    public required long LogFileBytes { get; init; }
    public required int LogFiles { get; init; }

    /// <summary>Processor and memory that the host keeps for itself, as quantities.</summary>
    public required string ReservedCpu { get; init; }
    public required string ReservedMemory { get; init; }

    /// <summary>Available memory below which the node has MemoryPressure, and the share of the disk below which it has DiskPressure.</summary>
    public required long MemoryPressureBytes { get; init; }
    public required double DiskPressureShare { get; init; }

    public string NetworkName => $"orchestrator-{ClusterId}-{NodeName}";

    /// <summary>The labels that every container and network of this node carries.</summary>
    public ImmutableDictionary<string, string> EngineLabels => ContainerLabels.OfNode(ClusterId, NodeName);

    /// <summary>The user as which this node writes.</summary>
    public string Principal => $"system:node:{NodeName}";

    /// <param name="config">The section <c>orchestrator.node</c>.</param>
    /// <param name="clusterId">Unique per cluster, stable for its life.</param>
    /// <param name="nodeName">The Node object's name.</param>
    /// <param name="dataDirectory">A folder of this node alone.</param>
    /// <param name="clusterDns">The cluster IP that pods ask for names.</param>
    public static NodeAgentSettings From(Config config, string clusterId, string nodeName, string dataDirectory, string clusterDns) => new()
    {
        ClusterId = clusterId,
        NodeName = nodeName,
        DataDirectory = dataDirectory,
        Labels = config.GetConfig("labels").AsEnumerable().ToImmutableDictionary(label => label.Key.Trim('"'), label => label.Value.GetString()),
        Address = config.GetString("address"),
        Bridge = config.GetString("bridge"),
        Mtu = config.GetInt("mtu"),
        ClusterDns = clusterDns,
        ClusterDomain = config.GetString("cluster-domain"),
        Port = config.GetInt("port"),
        MaxPods = config.GetInt("max-pods"),
        HeartbeatInterval = config.GetTimeSpan("heartbeat-interval"),
        LeaseDuration = config.GetTimeSpan("lease-duration"),
        StatusInterval = config.GetTimeSpan("status-interval"),
        MetricsInterval = config.GetTimeSpan("metrics-interval"),
        RelistInterval = config.GetTimeSpan("relist-interval"),
        ControlPlanePatience = config.GetTimeSpan("control-plane-patience"),
        RetryInterval = config.GetTimeSpan("retry-interval"),
        RestartBackoffInitial = config.GetTimeSpan("restart-backoff.initial"),
        RestartBackoffMax = config.GetTimeSpan("restart-backoff.max"),
        PullBackoffInitial = config.GetTimeSpan("pull-backoff.initial"),
        PullBackoffMax = config.GetTimeSpan("pull-backoff.max"),
        Shutdown = NodeShutdownSettings.From(config),
        LogFileBytes = Size(config, "log-file-size"),
        LogFiles = config.GetInt("log-files"),
        ReservedCpu = config.GetString("reserved.cpu"),
        ReservedMemory = config.GetString("reserved.memory"),
        MemoryPressureBytes = Size(config, "pressure.memory-available"),
        DiskPressureShare = config.GetDouble("pressure.disk-available"),
    };

    private static long Size(Config config, string path) =>
        config.GetByteSize(path) ?? throw new ConfigurationException($"orchestrator.node.{path} is missing; a size such as 10 MiB is expected.");
}
