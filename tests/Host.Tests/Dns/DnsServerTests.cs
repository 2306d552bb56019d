using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Actors.ServiceNetworking.Dns;
using ActorOrchestrator.Host.Dns;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;
using DnsServer = ActorOrchestrator.Host.Dns.DnsServer;

namespace ActorOrchestrator.Host.Tests.Dns;

/// <summary>Our server on loopback, asked by another house's client.</summary>
public sealed class DnsServerTests : IDisposable
{
    private static readonly NetworkSettings Network = new(
        Cidr.Parse("10.42.0.0/16"), Cidr.Parse("10.43.0.0/16"), "cluster.local", IPAddress.Parse("10.43.0.10"), "orc0");

    private readonly List<IDisposable> _owned = [];

    [Fact]
    public async Task Names_of_the_cluster_are_answered_over_udp_and_tcp()
    {
        var server = Start([], new DnsRecord("web.shop.svc.cluster.local", new DnsData.Address(IPAddress.Parse("10.43.0.7"))));
        foreach (var tcp in (bool[])[false, true])
        {
            var answer = await AskAsync(server, "Web.Shop.svc.cluster.local", RecordType.A, tcp);
            Assert.Equal(ReturnCode.NoError, answer.ReturnCode);
            Assert.True(answer.IsAuthoritiveAnswer);
            Assert.Equal(IPAddress.Parse("10.43.0.7"), Assert.IsType<ARecord>(Assert.Single(answer.AnswerRecords)).Address);

            var none = await AskAsync(server, "web.shop.svc.cluster.local", RecordType.Aaaa, tcp);
            Assert.Equal(ReturnCode.NoError, none.ReturnCode);
            Assert.Empty(none.AnswerRecords);
            Assert.IsType<SoaRecord>(Assert.Single(none.AuthorityRecords));

            Assert.Equal(ReturnCode.NxDomain, (await AskAsync(server, "no.shop.svc.cluster.local", RecordType.A, tcp)).ReturnCode);
        }
    }

    [Fact]
    public async Task An_answer_too_long_for_a_datagram_is_truncated_and_whole_over_tcp()
    {
        var many = Enumerable.Range(1, 200).Select(index => new DnsRecord("db.shop.svc.cluster.local", new DnsData.Address(IPAddress.Parse($"10.42.0.{index}")))).ToArray();
        var server = Start([], many);

        var udp = await RawAsync(server, Packet("db.shop.svc.cluster.local"));
        Assert.True(DnsMessage.Parse(udp).IsTruncated);
        Assert.True(udp.Length <= 512);
        var tcp = await AskAsync(server, "db.shop.svc.cluster.local", RecordType.A, tcp: true);
        Assert.Equal(200, tcp.AnswerRecords.Count);
    }

    [Fact]
    public async Task Other_names_are_forwarded_once_and_kept_for_their_time_to_live()
    {
        var outside = new Upstream(new DnsRecord("www.example.org", new DnsData.Address(IPAddress.Parse("203.0.113.5"))));
        _owned.Add(outside);
        var server = Start([outside.Address]);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AskAsync(server, "www.example.org", RecordType.A, tcp: false)));
        Assert.All(answers, answer => Assert.Equal(IPAddress.Parse("203.0.113.5"), ((ARecord)answer.AnswerRecords.Single()).Address));
        Assert.Equal(1, outside.Asked);
    }

    [Fact]
    public async Task An_external_name_is_followed_to_its_address()
    {
        var outside = new Upstream(new DnsRecord("docs.example.org", new DnsData.Address(IPAddress.Parse("203.0.113.6"))));
        _owned.Add(outside);
        var server = Start([outside.Address], new DnsRecord("docs.shop.svc.cluster.local", new DnsData.CName("docs.example.org")));

        var answer = await AskAsync(server, "docs.shop.svc.cluster.local", RecordType.A, tcp: false);
        Assert.Equal("docs.example.org.", answer.AnswerRecords.OfType<CNameRecord>().Single().CanonicalName.ToString());
        Assert.Equal(IPAddress.Parse("203.0.113.6"), answer.AnswerRecords.OfType<ARecord>().Single().Address);
    }

    [Fact]
    public async Task A_loop_of_servers_ends_in_a_failure()
    {
        var port = FreePort();
        var server = Start([$"127.0.0.1:{port}"], port, loops: true);

        Assert.Equal(ReturnCode.ServerFailure, (await AskAsync(server, "www.example.org", RecordType.A, tcp: false)).ReturnCode);
    }

    [Fact]
    public async Task Whatever_arrives_the_next_question_is_answered()
    {
        var server = Start([], new DnsRecord("web.shop.svc.cluster.local", new DnsData.Address(IPAddress.Parse("10.43.0.7"))));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var good = Packet("web.shop.svc.cluster.local");
        for (var index = 0; index < 500; index++)
        {
            var packet = index % 2 == 0 ? RandomNumberGenerator.GetBytes(index % 90) : (byte[])good.Clone();
            if (index % 2 == 1)
            {
                packet[RandomNumberGenerator.GetInt32(packet.Length)] ^= (byte)(1 << (index % 8));
            }

            await socket.SendToAsync(packet, server);
        }

        Assert.Equal(ReturnCode.NoError, (await AskAsync(server, "web.shop.svc.cluster.local", RecordType.A, tcp: false)).ReturnCode);
    }

    public void Dispose() => _owned.ForEach(one => one.Dispose());

    private IPEndPoint Start(IReadOnlyList<string> upstreams, params DnsRecord[] records) => Start(upstreams, FreePort(), loops: false, records);

    private IPEndPoint Start(IReadOnlyList<string> upstreams, int port, bool loops, params DnsRecord[] records)
    {
        var settings = new DnsSettings(
            port, TimeSpan.FromSeconds(5), upstreams, loops ? TimeSpan.FromMilliseconds(300) : TimeSpan.FromMinutes(1), 100, 10, 100, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        var empty = DnsZone.Empty(Network);
        var zone = empty.With([], records, empty.Namespaces.Add("shop"));
        var address = new IPEndPoint(IPAddress.Loopback, port);
        var forwarder = new DnsForwarder(settings, new HostResolvers(settings, "/nonexistent"), TimeProvider.System);
        _owned.Add(new DnsServer(settings, forwarder).Listen(address, () => zone));
        return address;
    }

    private static async Task<DnsMessage> AskAsync(IPEndPoint server, string name, RecordType type, bool tcp)
    {
        IClientTransport transport = tcp ? new TcpClientTransport(server.Port) : new UdpClientTransport(server.Port);
        using var client = new DnsClient([server.Address], [transport], true, 3000);
        for (var attempt = 0; attempt < 20; attempt++)
        {
            // A datagram may be lost, as when the server's buffer is full of what came before: every client asks again.
            if (await client.ResolveAsync(DomainName.Parse(name), type) is { } answer)
            {
                return answer;
            }
        }

        throw new InvalidOperationException($"{name} got no answer.");
    }

    private static byte[] Packet(string name) =>
    [
        0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. label.Select(c => (byte)c)]), 0, 0, 1, 0, 1,
    ];

    private static async Task<byte[]> RawAsync(IPEndPoint server, byte[] packet)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server);
        await socket.SendAsync(packet);
        var buffer = new byte[4096];
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        return buffer[..await socket.ReceiveAsync(buffer, limit.Token)];
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Another server, that knows one record.</summary>
    private sealed class Upstream : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        private int _asked;

        public Upstream(DnsRecord record)
        {
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _ = ServeAsync(record);
        }

        public string Address => _socket.LocalEndPoint!.ToString()!;

        public int Asked => _asked;

        public void Dispose() => _socket.Dispose();

        private async Task ServeAsync(DnsRecord record)
        {
            var buffer = new byte[4096];
            try
            {
                while (true)
                {
                    var received = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                    Interlocked.Increment(ref _asked);
                    var query = DnsQuery.Read(buffer.AsSpan(0, received.ReceivedBytes), out _)!;
                    var known = query.Name == record.Name && query.Type == record.Data.Type;
                    var answer = new DnsAnswer(known ? DnsOutcome.Found : DnsOutcome.NoSuchName, known ? [record] : [], [], []);
                    await _socket.SendToAsync(DnsResponse.Of(query, answer, 60, 1232, 0), received.RemoteEndPoint);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
