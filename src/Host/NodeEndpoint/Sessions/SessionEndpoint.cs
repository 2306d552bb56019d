using System.Buffers;
using System.IO.Pipelines;
using ActorOrchestrator.Actors.NodeAgent.Containers;

namespace ActorOrchestrator.Host.NodeEndpoint.Sessions;

/// <summary>
/// Commands in containers, and their main processes' own streams, for one control host at a time:
/// <code>
///   POST /exec/ns/pod/container?uid=…      200 when the container runs, 404 when it does not
///        → Start, then Stdin*, Resize*, CloseStdin?
///        ← Stdout*, Stderr*, then Status, and the end
/// </code>
/// Neither side keeps more than a frame: whoever does not read stops the other one. That the control host goes ends everything here.
/// </summary>
internal sealed class SessionEndpoint(IContainerSessions sessions, PodContainers containers)
{
    private const int PieceBytes = 32 * 1024;

    public async Task ServeAsync(HttpContext http)
    {
        var aborted = http.RequestAborted;
        try
        {
            var (ns, pod, container) = (Route(http, "ns"), Route(http, "pod"), Route(http, "container"));
            if (await containers.FindRunningAsync(ns, pod, http.Request.Query["uid"].ToString(), container, aborted) is not { } found)
            {
                await PlainAnswer.WriteAsync(http, StatusCodes.Status404NotFound, $"container not found (\"{container}\")");
                return;
            }

            await http.Response.BodyWriter.FlushAsync(aborted);
            await RunAsync(found.Id, http.Request.BodyReader, http.Response.BodyWriter, aborted);
        }
        catch (EngineException failed) when (!http.Response.HasStarted)
        {
            await PlainAnswer.WriteAsync(http, StatusCodes.Status500InternalServerError, failed.Message);
        }
        catch (Exception gone) when (aborted.IsCancellationRequested && gone is OperationCanceledException or IOException or Microsoft.AspNetCore.Connections.ConnectionResetException)
        {
            // Whoever was at the streams has left.
        }
    }

    /// <summary>One session from its first frame to its status.</summary>
    internal async Task RunAsync(string id, PipeReader input, PipeWriter output, CancellationToken aborted)
    {
        IContainerSession session;
        var doing = "executing command in container";
        try
        {
            if (await ReadStartAsync(input, aborted) is not { } start)
            {
                // The client changed its mind before anything was begun.
                return;
            }

            doing = start.Command is null ? "attaching to container" : doing;
            session = start.Command is { } words
                ? await sessions.ExecAsync(id, new CommandSpec(words, start.Streams), aborted)
                : await sessions.AttachAsync(id, start.Streams, aborted);
        }
        catch (EngineException refused)
        {
            await output.WriteAsync(SessionFrames.Frame(SessionChannel.Status, SessionStatus.InternalError($"error {doing}: {refused.Message}")), aborted);
            return;
        }

        await using (session)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(aborted);
            var feeding = FeedAsync(session, input, over.Token);
            try
            {
                var status = await TellAsync(session, output, doing, aborted);
                await output.WriteAsync(SessionFrames.Frame(SessionChannel.Status, status), aborted);
            }
            catch (Exception left) when (aborted.IsCancellationRequested && left is OperationCanceledException or IOException)
            {
                await session.AbandonAsync();
                throw;
            }
            finally
            {
                await over.CancelAsync();
                await feeding;
            }
        }
    }

    /// <summary>The process' output to its end; the answer is its status.</summary>
    private static async Task<byte[]> TellAsync(IContainerSession session, PipeWriter output, string doing, CancellationToken aborted)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(SessionFrames.HeaderBytes + PieceBytes);
        try
        {
            while (true)
            {
                var piece = new ArraySegment<byte>(buffer, SessionFrames.HeaderBytes, PieceBytes);
                var said = await session.ReadAsync(piece, aborted);
                if (said.Count == 0)
                {
                    break;
                }

                SessionFrames.WriteHeader(buffer, said.IsError ? SessionChannel.Stderr : SessionChannel.Stdout, said.Count);
                if ((await output.WriteAsync(buffer.AsMemory(0, SessionFrames.HeaderBytes + said.Count), aborted)).IsCompleted)
                {
                    aborted.ThrowIfCancellationRequested();
                    throw new IOException("nobody listens any more");
                }
            }

            return await session.ExitCodeAsync(aborted) is { } code ? SessionStatus.OfExitCode(code) : SessionStatus.Success;
        }
        catch (Exception broken) when (broken is EngineException or IOException && !aborted.IsCancellationRequested)
        {
            return SessionStatus.InternalError($"error {doing}: {broken.Message}");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>What the client sends, to the process. A process that reads no more is no reason not to resize its terminal.</summary>
    private static async Task FeedAsync(IContainerSession session, PipeReader input, CancellationToken over)
    {
        var deaf = false;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(over);
                var buffer = read.Buffer;
                while (SessionFrames.TryRead(ref buffer, out var channel, out var content))
                {
                    switch (channel)
                    {
                        case SessionChannel.Stdin when !deaf:
                            deaf = !await WriteAsync(session, content, over);
                            break;
                        case SessionChannel.CloseStdin when !deaf:
                            session.CloseInput();
                            deaf = true;
                            break;
                        case SessionChannel.Resize:
                            await session.ResizeAsync(SessionFrames.ReadSize(content), over);
                            break;
                    }
                }

                input.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or InvalidDataException or EngineException)
        {
            // The session is over, or the control host is: the other direction tells.
        }
    }

    private static async ValueTask<bool> WriteAsync(IContainerSession session, ReadOnlySequence<byte> content, CancellationToken over)
    {
        foreach (var part in content)
        {
            if (!System.Runtime.InteropServices.MemoryMarshal.TryGetArray(part, out var bytes))
            {
                bytes = part.ToArray();
            }

            try
            {
                await session.WriteAsync(bytes, over);
            }
            catch (IOException)
            {
                // It ended, or closed its input; that will be told as its exit code.
                return false;
            }
        }

        return true;
    }

    private static async Task<SessionStart?> ReadStartAsync(PipeReader input, CancellationToken aborted)
    {
        while (true)
        {
            var read = await input.ReadAsync(aborted);
            var buffer = read.Buffer;
            if (SessionFrames.TryRead(ref buffer, out var channel, out var content))
            {
                var start = channel == SessionChannel.Start ? SessionStart.Read(content) : throw new InvalidDataException("a session must say first what it wants");
                input.AdvanceTo(buffer.Start);
                return start;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return null;
            }
        }
    }

    private static string Route(HttpContext http, string name) => (string?)http.Request.RouteValues[name] ?? "";
}
