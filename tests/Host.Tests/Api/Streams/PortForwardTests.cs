using System.IO.Pipelines;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using ActorOrchestrator.Host.Api.Streams.Spdy;

namespace ActorOrchestrator.Host.Tests.Api.Streams;

/// <summary>Ports of a pod in the three ways that clients ask for them, to a program that repeats what it hears.</summary>
[Collection("api")]
public sealed class PortForwardTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly ApiHost _api;
    private string _pod = "";

    public PortForwardTests(ApiHost api)
    {
        _api = api;
        api.Nodes.Refusal = null;
        api.Nodes.Converse = EchoAsync;
    }

    public async Task InitializeAsync()
    {
        var ns = await _api.NamespaceAsync();
        await _api.PostAsync("/api/v1/nodes", """{"metadata":{"name":"n"}}""");
        await _api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"p"},"spec":{"nodeName":"n","containers":[{"name":"a","image":"i"}]}}""");
        _pod = $"/api/v1/namespaces/{ns}/pods/p/portforward";
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Several_connections_share_one_over_SPDY_and_inside_a_WebSocket(bool tunnelled)
    {
        using var peer = tunnelled ? await TunnelAsync() : await SpdyPeer.ConnectAsync(_api.Client.BaseAddress!, _pod, "portforward.k8s.io");
        var first = await OpenAsync(peer, "80", "0");
        var second = await OpenAsync(peer, "81", "1");
        Assert.EndsWith("&port=81", _api.Nodes.LastPath, StringComparison.Ordinal);
        var much = new byte[300_000];
        Random.Shared.NextBytes(much);

        await peer.SendAsync(second.Data, "second"u8.ToArray(), fin: true);
        foreach (var piece in much.Chunk(50_000))
        {
            await peer.SendAsync(first.Data, piece);
            await peer.UntilAsync(() => peer.Said(first.Data).Length > 0, "some of it has come back");
        }

        await peer.SendAsync(first.Data, [], fin: true);

        Assert.Equal("second", await peer.TextAsync(second.Data));
        Assert.Equal(much, await peer.ReadToEndAsync(first.Data));
        Assert.Equal(("", ""), (await peer.TextAsync(first.Error), await peer.TextAsync(second.Error)));
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_told_on_the_error_stream_and_the_others_go_on()
    {
        using var peer = await SpdyPeer.ConnectAsync(_api.Client.BaseAddress!, _pod, "portforward.k8s.io");
        _api.Nodes.Refusal = (502, "Connection refused\n");
        var dead = await OpenAsync(peer, "9999", "0");
        Assert.Matches("^error forwarding port 9999 to pod p, uid [0-9a-f-]+: Connection refused$", await peer.TextAsync(dead.Error));

        _api.Nodes.Refusal = null;
        var alive = await OpenAsync(peer, "80", "1");
        await peer.SendAsync(alive.Data, "x"u8.ToArray(), fin: true);
        Assert.Equal("x", await peer.TextAsync(alive.Data));
    }

    [Theory]
    [InlineData("data", "0")]
    [InlineData("data", "65536")]
    [InlineData("other", "80")]
    public async Task A_stream_that_makes_no_sense_is_reset(string type, string port)
    {
        using var peer = await SpdyPeer.ConnectAsync(_api.Client.BaseAddress!, _pod, "portforward.k8s.io");
        var stream = await peer.OpenAsync(("streamtype", type), ("port", port), ("requestid", "0"));
        await peer.UntilAsync(() => peer.WasReset(stream), "it is reset");
    }

    [Fact]
    public async Task A_client_that_resets_a_connection_or_goes_leaves_nothing_behind()
    {
        var peer = await SpdyPeer.ConnectAsync(_api.Client.BaseAddress!, _pod, "portforward.k8s.io");
        var one = await OpenAsync(peer, "80", "0");
        await peer.SendAsync(new RstStream(one.Data, SpdyStatus.Cancel));
        await peer.TextAsync(one.Error);

        await OpenAsync(peer, "80", "1");
        peer.Dispose();
        await _api.Nodes.Ended.WaitAsync(Patience);
    }

    [Theory]
    [InlineData("v4.channel.k8s.io")]
    [InlineData("v4.base64.channel.k8s.io")]
    public async Task Browsers_have_two_channels_for_each_port(string protocol)
    {
        using var socket = await SocketAsync("?ports=80,81", protocol);
        async Task<(int, byte[])> NextAsync()
        {
            using var patience = new CancellationTokenSource(Patience);
            var buffer = new byte[4096];
            var got = await socket.ReceiveAsync(buffer.AsMemory(), patience.Token);
            return protocol.Contains("64", StringComparison.Ordinal) ? (buffer[0] - '0', Convert.FromBase64String(Encoding.ASCII.GetString(buffer, 1, got.Count - 1))) : (buffer[0], buffer[1..got.Count]);
        }

        for (var channel = 0; channel < 4; channel++)
        {
            var (first, port) = await NextAsync();
            Assert.Equal((channel, $"{80 + channel / 2},0"), (first, string.Join(',', port)));
        }

        byte[] message = protocol.Contains("64", StringComparison.Ordinal) ? Encoding.ASCII.GetBytes("2" + Convert.ToBase64String("hello"u8)) : [2, .. "hello"u8];
        await socket.SendAsync(message, protocol.Contains("64", StringComparison.Ordinal) ? WebSocketMessageType.Text : WebSocketMessageType.Binary, true, default);
        var (on, said) = await NextAsync();
        Assert.Equal((2, "hello"), (on, Encoding.UTF8.GetString(said)));
        socket.Abort();
    }

    [Fact]
    public async Task A_browser_must_name_its_ports()
    {
        await Assert.ThrowsAsync<WebSocketException>(() => SocketAsync("", "v4.channel.k8s.io"));
        Assert.Equal(400, (await _api.GetAsync(_pod)).Code);
    }

    private static async Task EchoAsync(IDuplexPipe wire, CancellationToken gone)
    {
        while (true)
        {
            var read = await wire.Input.ReadAsync(gone);
            foreach (var part in read.Buffer)
            {
                await wire.Output.WriteAsync(part, gone);
            }

            wire.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private static async Task<(uint Error, uint Data)> OpenAsync(SpdyPeer peer, string port, string id)
    {
        var error = await peer.OpenAsync(("streamtype", "error"), ("port", port), ("requestid", id));
        return (error, await peer.OpenAsync(("streamtype", "data"), ("port", port), ("requestid", id)));
    }

    /// <summary>By hand: the runtime's own client takes no slash in a protocol's name, which Kubernetes' has.</summary>
    private async Task<SpdyPeer> TunnelAsync()
    {
        var server = _api.Client.BaseAddress!;
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(server.Host, server.Port);
        var wire = client.GetStream();
        await wire.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {_pod} HTTP/1.1\r\nHost: {server.Authority}\r\nX-User: admin,system:masters\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io\r\n\r\n"));
        var answer = "";
        var one = new byte[1];
        while (!answer.EndsWith("\r\n\r\n", StringComparison.Ordinal) && await wire.ReadAsync(one) > 0)
        {
            answer += (char)one[0];
        }

        Assert.Contains("Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io", answer, StringComparison.Ordinal);
        var socket = WebSocket.CreateFromStream(wire, new WebSocketCreationOptions());
        return new SpdyPeer(WebSocketStream.Create(socket, WebSocketMessageType.Binary, ownsWebSocket: true), answer);
    }

    private async Task<ClientWebSocket> SocketAsync(string query, string protocol)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-User", "admin,system:masters");

        socket.Options.AddSubProtocol(protocol);
        await socket.ConnectAsync(new UriBuilder(new Uri(_api.Client.BaseAddress!, _pod + query)) { Scheme = "ws" }.Uri, default);
        return socket;
    }
}
