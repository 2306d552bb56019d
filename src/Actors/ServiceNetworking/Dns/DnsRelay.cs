using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;

namespace ActorOrchestrator.Actors.ServiceNetworking.Dns;

/// <summary>Other servers' answers, passed on as they came: records that we do not know stay whole.</summary>
public static class DnsRelay
{
    private const ushort OptType = 41;
    private const ushort RecursionDesired = 0x0100;

    /// <summary>The question as we ask it: our own number, recursion, EDNS only if the asker speaks it.</summary>
    public static byte[] Question(DnsQuery query, ushort id)
    {
        var edns = query.EdnsVersion is not null;
        var packet = new byte[DnsQuery.HeaderLength + query.Question.Length + (edns ? 11 : 0)];
        BinaryPrimitives.WriteUInt16BigEndian(packet, id);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(RecursionDesired | (query.Flags & 0x0030)));
        packet[5] = 1;
        query.Question.CopyTo(packet, DnsQuery.HeaderLength);
        if (edns)
        {
            packet[11] = 1;
            var opt = packet.AsSpan(DnsQuery.HeaderLength + query.Question.Length);
            BinaryPrimitives.WriteUInt16BigEndian(opt[1..], OptType);
            BinaryPrimitives.WriteUInt16BigEndian(opt[3..], DnsResponse.SafeUdpSize);
            opt[7] = (byte)(query.DnssecOk ? 0x80 : 0);
        }

        return packet;
    }

    /// <summary>Whether a packet answers our question and not another one: the number, the response flag and the question must agree.</summary>
    public static bool Answers(ReadOnlySpan<byte> packet, ushort id, DnsQuery query) =>
        packet.Length >= DnsQuery.HeaderLength + query.Question.Length
        && BinaryPrimitives.ReadUInt16BigEndian(packet) == id
        && (packet[2] & 0x80) != 0
        && BinaryPrimitives.ReadUInt16BigEndian(packet[4..]) == 1
        && SameQuestion(packet.Slice(DnsQuery.HeaderLength, query.Question.Length), query.Question);

    public static bool IsTruncated(ReadOnlySpan<byte> answer) => (answer[2] & 0x02) != 0;

    public static DnsCode CodeOf(ReadOnlySpan<byte> answer) => (DnsCode)(answer[3] & 0xf);

    /// <summary>The answer for one asker: its number and its spelling of the name, times to live lowered by the answer's age.</summary>
    public static byte[] For(DnsQuery query, ReadOnlySpan<byte> answer, ImmutableArray<int> ttlOffsets, int ageSeconds, int limit)
    {
        if (answer.Length > limit)
        {
            return DnsResponse.Truncated(query);
        }

        var packet = answer.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(packet, query.Id);
        packet[2] = (byte)((packet[2] & ~0x01) | (query.Flags >> 8 & 0x01));
        query.Question.CopyTo(packet, DnsQuery.HeaderLength);
        foreach (var offset in ttlOffsets)
        {
            var ttl = BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(offset));
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(offset), ttl > ageSeconds ? ttl - (uint)ageSeconds : 0);
        }

        return packet;
    }

    /// <summary>Where the times to live are. Null when the packet is malformed.</summary>
    public static ImmutableArray<int>? TtlOffsets(ReadOnlySpan<byte> answer)
    {
        var offsets = ImmutableArray.CreateBuilder<int>();
        var well = Walk(answer, (type, _, ttlAt, _, _) =>
        {
            if (type != OptType)
            {
                offsets.Add(ttlAt);
            }
        });
        return well ? offsets.ToImmutable() : null;
    }

    /// <summary>The shortest time to live in seconds; 0 when there is none.</summary>
    public static int ShortestTtl(ReadOnlySpan<byte> answer, ImmutableArray<int> offsets)
    {
        var shortest = offsets.IsEmpty ? 0u : uint.MaxValue;
        foreach (var offset in offsets)
        {
            shortest = Math.Min(shortest, BinaryPrimitives.ReadUInt32BigEndian(answer[offset..]));
        }

        return (int)Math.Min(shortest, int.MaxValue);
    }

    /// <summary>The addresses and aliases among the answers, for a name of ours that leads outside.</summary>
    public static ImmutableArray<DnsRecord> Addresses(byte[] answer)
    {
        var records = ImmutableArray.CreateBuilder<DnsRecord>();
        int left = BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(6));
        Walk(answer, (type, nameAt, ttlAt, dataAt, length) =>
        {
            if (left-- <= 0 || DnsNames.Read(answer, nameAt) is not { } name || name.Contains('\\'))
            {
                return;
            }

            DnsData? data = (DnsType)type switch
            {
                DnsType.A when length == 4 => new DnsData.Address(new IPAddress(answer.AsSpan(dataAt, 4))),
                DnsType.Aaaa when length == 16 => new DnsData.Address(new IPAddress(answer.AsSpan(dataAt, 16))),
                DnsType.CName when DnsNames.Read(answer, dataAt) is { } target && !target.Contains('\\') => new DnsData.CName(target),
                _ => null,
            };
            if (data is not null)
            {
                records.Add(new DnsRecord(name, data));
            }
        });
        return records.ToImmutable();
    }

    private delegate void OnRecord(ushort type, int nameAt, int ttlAt, int dataAt, int length);

    private static bool Walk(ReadOnlySpan<byte> packet, OnRecord onRecord)
    {
        var at = DnsQuery.HeaderLength;
        int questions = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        for (; questions > 0; questions--)
        {
            if (!DnsNames.Skip(packet, ref at))
            {
                return false;
            }

            at += 4;
        }

        var records = BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) + BinaryPrimitives.ReadUInt16BigEndian(packet[8..]) + BinaryPrimitives.ReadUInt16BigEndian(packet[10..]);
        for (; records > 0; records--)
        {
            var nameAt = at;
            if (!DnsNames.Skip(packet, ref at) || at + 10 > packet.Length)
            {
                return false;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 8)..]);
            if (at + 10 + length > packet.Length)
            {
                return false;
            }

            onRecord(BinaryPrimitives.ReadUInt16BigEndian(packet[at..]), nameAt, at + 4, at + 10, length);
            at += 10 + length;
        }

        return true;
    }

    private static bool SameQuestion(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        for (var index = 0; index < left.Length; index++)
        {
            if (Lower(left[index]) != Lower(right[index]))
            {
                return false;
            }
        }

        return true;

        static byte Lower(byte value) => value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value + 32) : value;
    }
}
