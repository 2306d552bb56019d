using System.Buffers.Binary;
using System.Text;

namespace ActorOrchestrator.Actors.ServiceNetworking.Dns;

/// <summary>One question as it came over the wire (RFC 1035, RFC 6891).</summary>
/// <param name="Id">The asker's number.</param>
/// <param name="Flags">The header's second word.</param>
/// <param name="Name">Lower case, no dot at the end; bytes that are no letters, digits, '-' or '_' are written as <c>\ddd</c>, so that such a name equals no other.</param>
/// <param name="Question">The question section as it came: answers repeat it byte by byte.</param>
/// <param name="UdpSize">What the asker takes in one datagram.</param>
/// <param name="EdnsVersion">Null: the asker does not speak EDNS.</param>
public sealed record DnsQuery(ushort Id, ushort Flags, string Name, DnsType Type, ushort Class, byte[] Question, int UdpSize, byte? EdnsVersion, bool DnssecOk)
{
    public const int HeaderLength = 12;
    public const int PlainUdpSize = 512;
    private const ushort ResponseFlag = 0x8000;
    private const ushort OptType = 41;
    private const int NameLimit = 255;

    public int Opcode => (Flags >> 11) & 0xf;
    public bool CheckingDisabled => (Flags & 0x10) != 0;

    /// <summary>Null when it is no question that can be read; <paramref name="answerable"/> then says whether a FORMERR may be sent
    /// (never to an answer: two servers would go on for ever).</summary>
    public static DnsQuery? Read(ReadOnlySpan<byte> packet, out bool answerable)
    {
        answerable = packet.Length >= HeaderLength && (BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) & ResponseFlag) == 0;
        if (!answerable || BinaryPrimitives.ReadUInt16BigEndian(packet[4..]) != 1)
        {
            return null;
        }

        var at = HeaderLength;
        if (ReadPlainName(packet, ref at) is not { } name || at + 4 > packet.Length)
        {
            return null;
        }

        var type = BinaryPrimitives.ReadUInt16BigEndian(packet[at..]);
        var @class = BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 2)..]);
        at += 4;
        var question = packet[HeaderLength..at].ToArray();
        var (udpSize, version, dnssecOk) = ReadEdns(packet, at);
        return new DnsQuery(
            BinaryPrimitives.ReadUInt16BigEndian(packet), BinaryPrimitives.ReadUInt16BigEndian(packet[2..]), name, (DnsType)type, @class, question, udpSize, version, dnssecOk);
    }

    /// <summary>A name of a question: there is nothing before it that it could point back to.</summary>
    private static string? ReadPlainName(ReadOnlySpan<byte> packet, ref int at)
    {
        var name = new StringBuilder();
        var start = at;
        while (at < packet.Length)
        {
            int length = packet[at++];
            if (length == 0)
            {
                return at - start <= NameLimit ? name.ToString() : null;
            }

            if (length > 63 || at + length > packet.Length)
            {
                return null;
            }

            if (name.Length > 0)
            {
                name.Append('.');
            }

            DnsNames.AppendLabel(name, packet.Slice(at, length));
            at += length;
        }

        return null;
    }

    private static (int UdpSize, byte? Version, bool DnssecOk) ReadEdns(ReadOnlySpan<byte> packet, int at)
    {
        var records = BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) + BinaryPrimitives.ReadUInt16BigEndian(packet[8..]) + BinaryPrimitives.ReadUInt16BigEndian(packet[10..]);
        for (var record = 0; record < records && DnsNames.Skip(packet, ref at) && at + 10 <= packet.Length; record++)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(packet[at..]) == OptType)
            {
                int size = BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 2)..]);
                return (Math.Max(size, PlainUdpSize), packet[at + 5], (packet[at + 6] & 0x80) != 0);
            }

            at += 10 + BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 8)..]);
        }

        return (PlainUdpSize, null, false);
    }
}

/// <summary>Names on the wire.</summary>
public static class DnsNames
{
    private const int PointerLimit = 32;

    public static void AppendLabel(StringBuilder name, ReadOnlySpan<byte> label)
    {
        foreach (var value in label)
        {
            var c = (char)value;
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            {
                name.Append(char.ToLowerInvariant(c));
            }
            else
            {
                name.Append('\\').Append(value.ToString("000", System.Globalization.CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Moves past a name, which may end in a pointer; false when the packet ends first.</summary>
    public static bool Skip(ReadOnlySpan<byte> packet, ref int at)
    {
        while (at < packet.Length)
        {
            int length = packet[at];
            if (length >= 0xc0)
            {
                at += 2;
                return at <= packet.Length;
            }

            at += length + 1;
            if (length == 0)
            {
                return true;
            }

            if (length > 63)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>A name that may point back into the packet; null when it is malformed or turns in a circle.</summary>
    public static string? Read(ReadOnlySpan<byte> packet, int at)
    {
        var name = new StringBuilder();
        for (var pointers = 0; at < packet.Length;)
        {
            int length = packet[at];
            if (length == 0)
            {
                return name.ToString();
            }

            if (length >= 0xc0)
            {
                if (at + 1 >= packet.Length || ++pointers > PointerLimit)
                {
                    return null;
                }

                at = ((length & 0x3f) << 8) | packet[at + 1];
                continue;
            }

            if (length > 63 || at + 1 + length > packet.Length || name.Length > 1024)
            {
                return null;
            }

            if (name.Length > 0)
            {
                name.Append('.');
            }

            AppendLabel(name, packet.Slice(at + 1, length));
            at += length + 1;
        }

        return null;
    }
}
