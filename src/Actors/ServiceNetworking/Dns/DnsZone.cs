using System.Collections.Immutable;
using System.Net;

namespace ActorOrchestrator.Actors.ServiceNetworking.Dns;

/// <summary>
/// Everything that the cluster answers for, immutable: the server reads it from any thread. A name exists when it has records or
/// when a longer name does.
/// </summary>
public sealed class DnsZone
{
    private const int CNameLimit = 8;
    private readonly ImmutableDictionary<string, ImmutableArray<DnsData>> _records;
    private readonly ImmutableDictionary<string, int> _parents;
    private readonly ImmutableHashSet<string> _namespaces;
    private readonly NetworkSettings _network;
    private readonly uint _serial;

    private DnsZone(
        ImmutableDictionary<string, ImmutableArray<DnsData>> records, ImmutableDictionary<string, int> parents, ImmutableHashSet<string> namespaces, NetworkSettings network, uint serial)
    {
        (_records, _parents, _namespaces, _network, _serial) = (records, parents, namespaces, network, serial);
    }

    public static DnsZone Empty(NetworkSettings network)
    {
        var none = new DnsZone(
            ImmutableDictionary.Create<string, ImmutableArray<DnsData>>(StringComparer.Ordinal), ImmutableDictionary.Create<string, int>(StringComparer.Ordinal),
            ImmutableHashSet.Create<string>(StringComparer.Ordinal), network, 1);
        var domain = network.ClusterDomain;
        return none.With(
            [],
            [
                new DnsRecord($"dns-version.{domain}", new DnsData.Text("1.1.0")),
                new DnsRecord(domain, new DnsData.NameServer($"ns.dns.{domain}")),
                new DnsRecord($"ns.dns.{domain}", new DnsData.Address(network.DnsAddress)),
            ],
            none._namespaces);
    }

    public ImmutableHashSet<string> Namespaces => _namespaces;

    /// <summary>The zone with other records and namespaces; what is neither removed nor added stays.</summary>
    public DnsZone With(IEnumerable<DnsRecord> removed, IEnumerable<DnsRecord> added, ImmutableHashSet<string> namespaces)
    {
        var (records, parents) = (_records.ToBuilder(), _parents.ToBuilder());
        foreach (var (name, data) in removed)
        {
            var left = records[name].Remove(data);
            if (left.IsEmpty)
            {
                records.Remove(name);
                Count(parents, name, -1);
            }
            else
            {
                records[name] = left;
            }
        }

        foreach (var (name, data) in added)
        {
            if (!records.TryGetValue(name, out var present))
            {
                present = [];
                Count(parents, name, 1);
            }

            records[name] = present.Add(data);
        }

        return new DnsZone(records.ToImmutable(), parents.ToImmutable(), namespaces, _network, unchecked(_serial + 1));
    }

    /// <param name="name">Lower case, without the dot at the end.</param>
    /// <param name="type">Any number of the wire: what the zone does not have gets an empty answer.</param>
    public DnsAnswer Find(string name, DnsType type)
    {
        var domain = _network.ClusterDomain;
        if (name != domain && !name.EndsWith($".{domain}", StringComparison.Ordinal))
        {
            return FindReverse(name, type);
        }

        if (PodAddress(name) is { } pod)
        {
            return Answer(pod.Exists ? [new DnsRecord(name, new DnsData.Address(pod.Address))] : null, type);
        }

        return Follow(name, type);
    }

    private DnsAnswer Follow(string name, DnsType type)
    {
        var answers = ImmutableArray.CreateBuilder<DnsRecord>();
        for (var hops = 0; hops < CNameLimit; hops++)
        {
            var records = RecordsOf(name);
            if (answers.Count == 0 && records is null)
            {
                return Answer(null, type);
            }

            if (records?.FirstOrDefault(record => record.Data is DnsData.CName) is not { Data: DnsData.CName alias } record || type is DnsType.CName or DnsType.Any)
            {
                answers.AddRange(Matching(records ?? [], type));
                return Answer(answers, type);
            }

            answers.Add(record);
            name = alias.Target;
            if (name != _network.ClusterDomain && !name.EndsWith($".{_network.ClusterDomain}", StringComparison.Ordinal))
            {
                return Answer(answers, type) with { Continue = name };
            }
        }

        return Answer(answers, type);
    }

    /// <summary>Null when the name does not exist; empty when only longer names do.</summary>
    private ImmutableArray<DnsRecord>? RecordsOf(string name)
    {
        var domain = _network.ClusterDomain;
        if (_records.TryGetValue(name, out var found))
        {
            return [.. found.Select(data => new DnsRecord(name, data)), .. name == domain ? [Soa()] : ImmutableArray<DnsRecord>.Empty];
        }

        var exists = _parents.ContainsKey(name)
            || name == $"svc.{domain}" || name == $"pod.{domain}"
            || (name.EndsWith($".svc.{domain}", StringComparison.Ordinal) && _namespaces.Contains(name[..^(domain.Length + 5)]))
            || (name.EndsWith($".pod.{domain}", StringComparison.Ordinal) && _namespaces.Contains(name[..^(domain.Length + 5)]));
        return exists ? [] : null;
    }

    private DnsAnswer FindReverse(string name, DnsType type)
    {
        if (_records.ContainsKey(name) && name.EndsWith(".arpa", StringComparison.Ordinal))
        {
            return Answer([.. Matching(RecordsOf(name)!.Value, type)], type);
        }

        var ours = ReverseAddress(name) is { } address && (_network.ClusterCidr.Contains(address) || _network.ServiceCidr.Contains(address));
        return ours ? Answer(null, type) : DnsAnswer.NotOurs;
    }

    private DnsAnswer Answer(IEnumerable<DnsRecord>? records, DnsType type)
    {
        if (records is null)
        {
            return new DnsAnswer(DnsOutcome.NoSuchName, [], [], [Soa()]);
        }

        var answers = Matching(records, type).ToImmutableArray();
        var additional = answers
            .Select(record => record.Data).OfType<DnsData.Srv>().Select(srv => srv.Target).Distinct(StringComparer.Ordinal)
            .SelectMany(target => RecordsOf(target) ?? []).Where(record => record.Data is DnsData.Address).ToImmutableArray();
        return new DnsAnswer(DnsOutcome.Found, answers, additional, answers.IsEmpty ? [Soa()] : []);
    }

    private static IEnumerable<DnsRecord> Matching(IEnumerable<DnsRecord> records, DnsType type) =>
        records.Where(record => type == DnsType.Any || record.Data.Type == type || record.Data is DnsData.CName);

    /// <summary><c>10-42-0-7.guestbook.pod.cluster.local</c>: the name carries the answer, so that it needs no list of pods; the namespace must exist.</summary>
    private (IPAddress Address, bool Exists)? PodAddress(string name)
    {
        var suffix = $".pod.{_network.ClusterDomain}";
        if (!name.EndsWith(suffix, StringComparison.Ordinal) || name[..^suffix.Length].Split('.') is not [var dashed, var @namespace])
        {
            return null;
        }

        return Cidr.ParseAddress(dashed.Replace('-', '.')) is { } address ? (address, _namespaces.Contains(@namespace)) : null;
    }

    private static IPAddress? ReverseAddress(string name) =>
        name.EndsWith(".in-addr.arpa", StringComparison.Ordinal) ? Cidr.ParseAddress(string.Join('.', name[..^13].Split('.').Reverse())) : null;

    private DnsRecord Soa() => new(
        _network.ClusterDomain, new DnsData.StartOfAuthority($"ns.dns.{_network.ClusterDomain}", $"hostmaster.{_network.ClusterDomain}", _serial));

    private static void Count(ImmutableDictionary<string, int>.Builder parents, string name, int by)
    {
        for (var dot = name.IndexOf('.'); dot > 0; dot = name.IndexOf('.', dot + 1))
        {
            var parent = name[(dot + 1)..];
            var count = parents.GetValueOrDefault(parent) + by;
            if (count == 0)
            {
                parents.Remove(parent);
            }
            else
            {
                parents[parent] = count;
            }
        }
    }
}
