using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using ActorOrchestrator.Actors.ServiceNetworking.Dns;

namespace ActorOrchestrator.Host.Dns;

/// <summary>
/// Asks other servers. The same question is under way once, however many ask it: that spares the servers, and it ends loops, because a
/// question that comes back to us only waits for itself until its time is over.
/// </summary>
public sealed class DnsForwarder(DnsSettings settings, HostResolvers resolvers, TimeProvider time)
{
    private readonly record struct Key(string Name, DnsType Type, ushort Class, bool Edns, bool DnssecOk, bool CheckingDisabled);

    private sealed record Cached(byte[] Answer, ImmutableArray<int> TtlOffsets, long StoredAt, TimeSpan Lifetime);

    private readonly ConcurrentDictionary<Key, Lazy<Task<Cached?>>> _underWay = new();
    private readonly ConcurrentDictionary<Key, Cached> _cache = new();
    private int _forwarding;

    /// <summary>The answer for this asker; null when nobody could be asked in time.</summary>
    /// <param name="limit">The size that the asker takes.</param>
    public async Task<byte[]?> AskAsync(DnsQuery query, int limit)
    {
        var key = new Key(query.Name, query.Type, query.Class, query.EdnsVersion is not null, query.DnssecOk, query.CheckingDisabled);
        var found = Fresh(key) ?? await Shared(key, query).Value;
        if (found is null)
        {
            return null;
        }

        var age = time.GetElapsedTime(found.StoredAt);
        return DnsRelay.For(query, found.Answer, found.TtlOffsets, (int)age.TotalSeconds, limit);
    }

    private Cached? Fresh(Key key) =>
        _cache.TryGetValue(key, out var cached) && time.GetElapsedTime(cached.StoredAt) < cached.Lifetime ? cached : null;

    private Lazy<Task<Cached?>> Shared(Key key, DnsQuery query) =>
        _underWay.GetOrAdd(key, _ => new Lazy<Task<Cached?>>(() => ForwardAsync(key, query)));

    private async Task<Cached?> ForwardAsync(Key key, DnsQuery query)
    {
        // The caller must see the entry in the table before it is removed again.
        await Task.Yield();
        try
        {
            if (Interlocked.Increment(ref _forwarding) > settings.ForwardLimit || await AskAllAsync(query) is not { } answer)
            {
                return null;
            }

            if (DnsRelay.TtlOffsets(answer) is not { } offsets)
            {
                return null;
            }

            var ttl = TimeSpan.FromSeconds(DnsRelay.ShortestTtl(answer, offsets));
            var cached = new Cached(answer, offsets, time.GetTimestamp(), ttl < settings.CacheLimit ? ttl : settings.CacheLimit);
            Remember(key, cached);
            return cached;
        }
        finally
        {
            Interlocked.Decrement(ref _forwarding);
            _underWay.TryRemove(key, out _);
        }
    }

    private void Remember(Key key, Cached cached)
    {
        if (cached.Lifetime <= TimeSpan.Zero || DnsRelay.CodeOf(cached.Answer) is not (DnsCode.NoError or DnsCode.NoSuchName))
        {
            return;
        }

        if (_cache.Count >= settings.CacheEntries)
        {
            foreach (var (old, entry) in _cache)
            {
                if (time.GetElapsedTime(entry.StoredAt) >= entry.Lifetime)
                {
                    _cache.TryRemove(old, out _);
                }
            }

            if (_cache.Count >= settings.CacheEntries)
            {
                _cache.Clear();
            }
        }

        _cache[key] = cached;
    }

    /// <summary>One server after the other; a refusal of one is passed on only when no other knows better.</summary>
    private async Task<byte[]?> AskAllAsync(DnsQuery query)
    {
        byte[]? refusal = null;
        foreach (var server in resolvers.Current())
        {
            try
            {
                using var limit = new CancellationTokenSource(settings.UpstreamTimeout);
                var answer = await AskUdpAsync(server, query, limit.Token);
                if (DnsRelay.IsTruncated(answer))
                {
                    answer = await AskTcpAsync(server, query, limit.Token);
                }

                if (DnsRelay.CodeOf(answer) is not (DnsCode.ServerFailure or DnsCode.Refused or DnsCode.NotImplemented))
                {
                    return answer;
                }

                refusal = answer;
            }
            catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
            {
                // No answer from this one: the next is asked, and without any the asker gets SERVFAIL.
            }
        }

        return refusal;
    }

    private static async Task<byte[]> AskUdpAsync(IPEndPoint server, DnsQuery query, CancellationToken cancellation)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);

        // Connected: the kernel drops what comes from anybody else, and the port is a random one.
        await socket.ConnectAsync(server, cancellation);
        var id = NewId();
        await socket.SendAsync(DnsRelay.Question(query, id), SocketFlags.None, cancellation);
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, SocketFlags.None, cancellation);
            if (DnsRelay.Answers(buffer.AsSpan(0, length), id, query))
            {
                return buffer[..length];
            }
        }
    }

    private static async Task<byte[]> AskTcpAsync(IPEndPoint server, DnsQuery query, CancellationToken cancellation)
    {
        using var client = new TcpClient(server.AddressFamily) { NoDelay = true };
        await client.ConnectAsync(server, cancellation);
        var stream = client.GetStream();
        var id = NewId();
        await DnsStream.WriteAsync(stream, DnsRelay.Question(query, id), cancellation);
        return await DnsStream.ReadAsync(stream, cancellation) is { } answer && DnsRelay.Answers(answer, id, query)
            ? answer
            : throw new IOException($"{server} did not answer the question it was asked.");
    }

    private static ushort NewId()
    {
        Span<byte> bytes = stackalloc byte[2];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }
}

/// <summary>DNS over TCP: every message after its length in two bytes (RFC 7766).</summary>
internal static class DnsStream
{
    /// <summary>Null at the orderly end.</summary>
    public static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var length = new byte[2];
        if (await stream.ReadAtLeastAsync(length, 2, throwOnEndOfStream: false, cancellation) < 2)
        {
            return null;
        }

        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(message, cancellation);
        return message;
    }

    public static async Task WriteAsync(Stream stream, byte[] message, CancellationToken cancellation)
    {
        var framed = new byte[message.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed, 2);
        await stream.WriteAsync(framed, cancellation);
    }
}
