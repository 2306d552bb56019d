using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Host.Engine;
using ActorOrchestrator.Host.Kernel;

namespace ActorOrchestrator.Host.NodeEndpoint;

/// <summary>
/// One connection to one port of a pod, as its own programs would make it, to its loopback: <c>POST /portForward/ns/pod?uid=…&amp;port=…</c>. The two bodies are the two directions of the
/// connection, and each ends by itself, as those do.
/// </summary>
internal sealed class PortEndpoint(IContainerEngine engine, PodContainers containers)
{
    private const int PieceBytes = 64 * 1024;

    public async Task ServeAsync(HttpContext http)
    {
        var aborted = http.RequestAborted;
        var (ns, pod) = ((string?)http.Request.RouteValues["ns"] ?? "", (string?)http.Request.RouteValues["pod"] ?? "");
        if (!int.TryParse(http.Request.Query["port"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            await PlainAnswer.WriteAsync(http, StatusCodes.Status400BadRequest, "a port must be between 1 and 65535");
            return;
        }

        Socket socket;
        try
        {
            if (await ProcessOfAsync(ns, pod, http.Request.Query["uid"].ToString(), aborted) is not { } process)
            {
                await PlainAnswer.WriteAsync(http, StatusCodes.Status404NotFound, $"pod not found (\"{pod}_{ns}\")");
                return;
            }

            socket = await NetworkNamespace.ConnectAsync(process, port, aborted);
        }
        catch (Exception failed) when (failed is SocketException or IOException or EngineException)
        {
            var why = failed is SocketException ? $"failed to connect to localhost:{port} inside the pod's network namespace: {failed.Message}" : failed.Message;
            await PlainAnswer.WriteAsync(http, StatusCodes.Status502BadGateway, why);
            return;
        }

        using (socket)
        {
            await CopyAsync(http, socket, aborted);
        }
    }

    private async Task<int?> ProcessOfAsync(string ns, string pod, string uid, CancellationToken cancellation)
    {
        if (await containers.FindRunningAsync(ns, pod, uid, ContainerIdentity.Sandbox, cancellation) is not { } sandbox
            || await engine.InspectAsync(sandbox.Id, cancellation) is not { Pid: > 0 } inspected)
        {
            return null;
        }

        return ContainerProcess.IsOf(inspected.Pid, sandbox.Id) ? inspected.Pid : null;
    }

    private static async Task CopyAsync(HttpContext http, Socket socket, CancellationToken aborted)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        await http.Response.BodyWriter.FlushAsync(aborted);
        var sending = SendAsync(http, socket, over.Token);
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            int read;
            while ((read = await socket.ReceiveAsync(buffer.AsMemory(), aborted)) > 0)
            {
                await http.Response.BodyWriter.WriteAsync(buffer.AsMemory(0, read), aborted);
            }

            // The pod has said all; it may still listen.
            await http.Response.CompleteAsync();
            await sending;
        }
        catch (SocketException) when (!aborted.IsCancellationRequested)
        {
            // A connection that breaks is to break at the other end too, not to end as if all was said.
            http.Abort();
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            // Nobody is at the other end any more; closing the socket tells the pod.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await over.CancelAsync();
            await sending;
        }
    }

    private static async Task SendAsync(HttpContext http, Socket socket, CancellationToken over)
    {
        var input = http.Request.BodyReader;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(over);
                foreach (var part in read.Buffer)
                {
                    for (var left = part; left.Length > 0;)
                    {
                        left = left[await socket.SendAsync(left, over)..];
                    }
                }

                input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    socket.Shutdown(SocketShutdown.Send);
                    return;
                }
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // The pod takes no more, or the client is gone; the other direction tells.
        }
    }
}
