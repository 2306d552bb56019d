using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Aggregation;
using ActorOrchestrator.Actors.Resources.CustomResources;
using ActorOrchestrator.Host.Api;
using ActorOrchestrator.Host.Api.Audit;
using ActorOrchestrator.Host.Api.Authentication;
using ActorOrchestrator.Host.Api.Health;
using ActorOrchestrator.Host.Api.Metrics;
using ActorOrchestrator.Host.Api.Resources;
using ActorOrchestrator.Host.Api.Streams;
using ActorOrchestrator.Host.Certificates;
using ActorOrchestrator.Host.Dashboard;
using ActorOrchestrator.Host.Join;
using Akka.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ActorOrchestrator.Host.Composition;

/// <summary>The HTTPS listener of a control host: the Kubernetes API, joining, the dashboard.</summary>
public sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiHost(WebApplication app) => _app = app;

    /// <param name="Options">Where to listen.</param>
    /// <param name="Config">For <c>orchestrator.api</c>.</param>
    /// <param name="Server">Shown to clients.</param>
    /// <param name="Authority">Whose client certificates are taken.</param>
    /// <param name="Access">Who gets in.</param>
    public sealed record Parts(
        OrchestratorOptions Options, Config Config, X509Certificate2 Server, CertificateAuthority Authority, AccessParts Access, LedgerView View, ILedger Ledger,
        IResourceClient Client, DynamicCatalog Catalog, IResourceMetrics Metrics, IReadiness Readiness, JoinEndpoint Join, TimeProvider Time);

    /// <exception cref="HostException">The port is taken.</exception>
    public static async Task<ApiHost> StartAsync(Parts parts, CancellationToken cancellation)
    {
        var settings = ApiSettings.From(parts.Config) with { ServerAddress = $"{parts.Options.AdvertiseAddress}:{parts.Options.ApiPort}" };
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // Who reads a log or a command's output page by page takes nothing for minutes, and is no attacker.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxRequestLineSize = settings.MaxHeaderBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = settings.MaxHeaderBytes;
            kestrel.Limits.MaxRequestHeaderCount = settings.MaxHeaders;
            kestrel.Limits.Http2.MaxStreamsPerConnection = settings.StreamsPerConnection;
            kestrel.Listen(IPAddress.Any, parts.Options.ApiPort, listen => listen.UseHttps(Https(parts.Server)));
        });
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.Services.AddSingleton(parts.Time);
        builder.Services.AddSingleton<IClusterReader>(parts.View);
        builder.Services.AddSingleton(parts.Ledger);
        builder.Services.AddSingleton(parts.Client);
        builder.Services.AddSingleton(parts.Catalog);
        builder.Services.AddSingleton(parts.Metrics);
        builder.Services.AddSingleton(new ApiServiceTransport(parts.View, parts.Authority.IssueClient(CertificateSubject.FrontProxy)));
        builder.Services.AddSingleton(parts.Readiness);
        builder.Services.AddSingleton<IReadConsistency>(new HostReads(parts.Ledger, parts.View));
        builder.Services.AddSingleton<INodeStreams>(new HttpsNodeStreams(NodeClient(parts.Server, parts.Authority.Certificate)));
        builder.Services.AddSingleton(new ClientAuthorities([parts.Authority.Certificate]));
        if (parts.Options.Postgres is null)
        {
            builder.Services.AddSingleton<IMetricsSource>(new StorageMetrics(System.IO.Path.Combine(parts.Options.Data, HostFolder.LedgerName)));
        }

        var audit = AuditSettings.From(parts.Config);
        builder.Services.AddSingleton(audit.LogFile.Length > 0 ? audit : audit with { LogFile = Path.Combine(parts.Options.Data, "audit.log") });
        builder.Services.AddSingleton(parts.Access.Settings);
        builder.Services.AddSingleton(parts.Access.Keys);
        builder.Services.AddSingleton(parts.Access.Signer);
        builder.Services.AddSingleton(parts.Access.Issuer);
        builder.Services.AddKubernetesApi(ApiSettings.From(parts.Config) with { ServerAddress = $"{parts.Options.AdvertiseAddress}:{parts.Options.ApiPort}" });
        var app = builder.Build();
        app.Use(next => context => context.Request.Path.Value switch
        {
            JoinEndpoint.Path when HttpMethods.IsPost(context.Request.Method) => parts.Join.ServeAsync(context),
            JoinEndpoint.AuthorityPath => parts.Join.ServeAuthorityAsync(context),
            DashboardPage.Path or DashboardPage.Path + "/" => DashboardPage.ServeAsync(context),
            _ => next(context),
        });
        app.MapKubernetesApi();
        try
        {
            await app.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (IOException failed) when (failed.GetBaseException() is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } || failed.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new HostException($"port {parts.Options.ApiPort} is already in use by another program; choose another with --port.", failed);
        }

        return new ApiHost(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    internal static HttpsConnectionAdapterOptions Https(X509Certificate2 server) => new()
    {
        ServerCertificate = server,
        SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        // Whoever shows no certificate, or one that does not hold, gets as far as a 401 in the API's own words: CertificateAuthenticator judges it.
        ClientCertificateMode = ClientCertificateMode.AllowCertificate,
        ClientCertificateValidation = (_, _, _) => true,
    };

    /// <summary>Reaches nodes' own endpoints; a followed log has no end, so that there is no time-out for the whole.</summary>
    private static HttpClient NodeClient(X509Certificate2 own, X509Certificate2 authority) => new(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(5),
        EnableMultipleHttp2Connections = true,
        InitialHttp2StreamWindowSize = 1024 * 1024,
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificates = [own],
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 shown && CertificateAuthority.Trusts(authority, shown),
        },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
