using System.Net;
using ActorOrchestrator.Actors.ServiceNetworking.Dns;

namespace ActorOrchestrator.Host.Dns;

/// <summary><see cref="IDnsServer"/> on two sockets. Names of the cluster are answered on the spot, others are forwarded aside.</summary>
public sealed class DnsServer(DnsSettings settings, DnsForwarder forwarder) : IDnsServer
{
    public IDisposable Listen(IPEndPoint address, Func<DnsZone> zone)
    {
        var listener = new DnsListener(settings, new DnsResponder(settings, forwarder, zone), address);
        listener.Start();
        return listener;
    }
}

/// <summary>A packet → the packet that answers it.</summary>
internal sealed class DnsResponder(DnsSettings settings, DnsForwarder forwarder, Func<DnsZone> zone)
{
    private const ushort Internet = 1;
    private const int QueryOpcode = 0;
    private const int TcpLimit = ushort.MaxValue;
    private int _rotation;

    /// <summary>Null: nothing is sent. Completes at once for names of the cluster.</summary>
    public ValueTask<byte[]?> AnswerAsync(ReadOnlySpan<byte> packet, bool tcp)
    {
        if (DnsQuery.Read(packet, out var answerable) is not { } query)
        {
            return ValueTask.FromResult(answerable ? DnsResponse.FormatError(packet) : null);
        }

        if (query.Opcode != QueryOpcode)
        {
            return ValueTask.FromResult<byte[]?>(DnsResponse.Failure(query, DnsCode.NotImplemented));
        }

        if (query.EdnsVersion is > 0)
        {
            return ValueTask.FromResult<byte[]?>(DnsResponse.UnknownEdnsVersion(query));
        }

        var limit = tcp ? TcpLimit : Math.Min(query.UdpSize, DnsResponse.SafeUdpSize);
        var answer = query.Class == Internet ? zone().Find(query.Name, query.Type) : DnsAnswer.NotOurs;
        if (answer.Outcome == DnsOutcome.NotOurs)
        {
            return new ValueTask<byte[]?>(ForwardAsync(query, limit));
        }

        return answer.Continue is { } outside
            ? new ValueTask<byte[]?>(FollowAsync(query, answer, outside, limit))
            : ValueTask.FromResult<byte[]?>(Encode(query, answer, limit));
    }

    private async Task<byte[]?> ForwardAsync(DnsQuery query, int limit) =>
        await forwarder.AskAsync(query, limit) ?? DnsResponse.Failure(query, DnsCode.ServerFailure);

    /// <summary>A service of type ExternalName: its alias, and what the alias leads to outside.</summary>
    private async Task<byte[]?> FollowAsync(DnsQuery query, DnsAnswer answer, string outside, int limit)
    {
        if (query.Type is not (DnsType.A or DnsType.Aaaa) || DnsQuestionFor(query, outside) is not { } question)
        {
            return Encode(query, answer, limit);
        }

        var found = await forwarder.AskAsync(question, TcpLimit);
        return Encode(query, found is null ? answer : answer with { Answers = [.. answer.Answers, .. DnsRelay.Addresses(found)] }, limit);
    }

    private byte[] Encode(DnsQuery query, DnsAnswer answer, int limit) =>
        DnsResponse.Of(query, answer, (int)settings.Ttl.TotalSeconds, limit, Interlocked.Increment(ref _rotation));

    /// <summary>Null for a name that cannot be written on the wire.</summary>
    private static DnsQuery? DnsQuestionFor(DnsQuery query, string name)
    {
        var labels = name.Split('.');
        if (name.Length > 253 || labels.Any(label => label.Length is 0 or > 63 || !label.All(char.IsAscii)))
        {
            return null;
        }

        byte[] question =
        [
            .. labels.SelectMany(label => (byte[])[(byte)label.Length, .. label.Select(c => (byte)c)]),
            0, (byte)((ushort)query.Type >> 8), (byte)query.Type, 0, (byte)Internet,
        ];
        return query with { Name = name, Question = question, EdnsVersion = null, DnssecOk = false };
    }
}
