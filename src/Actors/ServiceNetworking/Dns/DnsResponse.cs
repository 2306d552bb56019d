using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace ActorOrchestrator.Actors.ServiceNetworking.Dns;

public enum DnsCode : byte
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,
    NoSuchName = 3,
    NotImplemented = 4,
    Refused = 5,
}

/// <summary>Answers → bytes. Pure; the same answer always gives the same bytes.</summary>
public static class DnsResponse
{
    /// <summary>What is sent in one datagram at most, so that it is never cut into fragments (dnsflagday.net/2020).</summary>
    public const int SafeUdpSize = 1232;

    private const ushort OptType = 41;
    private const byte BadVersion = 1;

    /// <summary>A reply to what could not even be read.</summary>
    public static byte[] FormatError(ReadOnlySpan<byte> packet)
    {
        var response = new byte[DnsQuery.HeaderLength];
        packet[..2].CopyTo(response);
        BinaryPrimitives.WriteUInt16BigEndian(response.AsSpan(2), (ushort)(0x8000 | (packet[2] << 8 & 0x7900) | (int)DnsCode.FormatError));
        return response;
    }

    /// <summary>A reply without records.</summary>
    public static byte[] Failure(DnsQuery query, DnsCode code) => Encode(query, code, authoritative: false, [], [], [], 0, DnsQuery.PlainUdpSize);

    /// <summary>A reply to an EDNS version that is not 0 (BADVERS, RFC 6891 6.1.3).</summary>
    public static byte[] UnknownEdnsVersion(DnsQuery query)
    {
        var response = Failure(query, DnsCode.NoError);
        response[^6] = BadVersion;
        return response;
    }

    /// <summary>
    /// A reply of the zone. What does not fit loses its additional records first; then it is sent empty and marked truncated, and the asker comes back over TCP.
    /// </summary>
    /// <param name="rotation">Turns the addresses round, so that askers who take the first do not all take the same.</param>
    public static byte[] Of(DnsQuery query, DnsAnswer answer, int ttlSeconds, int limit, int rotation)
    {
        var code = answer.Outcome == DnsOutcome.NoSuchName ? DnsCode.NoSuchName : DnsCode.NoError;
        var answers = Rotate(answer.Answers, rotation);
        var whole = Encode(query, code, authoritative: true, answers, answer.Authority, answer.Additional, ttlSeconds, limit);
        if (whole.Length <= limit)
        {
            return whole;
        }

        var bare = Encode(query, code, authoritative: true, answers, answer.Authority, [], ttlSeconds, limit);
        return bare.Length <= limit ? bare : Truncated(query);
    }

    public static byte[] Truncated(DnsQuery query)
    {
        var response = Encode(query, DnsCode.NoError, authoritative: false, [], [], [], 0, DnsQuery.PlainUdpSize);
        response[2] |= 0x02;
        return response;
    }

    private static ImmutableArray<DnsRecord> Rotate(ImmutableArray<DnsRecord> answers, int rotation)
    {
        var fixedPart = answers.TakeWhile(record => record.Data is DnsData.CName).Count();
        var turning = answers.Length - fixedPart;
        return turning < 2
            ? answers
            : [.. answers.Take(fixedPart), .. Enumerable.Range(0, turning).Select(index => answers[fixedPart + (int)((index + (uint)rotation) % turning)])];
    }

    private static byte[] Encode(
        DnsQuery query, DnsCode code, bool authoritative, ImmutableArray<DnsRecord> answers, ImmutableArray<DnsRecord> authority, ImmutableArray<DnsRecord> additional, int ttl, int sizeHint)
    {
        var writer = new Writer(sizeHint);
        writer.Number16(query.Id);

        // Response, the asker's opcode, RD and CD, recursion available.
        writer.Number16((ushort)(0x8000 | (query.Flags & 0x7900) | (query.Flags & 0x0010) | 0x0080 | (authoritative ? 0x0400 : 0) | (int)code));
        writer.Number16(1);
        writer.Number16((ushort)answers.Length);
        writer.Number16((ushort)authority.Length);
        writer.Number16((ushort)(additional.Length + (query.EdnsVersion is null ? 0 : 1)));
        writer.Question(query);
        foreach (var record in answers.Concat(authority).Concat(additional))
        {
            writer.Record(record, ttl);
        }

        if (query.EdnsVersion is not null)
        {
            writer.Byte(0);
            writer.Number16(OptType);
            writer.Number16(SafeUdpSize);
            writer.Number32(query.DnssecOk ? 0x8000u : 0);
            writer.Number16(0);
        }

        return writer.ToArray();
    }

    private sealed class Writer(int sizeHint)
    {
        private readonly List<byte> _bytes = new(sizeHint);
        private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

        public byte[] ToArray() => [.. _bytes];

        public void Byte(byte value) => _bytes.Add(value);

        public void Number16(ushort value)
        {
            _bytes.Add((byte)(value >> 8));
            _bytes.Add((byte)value);
        }

        public void Number32(uint value)
        {
            Number16((ushort)(value >> 16));
            Number16((ushort)value);
        }

        public void Question(DnsQuery query)
        {
            var at = _bytes.Count;
            _bytes.AddRange(query.Question);
            for (var name = query.Name; name.Length > 0 && !name.Contains('\\');)
            {
                _places.TryAdd(name, at);
                var dot = name.IndexOf('.');
                at += (dot < 0 ? name.Length : dot) + 1;
                name = dot < 0 ? "" : name[(dot + 1)..];
            }
        }

        public void Record(DnsRecord record, int ttl)
        {
            Name(record.Name);
            Number16((ushort)record.Data.Type);
            Number16(1);
            Number32((uint)ttl);
            var lengthAt = _bytes.Count;
            Number16(0);
            Data(record.Data, ttl);
            var length = _bytes.Count - lengthAt - 2;
            _bytes[lengthAt] = (byte)(length >> 8);
            _bytes[lengthAt + 1] = (byte)length;
        }

        private void Data(DnsData data, int ttl)
        {
            switch (data)
            {
                case DnsData.Address address:
                    _bytes.AddRange(address.Value.GetAddressBytes());
                    break;
                case DnsData.Srv srv:
                    Number16(0);
                    Number16((ushort)srv.Weight);
                    Number16((ushort)srv.Port);

                    // RFC 2782: the target is not compressed.
                    Name(srv.Target, compress: false);
                    break;
                case DnsData.Pointer pointer:
                    Name(pointer.Target);
                    break;
                case DnsData.CName alias:
                    Name(alias.Target);
                    break;
                case DnsData.NameServer server:
                    Name(server.Target);
                    break;
                case DnsData.Text text:
                    var bytes = Encoding.ASCII.GetBytes(text.Value);
                    Byte((byte)bytes.Length);
                    _bytes.AddRange(bytes);
                    break;
                case DnsData.StartOfAuthority soa:
                    Name(soa.Primary);
                    Name(soa.Mailbox);
                    Number32(soa.Serial);
                    Number32(7200);
                    Number32(1800);
                    Number32(86400);
                    Number32((uint)ttl);
                    break;
                default:
                    throw new InvalidOperationException($"A record of type {data.Type} has no wire form.");
            }
        }

        private void Name(string name, bool compress = true)
        {
            while (name.Length > 0)
            {
                if (compress && _places.TryGetValue(name, out var place))
                {
                    Number16((ushort)(0xc000 | place));
                    return;
                }

                if (_bytes.Count < 0x4000)
                {
                    _places.TryAdd(name, _bytes.Count);
                }

                var dot = name.IndexOf('.');
                var label = dot < 0 ? name : name[..dot];
                Byte((byte)label.Length);
                _bytes.AddRange(Encoding.ASCII.GetBytes(label));
                name = dot < 0 ? "" : name[(dot + 1)..];
            }

            Byte(0);
        }
    }
}
