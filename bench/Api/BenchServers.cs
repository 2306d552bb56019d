using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Bench.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api;
using ActorOrchestrator.Host.Api.Authentication;
using ActorOrchestrator.Host.Api.Health;
using ActorOrchestrator.Host.Api.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorOrchestrator.Bench.Api;

/// <summary>The API on a durable ledger, and the bare endpoints that it is held against, each behind a Kestrel of its own.</summary>
internal static class BenchServers
{
    public static Task<(WebApplication App, int Port)> StartApiAsync(LedgerHost ledger, IResourceClient client, bool http2 = false) => StartAsync(
        services =>
        {
            services.AddSingleton<IClusterReader>(ledger.View);
            services.AddSingleton(client);
            services.AddSingleton<IReadiness, Ready>();
            services.AddSingleton<INodeStreams>(new HttpsNodeStreams(new HttpClient()));
            services.AddSingleton<IRequestAuthenticator, Everybody>();
            services.AddKubernetesApi(new ApiSettings());
        },
        app => app.MapKubernetesApi(),
        http2);

    /// <summary>
    /// POST appends the body to the ledger as one object and gives its bytes to every open <c>/watch</c>; GET answers from a dictionary; <c>/list</c> writes prepared bytes.
    /// </summary>
    public static Task<(WebApplication App, int Port)> StartFloorAsync(LedgerHost ledger, ConcurrentDictionary<string, byte[]> objects, byte[] list)
    {
        var watchers = new ConcurrentBag<ChannelWriter<ReadOnlyMemory<byte>>>();
        return StartAsync(
            _ => { },
            app => app.Run(context => context.Request.Method == "POST" ? AppendAsync(context, ledger, watchers)
                : context.Request.Path == "/watch" ? FollowAsync(context, watchers)
                : ReadAsync(context, objects, list)));
    }

    private static async Task FollowAsync(HttpContext context, ConcurrentBag<ChannelWriter<ReadOnlyMemory<byte>>> watchers)
    {
        var channel = Channel.CreateBounded<ReadOnlyMemory<byte>>(128);
        watchers.Add(channel.Writer);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        try
        {
            await foreach (var bytes in channel.Reader.ReadAllAsync(context.RequestAborted))
            {
                context.Response.BodyWriter.Write(bytes.Span);
                context.Response.BodyWriter.Write("\n"u8);
                await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The client has seen enough.
        }
    }

    private static async Task AppendAsync(HttpContext context, LedgerHost ledger, ConcurrentBag<ChannelWriter<ReadOnlyMemory<byte>>> watchers)
    {
        var body = new byte[(int)context.Request.ContentLength!.Value];
        await context.Request.Body.ReadExactlyAsync(body);

        // The client's body carries the empty revision that the ledger fills; its place is all that is looked for.
        var offset = body.AsSpan().IndexOf("\"resourceVersion\":\""u8) + 19;
        var name = Guid.NewGuid().ToString();
        var write = new LedgerCommands.Create(LedgerHost.Key(name), name, new ObjectBody(body, offset), []);
        var reply = await ledger.Client.CommitAsync(new LedgerCommands.Commit([write], new Provenance("bench", TimeProvider.System.GetUtcNow(), "create", Revision.None)));
        var stored = reply.Results[0].Object!.Utf8;
        foreach (var watcher in watchers)
        {
            watcher.TryWrite(stored);
        }

        context.Response.StatusCode = 201;
        context.Response.ContentLength = stored.Length;
        await context.Response.BodyWriter.WriteAsync(stored);
    }

    private static Task ReadAsync(HttpContext context, ConcurrentDictionary<string, byte[]> objects, byte[] list)
    {
        var bytes = context.Request.Path == "/list" ? list : objects[context.Request.Path.Value!];
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        return context.Response.BodyWriter.WriteAsync(bytes).AsTask();
    }

    private static async Task<(WebApplication App, int Port)> StartAsync(Action<IServiceCollection> services, Action<WebApplication> map, bool http2 = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.MaxStreamsPerConnection = new ApiSettings().StreamsPerConnection;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = http2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        });
        builder.Services.AddSingleton<ICatalogSource>(ResourceCatalog.BuiltIn);
        services(builder.Services);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return (app, new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port);
    }

    private sealed class Everybody : IRequestAuthenticator
    {
        private static readonly UserInfo Admin = new("admin", [UserInfo.Masters]);

        public ValueTask<AuthenticationResult> AuthenticateAsync(HttpContext context) => new(AuthenticationResult.As(Admin));
    }

    private sealed class Ready : IReadiness
    {
        public IReadOnlyList<ReadinessCheck> Check() => [];
    }
}
