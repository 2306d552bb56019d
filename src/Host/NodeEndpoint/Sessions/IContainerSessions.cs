namespace ActorOrchestrator.Host.NodeEndpoint.Sessions;

/// <summary>What of the container engine is talked to for as long as somebody listens: commands and the main process of a container.</summary>
public interface IContainerSessions
{
    /// <summary>Starts a command in a running container.</summary>
    /// <exception cref="Actors.NodeAgent.Containers.EngineException">It cannot be started.</exception>
    Task<IContainerSession> ExecAsync(string id, CommandSpec command, CancellationToken cancellation);

    /// <summary>Joins the streams of a running container's main process; what it said before is not repeated.</summary>
    /// <exception cref="Actors.NodeAgent.Containers.EngineException">It cannot be joined.</exception>
    Task<IContainerSession> AttachAsync(string id, StreamSpec streams, CancellationToken cancellation);
}

/// <summary>Which streams somebody wants to have.</summary>
/// <param name="Tty">All of them are one terminal: there is no stderr.</param>
public sealed record StreamSpec(bool Stdin, bool Stdout, bool Stderr, bool Tty);

public sealed record CommandSpec(IReadOnlyList<string> Words, StreamSpec Streams);

/// <summary>A process with somebody at its streams. One reads, one writes, one resizes, each on its own.</summary>
public interface IContainerSession : IAsyncDisposable
{
    /// <summary>What the process says next.</summary>
    /// <param name="buffer">Where it goes.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>How much it is, and whether it is an error; nothing when all is said.</returns>
    ValueTask<SessionOutput> ReadAsync(ArraySegment<byte> buffer, CancellationToken cancellation);

    /// <exception cref="IOException">Nobody reads it any more.</exception>
    ValueTask WriteAsync(ArraySegment<byte> input, CancellationToken cancellation);

    /// <summary>The process reads to the end of its input. What it says goes on.</summary>
    void CloseInput();

    Task ResizeAsync(TerminalSize size, CancellationToken cancellation);

    /// <summary>How a command ended, after all was said; null for a container's main process, whose end its pod tells.</summary>
    Task<int?> ExitCodeAsync(CancellationToken cancellation);

    /// <summary>Nobody is there any more and the process has not ended: what it then means depends on what it has. A terminal hangs up.</summary>
    Task AbandonAsync();
}

public readonly record struct SessionOutput(int Count, bool IsError);

/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public readonly record struct TerminalSize(ushort Width, ushort Height);
