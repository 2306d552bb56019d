using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using ActorOrchestrator.Host.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorOrchestrator.Host.Tests.Composition;

/// <summary>The API's listener takes TLS 1.2 and 1.3 and nothing older.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly CertificateAuthority _authority = CertificateAuthority.Create(TimeProvider.System);
    private WebApplication? _app;
    private int _port;

    public async Task InitializeAsync()
    {
        var server = _authority.IssueServer(CertificateSubject.ApiServer, ["localhost"]);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(Host.Composition.ApiHost.Https(server))));
        _app = builder.Build();
        await _app.StartAsync();
        _port = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    public async Task DisposeAsync()
    {
        await _app!.DisposeAsync();
        _authority.Dispose();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task The_current_versions_are_taken(SslProtocols version)
    {
        using var client = new TcpClient("127.0.0.1", _port);
        await using var tls = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = version });
        Assert.Equal(version, tls.SslProtocol);
    }

    [Theory]
    [InlineData(0x01)]
    [InlineData(0x02)]
    public async Task An_older_version_is_refused(byte minor)
    {
        // Today's client libraries do not even offer TLS 1.0 or 1.1, so that the greeting is written by hand (RFC 4346, 7.4.1.2).
        byte[] body = [0x03, minor, .. new byte[32], 0x00, 0x00, 0x04, 0xC0, 0x09, 0x00, 0x2F, 0x01, 0x00];
        byte[] handshake = [0x01, 0x00, 0x00, (byte)body.Length, .. body];
        byte[] record = [0x16, 0x03, minor, 0x00, (byte)handshake.Length, .. handshake];
        using var client = new TcpClient("127.0.0.1", _port);
        await client.GetStream().WriteAsync(record);
        var answer = new byte[7];
        var read = await client.GetStream().ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false);

        // An alert (21), or no word at all; never a ServerHello (22).
        Assert.True(read == 0 || answer[0] == 21, Convert.ToHexString(answer));
    }
}
