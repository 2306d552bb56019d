using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using ActorOrchestrator.Host.Engine;

namespace ActorOrchestrator.Host.Kernel;

/// <summary>
/// The network namespace of a process. A socket belongs to the namespace of the thread that makes it, for good: so a thread of its own goes there, makes sockets, and ends; what is done with
/// them is done from anywhere.
/// </summary>
internal static class NetworkNamespace
{
    /// <summary>Connects to a port of the namespace's own loopback, IPv4 first.</summary>
    /// <param name="process">Whose namespace.</param>
    /// <param name="port">Of a program that listens on 127.0.0.1, ::1 or everywhere.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="SocketException">Nobody listens.</exception>
    /// <exception cref="IOException">The process is gone.</exception>
    public static async Task<Socket> ConnectAsync(int process, int port, CancellationToken cancellation)
    {
        var (first, second) = await SocketsAsync(process).ConfigureAwait(false);
        try
        {
            await first.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellation).ConfigureAwait(false);
            second?.Dispose();
            return first;
        }
        catch (SocketException) when (second is not null)
        {
            first.Dispose();
        }
        catch
        {
            first.Dispose();
            second?.Dispose();
            throw;
        }

        try
        {
            await second.ConnectAsync(new IPEndPoint(IPAddress.IPv6Loopback, port), cancellation).ConfigureAwait(false);
            return second;
        }
        catch
        {
            second.Dispose();
            throw;
        }
    }

    private static Task<(Socket V4, Socket? V6)> SocketsAsync(int process)
    {
        var made = new TaskCompletionSource<(Socket, Socket?)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                using var place = File.OpenHandle($"/proc/{process}/ns/net");
                if (Libc.SetNamespace((int)place.DangerousGetHandle(), Libc.NetworkNamespace) != 0)
                {
                    throw new IOException($"the network of process {process} cannot be entered: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
                }

                made.SetResult((Make(AddressFamily.InterNetwork), Socket.OSSupportsIPv6 ? Make(AddressFamily.InterNetworkV6) : null));
            }
            catch (Exception failed)
            {
                made.SetException(failed);
            }
        })
        {
            IsBackground = true,
            Name = "network-namespace",
        };
        thread.Start();
        return made.Task;
    }

    private static Socket Make(AddressFamily family) => new(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
}
