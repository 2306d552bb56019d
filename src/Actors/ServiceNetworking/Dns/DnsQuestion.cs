using System.Collections.Immutable;
using System.Net;

namespace ActorOrchestrator.Actors.ServiceNetworking.Dns;

/// <summary>The record types that the cluster's zone has. Numbers are those of the wire.</summary>
public enum DnsType : ushort
{
    A = 1,
    Ns = 2,
    CName = 5,
    Soa = 6,
    Ptr = 12,
    Txt = 16,
    Aaaa = 28,
    Srv = 33,
    Any = 255,
}

/// <summary>The data of one record. Names are lower case and have no dot at the end.</summary>
public abstract record DnsData(DnsType Type)
{
    public sealed record Address(IPAddress Value)
        : DnsData(Value.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa);

    public sealed record Srv(int Port, string Target, int Weight) : DnsData(DnsType.Srv);

    public sealed record Pointer(string Target) : DnsData(DnsType.Ptr);

    public sealed record CName(string Target) : DnsData(DnsType.CName);

    public sealed record Text(string Value) : DnsData(DnsType.Txt);

    public sealed record NameServer(string Target) : DnsData(DnsType.Ns);

    public sealed record StartOfAuthority(string Primary, string Mailbox, uint Serial) : DnsData(DnsType.Soa);
}

public sealed record DnsRecord(string Name, DnsData Data);

public enum DnsOutcome : byte
{
    /// <summary>The name exists; there may still be no record of the type.</summary>
    Found = 1,

    /// <summary>NXDOMAIN.</summary>
    NoSuchName = 2,

    /// <summary>The name is not in the cluster's zone: ask the host's resolvers.</summary>
    NotOurs = 3,
}

/// <param name="Outcome">Whether it is ours and exists.</param>
/// <param name="Answers">In the order of the zone; a server turns them round.</param>
/// <param name="Additional">Addresses of what the answers point to.</param>
/// <param name="Authority">The zone's SOA when there is no answer.</param>
/// <param name="Continue">The outside name that a CNAME leads to and that must be resolved for the answer to be whole; otherwise null.</param>
public sealed record DnsAnswer(
    DnsOutcome Outcome, ImmutableArray<DnsRecord> Answers, ImmutableArray<DnsRecord> Additional, ImmutableArray<DnsRecord> Authority, string? Continue = null)
{
    public static readonly DnsAnswer NotOurs = new(DnsOutcome.NotOurs, [], [], []);
}
