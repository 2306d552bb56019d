using System.Buffers.Text;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>Watches of clients that speak WebSocket: browsers, and programs from before streams were usual.</summary>
[Collection("api")]
public sealed class WebSocketWatchTests(ApiHost api)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Every_event_is_a_text_message_of_json()
    {
        var ns = await api.NamespaceAsync();
        var configs = $"/api/v1/namespaces/{ns}/configmaps";
        await api.PostAsync(configs, """{"metadata":{"name":"a"}}""");
        using var socket = await ConnectAsync($"{configs}?watch=1");
        Assert.Equal(("ADDED", "a"), await NextAsync(socket));
        await api.PatchAsync($"{configs}/a", """{"data":{"x":"y"}}""", "merge");
        Assert.Equal(("MODIFIED", "a"), await NextAsync(socket));
        await api.DeleteAsync($"{configs}/a");
        Assert.Equal(("DELETED", "a"), await NextAsync(socket));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        Assert.Equal(WebSocketState.Closed, socket.State);
    }

    [Fact]
    public async Task Protobuf_comes_as_binary_messages()
    {
        var ns = await api.NamespaceAsync();
        var configs = $"/api/v1/namespaces/{ns}/configmaps";
        await api.PostAsync(configs, """{"metadata":{"name":"a"}}""");
        using var socket = await ConnectAsync($"{configs}?watch=1", options => options.SetRequestHeader("Accept", "application/vnd.kubernetes.protobuf;stream=watch"));
        var (type, bytes) = await ReceiveAsync(socket);
        Assert.Equal(WebSocketMessageType.Binary, type);
        // A WatchEvent: its type first, then the object in the envelope of stored ones.
        Assert.Equal([0x0a, 5, .. "ADDED"u8], bytes[..7]);
        Assert.NotEqual(-1, bytes.AsSpan().IndexOf("k8s\0"u8));
    }

    [Theory]
    [InlineData("base64.binary.k8s.io")]
    [InlineData("binary.k8s.io")]
    public async Task The_subprotocol_is_agreed_on_and_the_token_is_not_told_back(string protocol)
    {
        var ns = await api.NamespaceAsync();
        using var socket = await ConnectAsync($"/api/v1/namespaces/{ns}/configmaps?watch=1&timeoutSeconds=1", options =>
        {
            options.AddSubProtocol("base64url.bearer.authorization.k8s.io." + Base64Url.EncodeToString("secret"u8));
            options.AddSubProtocol(protocol);
        });
        Assert.Equal(protocol, socket.SubProtocol);
    }

    [Fact]
    public async Task A_watch_that_ends_closes_its_socket()
    {
        var ns = await api.NamespaceAsync();
        using var socket = await ConnectAsync($"/api/v1/namespaces/{ns}/configmaps?watch=1&timeoutSeconds=1");
        var (type, _) = await ReceiveAsync(socket);
        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.NormalClosure), (type, socket.CloseStatus));
    }

    [Fact]
    public async Task What_cannot_be_watched_is_refused_before_the_handshake()
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-User", "admin,system:masters");
        socket.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Address("/api/v1/pods?watch=1&labelSelector=%3D%3D"), CancellationToken.None));
        Assert.Equal(HttpStatusCode.BadRequest, socket.HttpStatusCode);
        using var stranger = new ClientWebSocket();
        stranger.Options.SetRequestHeader("X-User", "somebody");
        stranger.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => stranger.ConnectAsync(Address("/api/v1/pods?watch=1"), CancellationToken.None));
        Assert.Equal(HttpStatusCode.Forbidden, stranger.HttpStatusCode);
    }

    private Uri Address(string path) => new UriBuilder(new Uri(api.Client.BaseAddress!, path)) { Scheme = "ws" }.Uri;

    private async Task<ClientWebSocket> ConnectAsync(string path, Action<ClientWebSocketOptions>? configure = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-User", "admin,system:masters");
        configure?.Invoke(socket.Options);
        using var patience = new CancellationTokenSource(Patience);
        await socket.ConnectAsync(Address(path), patience.Token);
        return socket;
    }

    internal static async Task<(WebSocketMessageType Type, byte[] Bytes)> ReceiveAsync(ClientWebSocket socket)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var message = new MemoryStream();
        var buffer = new byte[4096];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), patience.Token);
            message.Write(buffer, 0, received.Count);
            if (received.EndOfMessage)
            {
                return (received.MessageType, message.ToArray());
            }
        }
    }

    private static async Task<(string Type, string Name)> NextAsync(ClientWebSocket socket)
    {
        var (type, bytes) = await ReceiveAsync(socket);
        Assert.Equal(WebSocketMessageType.Text, type);
        var told = JsonNode.Parse(Encoding.UTF8.GetString(bytes))!;
        return ((string)told["type"]!, (string)told["object"]!["metadata"]!["name"]!);
    }
}
