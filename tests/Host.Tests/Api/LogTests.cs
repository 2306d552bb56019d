using System.Net;
using System.Net.WebSockets;
using System.Text;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>Logs as a client gets them: as a body, and as messages of a WebSocket.</summary>
[Collection("api")]
public sealed class LogTests(ApiHost api)
{
    [Fact]
    public async Task A_pod_without_a_node_has_no_log_and_one_with_a_node_has_that_of_its_node()
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"nowhere"},"spec":{"containers":[{"name":"c","image":"i"}]}}""");
        Assert.Equal(204, (await api.GetAsync($"/api/v1/namespaces/{ns}/pods/nowhere/log")).Code);
        var log = await api.GetAsync($"{await TalkerAsync()}/log?tailLines=3");
        Assert.Equal((200, "hello\n", "text/plain"), (log.Code, log.Text, log.MediaType));
        Assert.EndsWith("/talker/c?tailLines=3", api.Nodes.LastPath, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, WebSocketMessageType.Binary, "hello\n")]
    [InlineData("binary.k8s.io", WebSocketMessageType.Binary, "hello\n")]
    [InlineData("base64.binary.k8s.io", WebSocketMessageType.Text, "aGVsbG8K")]
    public async Task Over_a_WebSocket_it_comes_in_messages_after_an_empty_one(string? protocol, WebSocketMessageType type, string text)
    {
        using var socket = Socket(protocol is null ? [] : ["base64url.bearer.authorization.k8s.io.c2VjcmV0", protocol]);
        await socket.ConnectAsync(Address($"{await TalkerAsync()}/log"), CancellationToken.None);
        Assert.Equal(protocol, socket.SubProtocol);
        var (first, nothing) = await WebSocketWatchTests.ReceiveAsync(socket);
        Assert.Equal((type, 0), (first, nothing.Length));
        var (second, told) = await WebSocketWatchTests.ReceiveAsync(socket);
        Assert.Equal((type, text), (second, Encoding.UTF8.GetString(told)));
        Assert.Equal(WebSocketMessageType.Close, (await WebSocketWatchTests.ReceiveAsync(socket)).Type);
    }

    [Fact]
    public async Task A_subprotocol_that_nobody_speaks_is_refused_and_so_is_a_log_that_is_not_there()
    {
        var path = $"{await TalkerAsync()}/log";
        foreach (var (query, protocol, code) in new[] { ("", "v4.channel.k8s.io", HttpStatusCode.Forbidden), ("?container=other", "binary.k8s.io", HttpStatusCode.BadRequest) })
        {
            using var socket = Socket([protocol]);
            socket.Options.CollectHttpResponseDetails = true;
            await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Address(path + query), CancellationToken.None));
            Assert.Equal(code, socket.HttpStatusCode);
        }
    }

    private async Task<string> TalkerAsync()
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync("/api/v1/nodes", """{"metadata":{"name":"talkers"}}""");
        var path = $"/api/v1/namespaces/{ns}/pods/talker";
        await api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"talker"},"spec":{"nodeName":"talkers","containers":[{"name":"c","image":"i"}]}}""");
        await api.PatchAsync($"{path}/status", """{"status":{"containerStatuses":[{"name":"c","image":"i","imageID":"","ready":true,"restartCount":0,"state":{"running":{}}}]}}""", "merge");
        return path;
    }

    private static ClientWebSocket Socket(string[] protocols)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-User", "admin,system:masters");
        foreach (var protocol in protocols)
        {
            socket.Options.AddSubProtocol(protocol);
        }

        return socket;
    }

    private Uri Address(string path) => new UriBuilder(new Uri(api.Client.BaseAddress!, path)) { Scheme = "ws" }.Uri;
}
