using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Host.NodeEndpoint.Sessions;
using Docker.DotNet;
using Docker.DotNet.Models;
using TerminalSize = ActorOrchestrator.Host.NodeEndpoint.Sessions.TerminalSize;

namespace ActorOrchestrator.Host.Engine;

/// <content>Commands and main processes with somebody at their streams: the connection to the engine becomes the streams.</content>
public sealed partial class DockerEngine
{
    /// <summary>
    /// The engine leaves a terminal that sees these keys, and swallows the first until it has seen the next. It must have some, so that it has a sequence that nobody types;
    /// its own (Ctrl-P, Ctrl-Q) would take the shell's key for the line before.
    /// </summary>
    private const string NoDetachKeys = "ctrl-^,ctrl-^,ctrl-^,ctrl-^,ctrl-^,ctrl-^,ctrl-^,ctrl-^,ctrl-^,ctrl-^,ctrl-^,ctrl-^";

    public async Task<IContainerSession> ExecAsync(string id, CommandSpec command, CancellationToken cancellation)
    {
        var streams = command.Streams;
        var parameters = new ContainerExecCreateParameters
        {
            AttachStdin = streams.Stdin,
            AttachStdout = streams.Stdout,
            AttachStderr = streams.Stderr && !streams.Tty,
            TTY = streams.Tty,
            DetachKeys = NoDetachKeys,
            Cmd = [.. command.Words],
        };
        return await Call<IContainerSession>($"exec in container {id}", async limit =>
        {
            var created = await _client.Exec.CreateContainerExecAsync(id, parameters, limit);
            var stream = await _client.Exec.StartContainerExecAsync(created.ID, new ContainerExecStartParameters { TTY = streams.Tty }, limit);
            return new ExecSession(this, id, created.ID, stream, streams);
        }, cancellation);
    }

    public async Task<IContainerSession> AttachAsync(string id, StreamSpec streams, CancellationToken cancellation)
    {
        var parameters = new ContainerAttachParameters
        {
            Stream = true,
            Stdin = streams.Stdin,
            Stdout = streams.Stdout,
            Stderr = streams.Stderr,
            DetachKeys = NoDetachKeys,
        };
        return await Call<IContainerSession>(
            $"attach to container {id}", async limit => new AttachSession(this, id, await _client.Containers.AttachContainerAsync(id, parameters, limit), streams), cancellation);
    }

    private abstract class Session(DockerEngine engine, MultiplexedStream stream, StreamSpec streams) : IContainerSession
    {
        protected DockerEngine Engine => engine;
        protected StreamSpec Streams => streams;

        public async ValueTask<SessionOutput> ReadAsync(ArraySegment<byte> buffer, CancellationToken cancellation)
        {
            var read = await stream.ReadOutputAsync(buffer.Array!, buffer.Offset, buffer.Count, cancellation);
            return new SessionOutput(read.Count, read.Target == MultiplexedStream.TargetStream.StandardError);
        }

        public async ValueTask WriteAsync(ArraySegment<byte> input, CancellationToken cancellation) => await stream.WriteAsync(input.Array!, input.Offset, input.Count, cancellation);

        public void CloseInput() => stream.CloseWrite();

        public async Task ResizeAsync(TerminalSize size, CancellationToken cancellation)
        {
            if (!streams.Tty || size.Width == 0 || size.Height == 0)
            {
                return;
            }

            try
            {
                await ResizeAsync(new ContainerResizeParameters { Width = size.Width, Height = size.Height }, cancellation);
            }
            catch (EngineException ended) when (ended.Failure is EngineFailure.NotFound or EngineFailure.Conflict or EngineFailure.Refused)
            {
                // There is no terminal any more.
            }
        }

        protected abstract Task ResizeAsync(ContainerResizeParameters size, CancellationToken cancellation);

        public abstract Task<int?> ExitCodeAsync(CancellationToken cancellation);

        public abstract Task AbandonAsync();

        public ValueTask DisposeAsync()
        {
            stream.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class AttachSession(DockerEngine engine, string id, MultiplexedStream stream, StreamSpec streams) : Session(engine, stream, streams)
    {
        public override Task<int?> ExitCodeAsync(CancellationToken cancellation) => Task.FromResult<int?>(null);

        /// <summary>The main process does not depend on who looks at it.</summary>
        public override Task AbandonAsync() => Task.CompletedTask;

        protected override Task ResizeAsync(ContainerResizeParameters size, CancellationToken cancellation) =>
            Engine.Call($"resize the terminal of container {id}", limit => Engine._client.Containers.ResizeContainerTtyAsync(id, size, limit), cancellation);
    }

    private sealed class ExecSession(DockerEngine engine, string container, string exec, MultiplexedStream stream, StreamSpec streams) : Session(engine, stream, streams)
    {
        private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(5);
        private static readonly TimeSpan LastLook = TimeSpan.FromSeconds(1);
        private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);
        private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(2);

        /// <summary>The engine closes the streams a little before it knows how the process ended.</summary>
        public override async Task<int?> ExitCodeAsync(CancellationToken cancellation)
        {
            var waited = TimeSpan.Zero;
            for (var pause = FirstLook; ; pause = pause * 2 < LastLook ? pause * 2 : LastLook)
            {
                var state = await StateAsync(cancellation);
                if (!state.Running)
                {
                    return (int)(state.ExitCode ?? 0);
                }

                if (waited > EndPatience)
                {
                    // It closed its streams and lives on, as a daemon does.
                    return 0;
                }

                await Task.Delay(pause, cancellation);
                waited += pause;
            }
        }

        /// <summary>Closing a terminal hangs up whoever sits at it. Without one the process sees the end of its input and a broken pipe where it writes, and may go on.</summary>
        public override async Task AbandonAsync()
        {
            if (!Streams.Tty || Engine.Endpoint.Scheme != "unix")
            {
                return;
            }

            try
            {
                var state = await StateAsync(CancellationToken.None);
                if (state is { Running: true, Pid: > 0 } && ContainerProcess.IsOf(state.Pid, container))
                {
                    Libc.Kill((int)state.Pid, Libc.HangUp);
                }
            }
            catch (EngineException)
            {
                // The container is gone, and its terminals with it.
            }
        }

        /// <summary>The first size comes as soon as the client is there, which may be before the process is.</summary>
        protected override async Task ResizeAsync(ContainerResizeParameters size, CancellationToken cancellation)
        {
            var waited = TimeSpan.Zero;
            for (var pause = FirstLook; ; pause *= 2)
            {
                try
                {
                    await Engine.Call($"resize the terminal of a command in container {container}", limit => Engine._client.Exec.ResizeExecTtyAsync(exec, size, limit), cancellation);
                    return;
                }
                catch (EngineException early) when (early.Failure is EngineFailure.NotFound or EngineFailure.Conflict or EngineFailure.Refused && waited < StartPatience)
                {
                    await Task.Delay(pause, cancellation);
                    waited += pause;
                    if (waited > FirstLook * 3 && !(await StateAsync(cancellation)).Running)
                    {
                        throw;
                    }
                }
            }
        }

        private Task<ContainerExecInspectResponse> StateAsync(CancellationToken cancellation) =>
            Engine.Call($"inspect a command in container {container}", limit => Engine._client.Exec.InspectContainerExecAsync(exec, limit), cancellation);
    }
}
