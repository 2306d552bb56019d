namespace ActorOrchestrator.Actors.NodeAgent.Containers;

public enum ContainerRole : byte
{
    Init = 1,

    /// <summary>An init container with restartPolicy Always: it stays while the others run.</summary>
    Sidecar = 2,
    App = 3,
}

/// <summary>One life of a container: from its creation at the engine to its end.</summary>
public sealed record ContainerRun(string Id, int Attempt, EngineContainerState State)
{
    public string SpecHash { get; init; } = "";

    /// <summary>The pause container whose network it joined.</summary>
    public string SandboxId { get; init; } = "";
    public string ImageId { get; init; } = "";
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public int ExitCode { get; init; }

    /// <summary><c>Completed</c>, <c>Error</c>, <c>OOMKilled</c>, <c>ContainerCannotRun</c>, <c>ContainerStatusUnknown</c>.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The termination message, or why it could not run.</summary>
    public string Message { get; init; } = "";

    /// <summary>It is no longer at the engine: what is known of it is all that ever will be.</summary>
    public bool IsGone { get; init; }

    public bool IsRunning => State == EngineContainerState.Running;
    public bool HasEnded => State == EngineContainerState.Exited;

    /// <summary>From an inspection.</summary>
    public static ContainerRun Of(EngineContainer container, int attempt, string message) => new(container.Id, attempt, container.State)
    {
        SpecHash = container.Labels.GetValueOrDefault(ContainerLabels.SpecHash, ""),
        SandboxId = container.Labels.GetValueOrDefault(ContainerLabels.SandboxId, ""),
        ImageId = container.ImageId,
        StartedAt = container.StartedAt,
        FinishedAt = container.FinishedAt,
        ExitCode = container.ExitCode,
        Reason = container.State != EngineContainerState.Exited ? ""
            : container.StartedAt is null ? "ContainerCannotRun"
            : container.OomKilled ? "OOMKilled"
            : container.ExitCode == 0 ? "Completed" : "Error",
        Message = message.Length > 0 ? message : container.Error,
    };
}

/// <summary>Why a container does not run yet: the reason and message of its waiting state.</summary>
public sealed record ContainerWaiting(string Reason, string Message = "");

/// <summary>What a container's actor tells of it: everything that its status is made of.</summary>
public sealed record ContainerView(string Name, ContainerRole Role)
{
    /// <summary>The newest run; null before the first.</summary>
    public ContainerRun? Current { get; init; }

    /// <summary>The run before it.</summary>
    public ContainerRun? Previous { get; init; }

    /// <summary>Set while something other than the usual creation is waited for.</summary>
    public ContainerWaiting? Waiting { get; init; }
    public int RestartCount { get; init; }
    public bool Ready { get; init; }

    /// <summary>Null before it ran; then whether its startup probe (if any) has passed.</summary>
    public bool? Started { get; init; }

    /// <summary>It ended and will not be started again.</summary>
    public bool IsFinished { get; init; }

    /// <summary>It tried to start at least once, and succeeded or must wait: the next container in order may go.</summary>
    public bool HasSettled { get; init; }

    public bool IsRunning => Current is { IsRunning: true };
}
