using System.Net;
using System.Net.Sockets;
using ActorOrchestrator.Host.Certificates;
using ActorOrchestrator.Host.NodeEndpoint;

namespace ActorOrchestrator.Host.Tests.Engine;

[Collection("engine")]
public sealed class NodeServerTests : IAsyncLifetime
{
    private readonly CertificateAuthority _authority = CertificateAuthority.Create(TimeProvider.System);
    private NodeFixture _node = null!;
    private NodeServer _server = null!;
    private int _port;

    public async Task InitializeAsync()
    {
        _node = await NodeFixture.StartAsync();
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        _port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        _server = await NodeServer.StartAsync(
            new NodeServer.Parts(
                _node.Engine, _node.Engine, _node.Settings with { Port = _port }, _authority.IssueServer(CertificateSubject.Node("n1"), ["127.0.0.1"]),
                shown => CertificateAuthority.Trusts(_authority.Certificate, shown), TimeProvider.System),
            CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _node.DisposeAsync();
        _authority.Dispose();
    }

    [Fact]
    public async Task Logs_are_read_whole_cut_followed_and_of_the_run_before()
    {
        await _node.PodAsync("talker", """{"name":"c","image":"busybox:1.36","command":["sh","-c","trap 'exit 1' TERM; echo one; echo two >&2; echo three; sleep 600 & wait"]}""");
        var pod = await _node.Running("talker");
        using var client = Client(withCertificate: true);
        const string Path = "/containerLogs/default/talker/c";

        await NodeFixture.EventuallyAsync(
            async () => (await client.GetStringAsync(Path)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order().SequenceEqual(["one", "three", "two"]), "the log has three lines");
        Assert.Single((await client.GetStringAsync(Path + "?tailLines=1")).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(4, (await client.GetStringAsync(Path + "?limitBytes=4")).Length);
        Assert.Matches(@"^20\d\d-\d\d-\d\dT\S+Z (one|two)", await client.GetStringAsync(Path + "?timestamps=true"));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(Path + "?previous=true")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync(Path + "?tailLines=x")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/containerLogs/default/nobody/c")).StatusCode);

        var followed = client.GetStringAsync(Path + "?follow=true");
        await Task.Delay(200);
        Assert.False(followed.IsCompleted);
        await _node.Engine.KillAsync(NodeFixture.IdOf(pod), "SIGKILL");
        Assert.Contains("three", await followed, StringComparison.Ordinal);
        await _node.Until("talker", p => p.Status.ContainerStatuses[0] is { RestartCount: 1, State.Running: not null });
        Assert.Contains("three", await client.GetStringAsync(Path + "?previous=true"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_certificate()
    {
        using var client = Client(withCertificate: false);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/healthz"));
    }

    private HttpClient Client(bool withCertificate)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        if (withCertificate)
        {
            handler.SslOptions.ClientCertificates = [_authority.IssueServer(CertificateSubject.ApiServer, ["127.0.0.1"])];
        }

        return new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{_port}") };
    }
}
