using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Host.Api.Streams.Spdy;
using ActorOrchestrator.Host.NodeEndpoint.Sessions;

namespace ActorOrchestrator.Host.Tests.Api.Streams;

/// <summary>exec and attach as kubectl before 1.31 asks for them: over SPDY/3.1.</summary>
[Collection("api")]
public sealed class SpdyCommandTests : IAsyncLifetime
{
    private readonly ApiHost _api;
    private readonly EchoSessions _sessions = new();
    private string _pod = "";

    public SpdyCommandTests(ApiHost api)
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
    [InlineData("v4.channel.k8s.io", "ExitCode")]
    [InlineData("v3.channel.k8s.io", "command terminated with non-zero exit code: exit status 3")]
    [InlineData("v2.channel.k8s.io", "command terminated with non-zero exit code: exit status 3")]
    public async Task A_command_says_what_it_has_to_say_and_how_it_ended(string protocol, string told)
    {
        using var peer = await ConnectAsync("exec?command=3&command=words&stdout=true&stderr=true", "v9.channel.k8s.io", protocol);
        Assert.Contains($"X-Stream-Protocol-Version: {protocol}", peer.Answer, StringComparison.Ordinal);
        var error = await peer.OpenAsync(("streamtype", "error"));
        var stdout = await peer.OpenAsync(("streamtype", "stdout"));
        var stderr = await peer.OpenAsync(("streamtype", "stderr"));

        Assert.Equal("3 words", await peer.TextAsync(stderr));
        Assert.Equal("", await peer.TextAsync(stdout));
        Assert.Contains(told, await peer.TextAsync(error), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Input_ends_when_the_client_says_so_and_whoever_keeps_windows_is_kept_to_them(bool windows)
    {
        using var peer = await ConnectAsync("exec?command=cat&stdin=true&stdout=true", "v4.channel.k8s.io");
        if (windows)
        {
            await peer.SendAsync(new Settings(100));
        }

        var error = await peer.OpenAsync(("streamtype", "error"));
        var stdin = await peer.OpenAsync(("streamtype", "stdin"));
        var stdout = await peer.OpenAsync(("streamtype", "stdout"));
        var much = new byte[windows ? 1000 : 1_000_000];
        Random.Shared.NextBytes(much);
        var sending = Task.Run(async () =>
        {
            foreach (var piece in much.Chunk(40_000))
            {
                await peer.SendAsync(stdin, piece);
            }

            await peer.SendAsync(stdin, [], fin: true);
        });
        if (windows)
        {
            await peer.UntilAsync(() => peer.Said(stdout).Length == 100, "the window is full");
            await peer.SendAsync(new WindowUpdate(stdout, 900));
            await peer.SendAsync(new WindowUpdate(error, 10_000));
        }

        Assert.Equal(much, await peer.ReadToEndAsync(stdout));
        await sending;
        Assert.Equal("Success", (string)JsonNode.Parse(await peer.TextAsync(error))!["status"]!);
    }

    [Fact]
    public async Task A_terminal_is_resized_and_pings_are_answered()
    {
        using var peer = await ConnectAsync("attach?stdin=true&stdout=true&tty=true", "v4.channel.k8s.io");
        var error = await peer.OpenAsync(("streamtype", "error"));
        var stdin = await peer.OpenAsync(("streamtype", "stdin"));
        var stdout = await peer.OpenAsync(("streamtype", "stdout"));
        var resize = await peer.OpenAsync(("streamtype", "resize"));
        await peer.SendAsync(new Ping(1));
        await peer.SendAsync(resize, Encoding.UTF8.GetBytes("{\"Width\":80,\"Hei"));
        await peer.SendAsync(resize, Encoding.UTF8.GetBytes("ght\":24}\n"));
        await peer.UntilAsync(() => Encoding.UTF8.GetString(peer.Said(stdout)) == "80x24\n", "the terminal has the size");

        await peer.SendAsync(stdin, [], fin: true);

        Assert.Contains("Success", await peer.TextAsync(error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_goes_leaves_nothing_behind()
    {
        var peer = await ConnectAsync("exec?command=cat&stdin=true&stdout=true", "v4.channel.k8s.io");
        foreach (var type in new[] { "error", "stdin", "stdout" })
        {
            await peer.OpenAsync(("streamtype", type));
        }

        await peer.SendAsync(3, [1, 2, 3]);
        await peer.UntilAsync(() => peer.Said(5).Length == 3, "the command runs");
        peer.Dispose();

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (_sessions.Abandoned == 0)
        {
            await Task.Yield();
            patience.Token.ThrowIfCancellationRequested();
        }

        await _api.Nodes.Ended.WaitAsync(patience.Token);
    }

    [Fact]
    public async Task Who_does_not_speak_the_protocol_is_told_so()
    {
        using var unknown = await ConnectAsync("exec?command=cat&stdout=true", "v9.channel.k8s.io");
        Assert.StartsWith("HTTP/1.1 403", unknown.Answer, StringComparison.Ordinal);
        Assert.Contains("X-Accepted-Stream-Protocol-Versions: v4.channel.k8s.io", unknown.Answer, StringComparison.Ordinal);

        using var peer = await ConnectAsync("exec?command=cat&stdout=true", "v4.channel.k8s.io");
        await peer.SendAsync(new SynStream(2, 0, 0, false, false, System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty));
        await peer.ClosedAsync();
    }

    [Fact]
    public async Task What_cannot_be_begun_is_the_answer_to_the_request()
    {
        _api.Nodes.Refusal = (404, "container not found (\"a\")\n");
        using var refused = await ConnectAsync("exec?command=cat&stdout=true", "v4.channel.k8s.io");
        Assert.StartsWith("HTTP/1.1 500", refused.Answer, StringComparison.Ordinal);
    }

    private Task<SpdyPeer> ConnectAsync(string query, params string[] protocols) => SpdyPeer.ConnectAsync(_api.Client.BaseAddress!, $"{_pod}/{query}", protocols);
}
