using System.Buffers.Binary;
using System.Collections.Immutable;
using System.ComponentModel;
using System.Net;
using System.Runtime.InteropServices;
using ActorOrchestrator.Actors.ServiceNetworking.Proxy;

namespace ActorOrchestrator.Host.Kernel;

/// <summary><see cref="IConntrack"/> by nfnetlink, so that no conntrack program is needed. The kernel answers at once; nothing blocks.</summary>
public sealed class ConntrackNetlink : IConntrack
{
    public Task<IReadOnlyList<UdpFlow>> UdpFlowsAsync(CancellationToken cancellation) => Task.Run<IReadOnlyList<UdpFlow>>(
        () =>
        {
            using var socket = new NetlinkSocket();
            socket.Send(ConntrackMessages.Dump());
            var flows = new List<UdpFlow>();
            while (!cancellation.IsCancellationRequested && ConntrackMessages.ReadFlows(socket.Receive(), flows))
            {
            }

            return flows;
        },
        cancellation);

    public Task DeleteAsync(IReadOnlyList<UdpFlow> flows, CancellationToken cancellation) => Task.Run(
        () =>
        {
            using var socket = new NetlinkSocket();
            foreach (var flow in flows)
            {
                cancellation.ThrowIfCancellationRequested();
                socket.Send(ConntrackMessages.Delete(flow));
                var error = ConntrackMessages.ReadError(socket.Receive());
                if (error is not 0 and not NetlinkSocket.NoEntry)
                {
                    throw new NetfilterException($"The kernel did not forget a UDP flow to {flow.Destination}:{flow.DestinationPort}: {new Win32Exception(-error).Message}");
                }
            }
        },
        cancellation);

    public IReadOnlySet<IPAddress> LocalAddresses() => LinuxNodeKernel.LocalAddresses();
}

/// <summary>A netlink socket of the netfilter family. Each use has its own; requests are answered before the next one.</summary>
internal sealed partial class NetlinkSocket : IDisposable
{
    /// <summary>-ENOENT: what should be forgotten already is.</summary>
    public const int NoEntry = -2;

    private const int Family = 16, Raw = 3, CloseOnExec = 0x80000, Netfilter = 12;
    private const int SocketLevel = 1, ReceiveTimeout = 20;
    private readonly int _descriptor;
    private readonly byte[] _buffer = new byte[64 * 1024];

    public NetlinkSocket()
    {
        _descriptor = Check(Socket(Family, Raw | CloseOnExec, Netfilter), "socket");

        // struct timeval of two 64-bit numbers: a lost answer must not hold the thread.
        Check(SetOption(_descriptor, SocketLevel, ReceiveTimeout, [2, 0], 16), "setsockopt");
    }

    public void Send(byte[] message) => Check((int)Send(_descriptor, message, message.Length, 0), "send");

    public ReadOnlySpan<byte> Receive() => _buffer.AsSpan(0, Check((int)Receive(_descriptor, _buffer, _buffer.Length, 0), "recv"));

    public void Dispose() => _ = Close(_descriptor);

    private static int Check(int result, string call) =>
        result >= 0 ? result : throw new NetfilterException($"netlink {call}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(int descriptor, int level, int name, long[] value, uint length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int descriptor, byte[] buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int descriptor, byte[] buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}

/// <summary>The few messages of linux/netfilter/nfnetlink_conntrack.h that are needed, as bytes.</summary>
internal static class ConntrackMessages
{
    private const int HeaderLength = 16, NetfilterHeaderLength = 4;
    private const ushort Get = (1 << 8) | 1, DeleteEntry = (1 << 8) | 2;
    private const ushort Request = 1, Acknowledge = 4, DumpFlags = 0x300, Nested = 0x8000;
    private const ushort ErrorType = 2, DoneType = 3;
    private const ushort TupleOriginal = 1, TupleReply = 2;
    private const ushort TupleIp = 1, TupleProtocol = 2;
    private const ushort IpSource = 1, IpDestination = 2;
    private const ushort ProtocolNumber = 1, ProtocolSource = 2, ProtocolDestination = 3;
    private const byte Inet = 2, Udp = 17;

    public static byte[] Dump() => Message(Get, Request | DumpFlags, []);

    public static byte[] Delete(UdpFlow flow)
    {
        var ip = (byte[])[.. Attribute(IpSource, flow.Source.GetAddressBytes()), .. Attribute(IpDestination, flow.Destination.GetAddressBytes())];
        var protocol = (byte[])
        [
            .. Attribute(ProtocolNumber, [Udp]), .. Attribute(ProtocolSource, Port(flow.SourcePort)), .. Attribute(ProtocolDestination, Port(flow.DestinationPort)),
        ];
        return Message(
            DeleteEntry, Request | Acknowledge,
            Attribute(TupleOriginal | Nested, [.. Attribute(TupleIp | Nested, ip), .. Attribute(TupleProtocol | Nested, protocol)]));
    }

    /// <returns>False at the end of the dump.</returns>
    public static bool ReadFlows(ReadOnlySpan<byte> datagram, List<UdpFlow> flows)
    {
        while (datagram.Length >= HeaderLength)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(datagram);
            var type = BinaryPrimitives.ReadUInt16LittleEndian(datagram[4..]);
            if (type == DoneType || length < HeaderLength || length > datagram.Length)
            {
                return false;
            }

            if (type == ErrorType)
            {
                var error = BinaryPrimitives.ReadInt32LittleEndian(datagram[HeaderLength..]);
                throw new NetfilterException($"The kernel refused to list its connections: {new Win32Exception(-error).Message}");
            }

            var attributes = Attributes(datagram[(HeaderLength + NetfilterHeaderLength)..length]);
            if (ReadTuple(attributes.GetValueOrDefault(TupleOriginal)) is { } original && ReadTuple(attributes.GetValueOrDefault(TupleReply)) is { } reply)
            {
                flows.Add(new UdpFlow(original.Source, original.SourcePort, original.Destination, original.DestinationPort, reply.Source, reply.SourcePort));
            }

            datagram = datagram[Math.Min(Align(length), datagram.Length)..];
        }

        return true;
    }

    /// <summary>0 or a negative errno.</summary>
    public static int ReadError(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= HeaderLength + 4 && BinaryPrimitives.ReadUInt16LittleEndian(datagram[4..]) == ErrorType
            ? BinaryPrimitives.ReadInt32LittleEndian(datagram[HeaderLength..])
            : 0;

    private static (IPAddress Source, int SourcePort, IPAddress Destination, int DestinationPort)? ReadTuple(byte[]? tuple)
    {
        var parts = Attributes(tuple);
        var ip = Attributes(parts.GetValueOrDefault(TupleIp));
        var protocol = Attributes(parts.GetValueOrDefault(TupleProtocol));
        return protocol.GetValueOrDefault(ProtocolNumber) is [Udp]
            && ip.GetValueOrDefault(IpSource) is { Length: 4 } source && ip.GetValueOrDefault(IpDestination) is { Length: 4 } destination
            && protocol.GetValueOrDefault(ProtocolSource) is { Length: 2 } sourcePort && protocol.GetValueOrDefault(ProtocolDestination) is { Length: 2 } destinationPort
                ? (new IPAddress(source), BinaryPrimitives.ReadUInt16BigEndian(sourcePort), new IPAddress(destination), BinaryPrimitives.ReadUInt16BigEndian(destinationPort))
                : null;
    }

    private static ImmutableDictionary<ushort, byte[]> Attributes(ReadOnlySpan<byte> bytes)
    {
        var attributes = ImmutableDictionary.CreateBuilder<ushort, byte[]>();
        while (bytes.Length >= 4)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
            if (length < 4 || length > bytes.Length)
            {
                break;
            }

            attributes[(ushort)(BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]) & 0x3fff)] = bytes[4..length].ToArray();
            bytes = bytes[Math.Min(Align(length), bytes.Length)..];
        }

        return attributes.ToImmutable();
    }

    private static byte[] Message(ushort type, int flags, ReadOnlySpan<byte> attributes)
    {
        var message = new byte[HeaderLength + NetfilterHeaderLength + attributes.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), type);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(6), (ushort)flags);
        message[HeaderLength] = Inet;
        attributes.CopyTo(message.AsSpan(HeaderLength + NetfilterHeaderLength));
        return message;
    }

    private static byte[] Attribute(int type, ReadOnlySpan<byte> value)
    {
        var attribute = new byte[Align(4 + value.Length)];
        BinaryPrimitives.WriteUInt16LittleEndian(attribute, (ushort)(4 + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(attribute.AsSpan(2), (ushort)type);
        value.CopyTo(attribute.AsSpan(4));
        return attribute;
    }

    private static byte[] Port(int port) => [(byte)(port >> 8), (byte)port];

    private static int Align(int length) => (length + 3) & ~3;
}
