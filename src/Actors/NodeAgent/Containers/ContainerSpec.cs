using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <summary>Everything the engine must know to create one container. Restarting is the agent's business, never the engine's.</summary>
public sealed record ContainerSpec
{
    public required string Name { get; init; }
    public required string Image { get; init; }
    public required ImmutableDictionary<string, string> Labels { get; init; }

    /// <summary>Null leaves the image's own entry point (and with it its default arguments).</summary>
    public ImmutableArray<string>? Command { get; init; }
    public ImmutableArray<string>? Args { get; init; }

    /// <summary><c>NAME=value</c>.</summary>
    public ImmutableArray<string> Environment { get; init; } = [];
    public string WorkingDirectory { get; init; } = "";

    /// <summary>Empty where the container joins another's names.</summary>
    public string Hostname { get; init; } = "";

    /// <summary><c>user[:group]</c>; empty for the image's.</summary>
    public string User { get; init; } = "";
    public ImmutableArray<string> SupplementalGroups { get; init; } = [];
    public bool Tty { get; init; }
    public bool Stdin { get; init; }
    public bool StdinOnce { get; init; }

    /// <summary>A network's name, <c>host</c>, <c>none</c> or <c>container:ID</c>.</summary>
    public required string NetworkMode { get; init; }

    /// <summary><c>shareable</c>, <c>host</c>, <c>private</c> or <c>container:ID</c>.</summary>
    public required string IpcMode { get; init; }

    /// <summary>Empty for its own, <c>host</c> or <c>container:ID</c>.</summary>
    public string PidMode { get; init; } = "";
    public ImmutableArray<ContainerMount> Mounts { get; init; } = [];
    public bool Privileged { get; init; }
    public bool ReadOnlyRoot { get; init; }
    public ImmutableArray<string> CapabilitiesAdded { get; init; } = [];
    public ImmutableArray<string> CapabilitiesDropped { get; init; } = [];
    public ImmutableArray<string> SecurityOptions { get; init; } = [];
    public ImmutableDictionary<string, string> Sysctls { get; init; } = ImmutableDictionary<string, string>.Empty;
    public long CpuShares { get; init; }

    /// <summary>Microseconds of each <see cref="CpuPeriod"/>; 0 for no limit.</summary>
    public long CpuQuota { get; init; }
    public long CpuPeriod { get; init; }

    /// <summary>Bytes; 0 for no limit.</summary>
    public long MemoryLimit { get; init; }
    public int OomScoreAdjustment { get; init; }
    public string CgroupParent { get; init; } = "";

    /// <summary>The output is rotated by the engine at this size, and this many files are kept.</summary>
    public long LogFileBytes { get; init; } = 10 * 1024 * 1024;
    public int LogFiles { get; init; } = 5;
}

/// <param name="Source">A path of the host.</param>
/// <param name="Propagation">Empty, <c>rslave</c> or <c>rshared</c>.</param>
public sealed record ContainerMount(string Source, string Target, bool ReadOnly, string Propagation = "");
