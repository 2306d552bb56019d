using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ActorOrchestrator.Actors.NodeAgent;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Usage;
using ActorOrchestrator.Host.Engine;
using ActorOrchestrator.Host.NodeEndpoint.Sessions;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ActorOrchestrator.Host.NodeEndpoint;

/// <summary>
/// The node's own HTTPS endpoint, for what must stream and therefore never goes through remoting: <c>/containerLogs</c>, <c>/exec</c>, <c>/attach</c>,
/// <c>/portForward</c>; and for what a kubelet tells of itself: <c>/stats/summary</c>, <c>/metrics/resource</c>. Only the control plane gets in, by its client certificate.
/// </summary>
public sealed class NodeServer : IAsyncDisposable
{
    private const int StreamsPerConnection = 1000;
    private readonly WebApplication _app;

    private NodeServer(WebApplication app) => _app = app;

    /// <param name="Engine">Of this node.</param>
    /// <param name="Sessions">The same engine, to talk to.</param>
    /// <param name="Settings">The node's name, labels and port.</param>
    /// <param name="Server">Shown to the control plane.</param>
    /// <param name="Admits">Whether a client's certificate is one of the control plane's.</param>
    public sealed record Parts(IContainerEngine Engine, IContainerSessions Sessions, NodeAgentSettings Settings, X509Certificate2 Server, Func<X509Certificate2, bool> Admits, TimeProvider Time)
    {
        /// <summary>What is used here at the moment; null as long as nobody has measured it.</summary>
        public Func<CancellationToken, Task<MeasuredNode?>> Measure { get; init; } = _ => Task.FromResult<MeasuredNode?>(null);
    }

    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<NodeServer> StartAsync(Parts parts, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // A log that is read slowly and a shell where nobody types are no attack; who gets in here is the control plane alone.
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
            kestrel.Listen(IPAddress.Any, parts.Settings.Port, listen => listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = parts.Server,
                SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                ClientCertificateValidation = (certificate, _, _) => parts.Admits(certificate),
            }));
        });
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        var app = builder.Build();
        var containers = new PodContainers(parts.Engine, parts.Settings);
        var logs = new ContainerLogs(parts.Engine, containers, parts.Time);
        var sessions = new SessionEndpoint(parts.Sessions, containers);
        app.MapGet("/healthz", () => "ok");
        var statistics = new NodeStatistics(parts.Measure, new LinuxMachine(parts.Settings.DataDirectory));
        app.MapGet("/stats/summary", statistics.ServeSummaryAsync);
        app.MapGet("/metrics/resource", statistics.ServeResourceAsync);
        app.MapGet("/containerLogs/{ns}/{pod}/{container}", logs.ServeAsync);
        app.MapPost("/exec/{ns}/{pod}/{container}", sessions.ServeAsync);
        app.MapPost("/attach/{ns}/{pod}/{container}", sessions.ServeAsync);
        app.MapPost("/portForward/{ns}/{pod}", new PortEndpoint(parts.Engine, containers).ServeAsync);
        try
        {
            await app.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return new NodeServer(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }
}
