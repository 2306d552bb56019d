using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Host.NodeEndpoint.Sessions;

namespace ActorOrchestrator.Host.Tests.Api.Streams;

/// <summary>exec and attach as clients over WebSockets see them, through the API and a node's endpoint, with a container that echoes.</summary>
[Collection("api")]
public sealed class CommandSocketTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly ApiHost _api;
    private readonly EchoSessions _sessions = new();
    private string _pod = "";

    public CommandSocketTests(ApiHost api)
    {
        _api = api;
        api.Nodes.Refusal = null;
        var node = new SessionEndpoint(_sessions, null!);
        api.Nodes.Converse = (wire, gone) => node.RunAsync("id", wire.Input, wire.Output, gone);
    }

    public async Task InitializeAsync()
    {
        var ns = await _api.NamespaceAsync();
        await _api.PostAsync("/api/v1/nodes", """{"metadata":{"name":"n"}}""");
        await _api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"p"},"spec":{"nodeName":"n","containers":[{"name":"a","image":"i"}]}}""");
        _pod = $"/api/v1/namespaces/{ns}/pods/p";
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("v5.channel.k8s.io", "0")]
    [InlineData("v4.channel.k8s.io", "3")]
    [InlineData("v4.base64.channel.k8s.io", "3")]
    public async Task A_command_says_what_it_has_to_say_and_how_it_ended(string protocol, string code)
    {
        using var socket = await ConnectAsync($"exec?command={code}&command=words&stdout=true&stderr=true", protocol);

        var said = await ReadAsync(socket);

        Assert.Equal($"{code} words", Text(said, 2));
        var status = JsonNode.Parse(Text(said, 3))!;
        Assert.Equal(code == "0" ? "Success" : "Failure", (string)status["status"]!);
        if (code == "3")
        {
            Assert.Equal("NonZeroExitCode", (string)status["reason"]!);
            Assert.Equal(("ExitCode", "3"), ((string)status["details"]!["causes"]![0]!["reason"]!, (string)status["details"]!["causes"]![0]!["message"]!));
        }
    }

    [Theory]
    [InlineData("channel.k8s.io", "3", "command terminated with non-zero exit code: exit status 3")]
    [InlineData("base64.channel.k8s.io", "0", "")]
    [InlineData(null, "0", "")]
    public async Task The_first_version_is_told_of_failures_in_words(string? protocol, string code, string words)
    {
        using var socket = await ConnectAsync($"exec?command={code}&stdout=true", protocol);
        Assert.Equal(words, Text(await ReadAsync(socket), 3));
    }

    [Fact]
    public async Task Input_ends_when_the_client_says_so_and_the_output_goes_on()
    {
        using var socket = await ConnectAsync("exec?command=cat&stdin=true&stdout=true", "v5.channel.k8s.io");
        var much = new byte[1_000_000];
        Random.Shared.NextBytes(much);
        var sending = Task.Run(async () =>
        {
            foreach (var piece in much.Chunk(30_000))
            {
                await socket.SendAsync((byte[])[0, .. piece], WebSocketMessageType.Binary, true, default);
            }

            await socket.SendAsync((byte[])[255, 0], WebSocketMessageType.Binary, true, default);
        });

        var said = await ReadAsync(socket);
        await sending;

        Assert.Equal(much, said.Where(piece => piece.Channel == 1).SelectMany(piece => piece.Bytes));
        Assert.Contains("Success", Text(said, 3), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_is_resized_and_base64_is_read_in_pieces()
    {
        using var socket = await ConnectAsync("attach?stdin=true&stdout=true&stderr=true&tty=true", "v4.base64.channel.k8s.io");
        var message = "4" + Convert.ToBase64String("{\"Width\":80,\"Height\":24}\n{\"width\":90,\"height\":25}"u8);
        await socket.SendAsync(Encoding.ASCII.GetBytes(message[..7]), WebSocketMessageType.Text, false, default);
        await socket.SendAsync(Encoding.ASCII.GetBytes(message[7..]), WebSocketMessageType.Text, true, default);

        var said = "";
        while (!said.Contains("90x25", StringComparison.Ordinal))
        {
            said += Encoding.UTF8.GetString((await ReceiveAsync(socket))!.Value.Bytes);
        }

        Assert.Equal("80x24\n90x25\n", said);
        socket.Abort();
    }

    [Fact]
    public async Task A_client_that_goes_leaves_nothing_behind()
    {
        var socket = await ConnectAsync("exec?command=cat&stdin=true&stdout=true", "v5.channel.k8s.io");
        await socket.SendAsync((byte[])[0, 1, 2], WebSocketMessageType.Binary, true, default);
        while ((await ReceiveAsync(socket))!.Value.Bytes.Length == 0)
        {
            // The greeting comes first.
        }

        socket.Abort();

        await NodeFixtureEventually(() => _sessions.Abandoned == 1);
        await _api.Nodes.Ended.WaitAsync(Patience);
    }

    [Fact]
    public async Task What_cannot_be_begun_is_told_as_the_status()
    {
        _api.Nodes.Refusal = (404, "container not found (\"a\")\n");
        using var refused = await ConnectAsync("exec?command=cat&stdout=true", "v5.channel.k8s.io");
        Assert.Equal("Internal error occurred: unable to upgrade connection: container not found (\"a\")", (string)JsonNode.Parse(Text(await ReadAsync(refused), 3))!["message"]!);

        _api.Nodes.Refusal = null;
        using var empty = await ConnectAsync("exec?stdout=true", "v5.channel.k8s.io");
        Assert.Equal("Internal error occurred: error executing command in container: No exec command specified", (string)JsonNode.Parse(Text(await ReadAsync(empty), 3))!["message"]!);

        _api.Nodes.Converse = null;
        using var lost = await ConnectAsync("exec?command=x&stdout=true", "v5.channel.k8s.io");
        Assert.Equal("Internal error occurred: error dialing backend: Connection refused", (string)JsonNode.Parse(Text(await ReadAsync(lost), 3))!["message"]!);
    }

    private static async Task NodeFixtureEventually(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!holds())
        {
            await Task.Yield();
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    private async Task<ClientWebSocket> ConnectAsync(string query, string? protocol)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-User", "admin,system:masters");
        if (protocol is not null)
        {
            socket.Options.AddSubProtocol(protocol);
        }

        await socket.ConnectAsync(new UriBuilder(new Uri(_api.Client.BaseAddress!, $"{_pod}/{query}")) { Scheme = "ws" }.Uri, default);
        return socket;
    }

    private static string Text(List<(int Channel, byte[] Bytes)> said, int channel) => Encoding.UTF8.GetString([.. said.Where(piece => piece.Channel == channel).SelectMany(piece => piece.Bytes)]);

    private static async Task<List<(int Channel, byte[] Bytes)>> ReadAsync(WebSocket socket)
    {
        var said = new List<(int, byte[])>();
        while (await ReceiveAsync(socket) is { } piece)
        {
            said.Add(piece);
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", default);
        return said;
    }

    private static async Task<(int Channel, byte[] Bytes)?> ReceiveAsync(WebSocket socket)
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[128 * 1024];
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(length), patience.Token);
            length += part.Count;
        }
        while (!part.EndOfMessage);
        return part.MessageType switch
        {
            WebSocketMessageType.Close => null,
            WebSocketMessageType.Text => (buffer[0] - '0', Convert.FromBase64String(Encoding.ASCII.GetString(buffer, 1, length - 1))),
            _ => (buffer[0], buffer[1..length]),
        };
    }
}
