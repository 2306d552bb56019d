using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ActorOrchestrator.Bench.Api;

/// <summary>One keep-alive HTTP/1.1 connection that does as little as a client can, because it shares the cores with the server it measures.</summary>
internal sealed class BenchClient(int port) : IDisposable
{
    private readonly Socket _socket = Connect(port);
    private readonly byte[] _buffer = new byte[64 * 1024];

    /// <summary>Sends one request and reads its whole answer.</summary>
    /// <returns>The length of the body.</returns>
    public async ValueTask<long> SendAsync(ReadOnlyMemory<byte> request, int expected)
    {
        for (var rest = request; rest.Length > 0;)
        {
            rest = rest[await _socket.SendAsync(rest)..];
        }

        var filled = 0;
        int head;
        while ((head = _buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
        {
            filled += await ReadAsync(_buffer.AsMemory(filled));
        }

        var status = int.Parse(Encoding.ASCII.GetString(_buffer, 9, 3));
        if (status != expected)
        {
            throw new InvalidOperationException($"Answered {status}: {Encoding.UTF8.GetString(_buffer, 0, filled)}");
        }

        var length = Length(_buffer.AsSpan(0, head + 2));
        return length >= 0 ? await DrainAsync(length, filled - head - 4) : await DrainChunksAsync(head + 4, filled);
    }

    /// <summary>A request with what Kestrel needs and no more.</summary>
    public static byte[] Request(string method, string path, string body = "") => Encoding.UTF8.GetBytes(
        $"{method} {path} HTTP/1.1\r\nHost: b\r\nAccept: application/json\r\n"
        + (body.Length == 0 ? "\r\n" : $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));

    public void Dispose() => _socket.Dispose();

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    private async ValueTask<int> ReadAsync(Memory<byte> into)
    {
        var read = await _socket.ReceiveAsync(into);
        return read > 0 ? read : throw new IOException("The server closed the connection.");
    }

    private async ValueTask<long> DrainAsync(long length, long have)
    {
        while (have < length)
        {
            have += await ReadAsync(_buffer);
        }

        return length;
    }

    /// <summary>A chunked body ends with an empty chunk; only its last bytes are looked at.</summary>
    private async ValueTask<long> DrainChunksAsync(int start, int filled)
    {
        long total = filled - start;
        var tail = _buffer.AsSpan(start, filled - start).ToArray();
        while (!tail.AsSpan().EndsWith("0\r\n\r\n"u8))
        {
            var read = await ReadAsync(_buffer);
            total += read;
            tail = [.. tail.AsSpan(Math.Max(0, tail.Length - 5)), .. _buffer.AsSpan(Math.Max(0, read - 5), Math.Min(read, 5))];
        }

        return total;
    }

    private static long Length(ReadOnlySpan<byte> head)
    {
        var at = head.IndexOf("Content-Length: "u8);
        return at >= 0 && Utf8Parser.TryParse(head[(at + 16)..], out long length, out _) ? length : -1;
    }
}
