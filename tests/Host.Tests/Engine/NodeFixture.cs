using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.NodeAgent;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Engine;
using ActorOrchestrator.TestSupport.Ledger;
using Akka.Actor;
using Akka.Configuration;
using k8s.Models;

namespace ActorOrchestrator.Host.Tests.Engine;

/// <summary>A control plane in memory and one node agent on the real engine, under a cluster id of its own; everything of it is removed afterwards.</summary>
public sealed class NodeFixture : IAsyncDisposable, IControlPlane, IEventRecorder
{
    public static readonly Uri DockerHost = new(Environment.GetEnvironmentVariable("DOCKER_HOST") ?? "unix:///var/run/docker.sock");
    private static int _bridges = Random.Shared.Next(200);

    private readonly TestLedger _ledger;
    private readonly NetworkProber _prober = new();
    private ActorSystem _nodeSystem = null!;

    private NodeFixture(ActorSystem control)
    {
        Control = control;
        _ledger = new TestLedger(control);
        Client = new ResourceStore(_ledger.Client, _ledger.View, ResourceCatalog.BuiltIn, TimeProvider.System);
        var bridge = Interlocked.Increment(ref _bridges) % 200;
        PodCidr = $"10.98.{bridge}.0/24";
        Settings = NodeAgentSettings.From(
            ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon/node.conf"))).GetConfig("orchestrator.node"),
            ClusterId, "n1", Data, "10.43.0.10") with
        {
            Bridge = $"orct{bridge}",
            HeartbeatInterval = TimeSpan.FromMilliseconds(200),
        };
    }

    public ActorSystem Control { get; }
    public string ClusterId { get; } = $"test{Guid.NewGuid():N}"[..12];
    public string Data { get; } = Directory.CreateTempSubdirectory("orchestrator-node-").FullName;
    public string PodCidr { get; }
    public NodeAgentSettings Settings { get; }
    public DockerEngine Engine { get; } = new(DockerHost);
    public IClusterReader Reader => _ledger.View;
    public IResourceClient Client { get; }
    public ConcurrentQueue<(string About, string Reason, string Message)> Recorded { get; } = new();
    IEventRecorder IControlPlane.Events => this;

    public static async Task<NodeFixture> StartAsync()
    {
        var fixture = new NodeFixture(ActorSystem.Create("control", "akka { loglevel = WARNING, stdout-loglevel = WARNING }"));
        await fixture._ledger.StartedAsync();
        await fixture.Must(fixture.Client.CreateAsync(ResourceTypes.Namespaces, "", Json("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default"}}"""), By));
        await fixture.Must(fixture.Client.CreateAsync(ResourceTypes.Nodes, "", Json($$$"""{"apiVersion":"v1","kind":"Node","metadata":{"name":"n1"},"spec":{"podCIDR":"{{{fixture.PodCidr}}}"}}"""), By));
        fixture.StartAgent();
        return fixture;
    }

    public static WriteOptions By { get; } = new("tester", "test");

    public void StartAgent()
    {
        _nodeSystem = ActorSystem.Create("node", "akka { loglevel = INFO, stdout-loglevel = WARNING }");
        var ports = new NodeAgentPorts(this, Engine, new LinuxNodeFiles(Data), new LinuxMachine(Data), _prober, Settings, TimeProvider.System);
        _nodeSystem.ActorOf(NodeAgentActor.Props(ports), "agent");
    }

    public ActorSystem NodeSystem => _nodeSystem;

    public Task StopAgentAsync() => _nodeSystem.Terminate();

    public void Heartbeat(string nodeName)
    {
    }

    public void Record(StoredObject about, bool warning, string reason, string message, string? fieldPath = null) =>
        Recorded.Enqueue((about.Key.Name, reason, message));

    public static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    public async Task<StoredObject> PodAsync(string name, string containers, string more = "")
    {
        var pod = Json($$$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","namespace":"default"},
             "spec":{"nodeName":"n1","terminationGracePeriodSeconds":2,"containers":[{{{containers}}}]{{{more}}}}}
            """);
        return await Must(Client.CreateAsync(ResourceTypes.Pods, "default", pod, By));
    }

    /// <summary>A container that ends at once when asked to.</summary>
    public static string Sleeper(string name, string more = "") =>
        $$"""{"name":"{{name}}","image":"busybox:1.36","command":["sh","-c","trap exit TERM; sleep 600 & wait"]{{more}}}""";

    public async Task<StoredObject> Must(Task<ResourceResult> call)
    {
        var result = await call;
        Assert.True(result.Ok, result.Failure?.Message);
        return result.Object!;
    }

    public StoredObject? Find(string name) => Reader.Current.Find(new ObjectKey(ResourceTypes.Pods, "default", name));

    public async Task<V1Pod> Until(string name, Func<V1Pod, bool> holds, int seconds = 120)
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            if (Find(name)?.As<V1Pod>() is { } pod && holds(pod))
            {
                return pod;
            }

            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(seconds), $"{name} is not as expected: {Find(name)?.ToJson()["status"]?.ToJsonString()}\n{string.Join('\n', Recorded)}");
            await Task.Delay(20);
        }
    }

    /// <summary>The pod when nothing more is written about it: the same for two seconds.</summary>
    public async Task<StoredObject> SettledAsync(string name)
    {
        var (seen, since) = (Find(name)!, Stopwatch.StartNew());
        await EventuallyAsync(
            () =>
            {
                if (Find(name) is { } now && now.Revision != seen.Revision)
                {
                    seen = now;
                    since.Restart();
                }

                return Task.FromResult(since.Elapsed > TimeSpan.FromSeconds(2));
            },
            $"{name} rests");
        return seen;
    }

    public static async Task EventuallyAsync(Func<Task<bool>> holds, string what)
    {
        var patience = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(patience.Elapsed < TimeSpan.FromMinutes(2), $"Not within two minutes: {what}");
            await Task.Delay(20);
        }
    }

    public Task<V1Pod> Running(string name) => Until(name, pod => pod.Status?.ContainerStatuses?.All(status => status.State.Running is not null) == true);

    public static string IdOf(V1Pod pod, int container = 0) => pod.Status.ContainerStatuses[container].ContainerID["docker://".Length..];

    public async Task<EngineContainer[]> ContainersAsync(string uid) =>
        [.. (await Engine.ListAsync(ContainerLabels.OfPod(Settings.EngineLabels, uid))).OrderBy(container => container.Name, StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        await _nodeSystem.Terminate();
        await Control.Terminate();
        await EnginePurge.RunAsync(Engine, ClusterId);
        LinuxNodeFiles.UnmountAll(Data);
        Directory.Delete(Data, recursive: true);
        Engine.Dispose();
        _prober.Dispose();
    }
}
