using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <summary>
/// The container engine of this node: what the agent asks of Docker, and no more. Every call is safe to make again. Failures are
/// <see cref="EngineException"/> with a typed reason; a removal or kill of what is gone already is no failure.
/// </summary>
public interface IContainerEngine
{
    Task<EngineInfo> InfoAsync(CancellationToken cancellation = default);

    /// <summary>The image by reference or id; null when the engine does not have it.</summary>
    Task<EngineImage?> FindImageAsync(string reference, CancellationToken cancellation = default);

    Task PullImageAsync(string reference, RegistryCredentials? credentials, CancellationToken cancellation = default);

    /// <summary>Loads an archive in <c>docker save</c>'s format.</summary>
    Task LoadImageAsync(Stream archive, CancellationToken cancellation = default);

    /// <summary>Removes an image unless a container still uses it.</summary>
    Task RemoveImageAsync(string reference, CancellationToken cancellation = default);

    /// <summary>Creates without starting; the answer is the id. <see cref="EngineFailure.Conflict"/> when the name is taken, <see cref="EngineFailure.ImageNotFound"/> without the image.</summary>
    Task<string> CreateAsync(ContainerSpec spec, CancellationToken cancellation = default);

    Task StartAsync(string id, CancellationToken cancellation = default);

    /// <summary>Asks the container to end with its stop signal, kills it after the grace period, and returns when it has ended.</summary>
    Task StopAsync(string id, TimeSpan grace, CancellationToken cancellation = default);

    Task KillAsync(string id, string signal, CancellationToken cancellation = default);

    /// <summary>Removes a container with its anonymous volumes, by force.</summary>
    Task RemoveAsync(string id, CancellationToken cancellation = default);

    /// <summary>One container by id or name; null when there is none.</summary>
    Task<EngineContainer?> InspectAsync(string idOrName, CancellationToken cancellation = default);

    /// <summary>Every container, dead or alive, that carries all these labels, without what only an inspection knows (times and exit codes).</summary>
    Task<ImmutableArray<EngineContainer>> ListAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellation = default);

    /// <summary>
    /// Container and image events from an instant on, for containers that carry all these labels. Ends, or fails with <see cref="EngineException"/>,
    /// when the stream breaks.
    /// </summary>
    IAsyncEnumerable<EngineEvent> EventsAsync(IReadOnlyDictionary<string, string> labels, DateTimeOffset since, CancellationToken cancellation = default);

    /// <summary>Copies a container's output, stdout and stderr in the order they were written, until it ends (or for ever while following).</summary>
    Task CopyLogsAsync(string id, LogRequest request, Stream destination, CancellationToken cancellation = default);

    /// <summary>Runs a command in a running container and waits for it.</summary>
    Task<ExecOutcome> ExecAsync(string id, IReadOnlyList<string> command, CancellationToken cancellation = default);

    Task<EngineNetwork?> FindNetworkAsync(string name, CancellationToken cancellation = default);

    Task CreateNetworkAsync(NetworkSpec spec, CancellationToken cancellation = default);

    Task RemoveNetworkAsync(string name, CancellationToken cancellation = default);

    Task<ImmutableArray<EngineNetwork>> ListNetworksAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellation = default);
}

public enum EngineFailure : byte
{
    /// <summary>The engine does not answer at all.</summary>
    Unreachable = 1,
    Timeout = 2,
    NotFound = 3,
    ImageNotFound = 4,
    Conflict = 5,

    /// <summary>The engine refuses what was asked: a bad parameter, a missing mount source, a failing runtime.</summary>
    Refused = 6,

    /// <summary>The registry has no such image, or refuses us.</summary>
    Registry = 7,
}

/// <summary>A failure of the engine with its own message, which is shown to users.</summary>
public sealed class EngineException(EngineFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public EngineFailure Failure { get; } = failure;

    /// <summary>It may work when tried again unchanged, because the engine itself was the trouble.</summary>
    public bool IsTransient => Failure is EngineFailure.Unreachable or EngineFailure.Timeout;
}

public sealed record RegistryCredentials(string ServerAddress, string Username, string Password);

/// <param name="Cpus">Processors that containers can use.</param>
/// <param name="MemoryBytes">Memory that containers can use.</param>
public sealed record EngineInfo(string Version, string Architecture, string OperatingSystem, string KernelVersion, int Cpus, long MemoryBytes, string RootDirectory);

/// <param name="Id">The digest of its configuration: <c>sha256:…</c>.</param>
/// <param name="Digests">References by digest, of a registry it came from or went to.</param>
/// <param name="User">The user it runs as when nothing else is asked; empty for root.</param>
public sealed record EngineImage(string Id, ImmutableArray<string> Tags, ImmutableArray<string> Digests, string User, long Size);

public enum EngineContainerState : byte
{
    Created = 1,
    Running = 2,
    Exited = 3,
}

/// <summary>A container as the engine knows it. Times, process and exit code are only there after an inspection.</summary>
public sealed record EngineContainer
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required EngineContainerState State { get; init; }
    public required ImmutableDictionary<string, string> Labels { get; init; }

    /// <summary>The image's id, <c>sha256:…</c>.</summary>
    public string ImageId { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public int ExitCode { get; init; }
    public bool OomKilled { get; init; }

    /// <summary>Of its first process; 0 when it does not run.</summary>
    public int Pid { get; init; }

    /// <summary>Why it could not start, in the engine's words.</summary>
    public string Error { get; init; } = "";

    /// <summary>Its address on each network.</summary>
    public ImmutableDictionary<string, string> Addresses { get; init; } = ImmutableDictionary<string, string>.Empty;
}

public enum EngineEventKind : byte
{
    /// <summary>Anything that the agent does not act upon by itself.</summary>
    Other = 0,
    Created,
    Started,
    Died,
    OutOfMemory,
    Removed,
    ImageChanged,
}

/// <param name="Id">The container, or the image.</param>
/// <param name="Labels">The container's labels.</param>
/// <param name="ExitCode">With <see cref="EngineEventKind.Died"/>.</param>
public sealed record EngineEvent(EngineEventKind Kind, string Id, DateTimeOffset Time, ImmutableDictionary<string, string> Labels, int ExitCode = 0);

/// <param name="Tail">Only the last so many lines; null for all.</param>
public sealed record LogRequest(bool Follow = false, bool Timestamps = false, int? Tail = null, DateTimeOffset? Since = null);

/// <param name="Output">Stdout and stderr, cut off at 10 KiB.</param>
public sealed record ExecOutcome(int ExitCode, string Output);

/// <param name="Subnets">In CIDR notation.</param>
public sealed record EngineNetwork(string Name, string Bridge, ImmutableArray<string> Subnets, ImmutableDictionary<string, string> Labels, int Containers);

/// <summary>A bridge network: one host bridge, addresses from one subnet, no masquerading by the engine.</summary>
public sealed record NetworkSpec(string Name, string Bridge, string Subnet, string Gateway, int Mtu, ImmutableDictionary<string, string> Labels);
