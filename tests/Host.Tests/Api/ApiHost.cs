using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.ApiServices;
using ActorOrchestrator.Actors.Controllers.CustomResources;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Admission;
using ActorOrchestrator.Actors.Resources.Aggregation;
using ActorOrchestrator.Actors.Resources.CustomResources;
using ActorOrchestrator.Actors.Resources.Strategies;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api;
using ActorOrchestrator.Host.Api.Authentication;
using ActorOrchestrator.Host.Api.Health;
using ActorOrchestrator.Host.Api.Streams;
using ActorOrchestrator.TestSupport;
using ActorOrchestrator.TestSupport.Ledger;
using Akka.Actor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>The API behind a real Kestrel on a loopback port, on a whole ledger in memory. The header X-User stands for a certificate.</summary>
public sealed class ApiHost : IAsyncLifetime
{
    private const string DefaultAccount = """{"metadata":{"name":"default"}}""";
    private readonly ActorSystem _system = ActorSystem.Create("api-tests", """
        akka.loglevel = WARNING
        akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
        """);
    private WebApplication? _app;

    public HttpClient Client { get; private set; } = new();
    public TestLedger Ledger { get; private set; } = null!;
    public ResourceStore Store { get; private set; } = null!;
    internal FakeNodeStreams Nodes { get; } = new();

    /// <summary>More services, for a test with a host of its own.</summary>
    public Action<IServiceCollection>? Configure { get; init; }

    /// <summary>Of the ledger, for a test with a host of its own.</summary>
    public LedgerSettings Settings { get; init; } = TestLedger.DefaultSettings;

    /// <summary>Of the API, for a test with a host of its own.</summary>
    internal ApiSettings Limits { get; init; } = new() { BookmarkInterval = TimeSpan.FromMilliseconds(300), RevisionPatience = TimeSpan.FromMilliseconds(200) };

    /// <summary>More controllers, for a test with a host of its own.</summary>
    public ControllerDefinition[] Controllers { get; init; } = [];

    public async Task InitializeAsync()
    {
        Ledger = new TestLedger(_system, Settings);
        await Ledger.StartedAsync();
        var catalog = new DynamicCatalog(Ledger.View);
        Store = new ResourceStore(
            Ledger.Client, Ledger.View, catalog, StrategyCatalog.BuiltIn(ServiceRanges.Default), AdmissionChain.For(catalog, Ledger.View, TimeProvider.System), TimeProvider.System);
        _system.ActorOf(ControllersActor.Props(
            Ledger.View, Store, new RecordedEvents(), TimeProvider.System, ControllersSettings.Default, [CustomResourceDefinitionReconciler.Definition, new LocalApiServiceReconciler(catalog).Definition, .. Controllers]));
        _system.ActorOf(ApiServiceAvailabilityActor.Props(
            Ledger.View, Store, new ApiServiceTransport(Ledger.View, null), TimeProvider.System, new AggregationSettings(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5))));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Services.AddSingleton<IClusterReader>(Ledger.View);
        builder.Services.AddSingleton<IResourceClient>(Store);
        builder.Services.AddSingleton(catalog);
        builder.Services.AddSingleton<IReadiness, AlwaysReady>();
        builder.Services.AddSingleton<INodeStreams>(Nodes);
        builder.Services.AddSingleton<IRequestAuthenticator, HeaderAuthenticator>();
        Configure?.Invoke(builder.Services);
        builder.Services.AddKubernetesApi(Limits);
        _app = builder.Build();
        _app.MapKubernetesApi();
        await _app.StartAsync();
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Client = new HttpClient { BaseAddress = new Uri(address) };
        Client.DefaultRequestHeaders.Add("X-User", "admin,system:masters");
        foreach (var name in new[] { "default", "kube-system" })
        {
            await PostAsync("/api/v1/namespaces", $"{{\"metadata\":{{\"name\":\"{name}\"}}}}");
            await PostAsync($"/api/v1/namespaces/{name}/serviceaccounts", DefaultAccount);
        }
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _app!.StopAsync();
        await _app.DisposeAsync();
        await _system.Terminate();
    }

    public Task<Answer> GetAsync(string path, string? accept = null, string? user = null) => SendAsync(HttpMethod.Get, path, null, null, accept, user);

    public Task<Answer> PostAsync(string path, string body, string contentType = "application/json", string? user = null) => SendAsync(HttpMethod.Post, path, body, contentType, user: user);

    public Task<Answer> PutAsync(string path, string body, string contentType = "application/json") => SendAsync(HttpMethod.Put, path, body, contentType);

    public Task<Answer> PatchAsync(string path, string body, string kind) => SendAsync(HttpMethod.Patch, path, body, $"application/{kind}-patch+json");

    public Task<Answer> DeleteAsync(string path, string? body = null) => SendAsync(HttpMethod.Delete, path, body, body is null ? null : "application/json");

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body, string? contentType, string? accept = null, string? user = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (contentType is not null)
            {
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
            }
        }

        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (user is not null)
        {
            request.Headers.Add("X-User", user);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var warnings = response.Headers.TryGetValues("Warning", out var values) ? values.ToArray() : [];
        return new Answer((int)response.StatusCode, text, response.Content.Headers.ContentType?.MediaType ?? "", warnings);
    }

    /// <summary>With a bearer token and nothing else.</summary>
    public Task<Answer> WithTokenAsync(string token, HttpMethod method, string path, string? body = null) =>
        SendAsync(method, path, body, body is null ? null : "application/json", user: "", headers: ("Authorization", $"Bearer {token}"));

    /// <summary>A new namespace for a test's own objects.</summary>
    public async Task<string> NamespaceAsync()
    {
        var created = await PostAsync("/api/v1/namespaces", """{"metadata":{"generateName":"test-"}}""");
        var name = created["metadata"]!["name"]!.GetValue<string>();
        await PostAsync($"/api/v1/namespaces/{name}/serviceaccounts", DefaultAccount);
        return name;
    }

    private sealed class HeaderAuthenticator : IRequestAuthenticator
    {
        public ValueTask<AuthenticationResult> AuthenticateAsync(HttpContext context)
        {
            // A test that names a user of its own replaces the default one.
            var header = context.Request.Headers["X-User"].LastOrDefault()?.Split(',').Select(part => part.Trim()).ToArray();
            return header is null or [""] or ["anonymous", ..] ? new(AuthenticationResult.None) : new(AuthenticationResult.As(new UserInfo(header[0], [.. header[1..]])));
        }
    }

    private sealed class AlwaysReady : IReadiness
    {
        public IReadOnlyList<ReadinessCheck> Check() => [new ReadinessCheck("ledger", null)];
    }
}

public sealed record Answer(int Code, string Text, string MediaType, string[] Warnings)
{
    public JsonObject Json => JsonNode.Parse(Text)!.AsObject();
    public JsonNode? this[string name] => Json[name];
    public string Reason => (string?)Json["reason"] ?? "";
    public string Message => (string?)Json["message"] ?? "";
    public string Revision => (string)Json["metadata"]!["resourceVersion"]!;

    public override string ToString() => $"{Code} {Text}";
}

/// <summary>A node that answers with what the test says.</summary>
internal sealed class FakeNodeStreams : INodeStreams
{
    public string LastPath { get; private set; } = "";
    public Func<HttpResponseMessage> Answer { get; set; } = () => new HttpResponseMessage { Content = new StringContent("hello\n") };

    public Task<HttpResponseMessage> OpenAsync(StoredObject node, string pathAndQuery, CancellationToken cancellation)
    {
        LastPath = pathAndQuery;
        return Task.FromResult(Answer());
    }

    /// <summary>What the node does with a conversation; null when nothing listens there.</summary>
    public Func<System.IO.Pipelines.IDuplexPipe, CancellationToken, Task>? Converse { get; set; }

    /// <summary>Answered instead of a conversation.</summary>
    public (int Status, string Why)? Refusal { get; set; }

    public Task<NodeConnection> ConnectAsync(StoredObject node, string pathAndQuery, CancellationToken cancellation)
    {
        LastPath = pathAndQuery;
        if (Refusal is { } refusal)
        {
            return Task.FromResult(new NodeConnection(refusal.Status, Stream.Null, new MemoryStream(Encoding.UTF8.GetBytes(refusal.Why)), () => { }, () => { }));
        }

        if (Converse is not { } converse)
        {
            throw new HttpRequestException("Connection refused");
        }

        var (here, there) = Streams.PipePair.Create();
        var gone = new CancellationTokenSource();
        var conversation = Task.Run(async () =>
        {
            try
            {
                await converse(there, gone.Token);
            }
            catch (OperationCanceledException)
            {
                // The control host hung up.
            }

            await there.Output.CompleteAsync();
        });
        return Task.FromResult(new NodeConnection(200, here.Output.AsStream(), here.Input.AsStream(), () => here.Output.Complete(), () =>
        {
            gone.Cancel();
            Ended = conversation;
        }));
    }

    /// <summary>The last conversation that was closed.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;
}

[CollectionDefinition("api")]
public sealed class ApiCollection : ICollectionFixture<ApiHost>;
