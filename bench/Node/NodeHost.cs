using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.NodeAgent;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Bench.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Engine;
using Akka.Actor;
using k8s.Models;

namespace ActorOrchestrator.Bench.Node;

/// <summary>One node agent on the real engine with a durable ledger, events included; and the engine itself, for the floor.</summary>
internal sealed class NodeHost : IAsyncDisposable, IControlPlane
{
    private static readonly WriteOptions By = new("bench", "bench");
    private readonly string _folder = Directory.CreateTempSubdirectory("node-bench-").FullName;
    private readonly LedgerHost _ledger;
    private readonly ActorSystem _system = ActorSystem.Create("node", "akka.loglevel = WARNING");
    private readonly NetworkProber _prober = new();

    private NodeHost()
    {
        _ledger = new LedgerHost(Path.Combine(_folder, "ledger.db"));
        Client = new ResourceStore(_ledger.Client, _ledger.View, ResourceCatalog.BuiltIn, TimeProvider.System);
        Settings = NodeAgentSettings.From(LedgerHost.Hocon("node.conf").GetConfig("orchestrator.node"), $"bench{Environment.ProcessId}", "bench", Path.Combine(_folder, "node"), "10.43.0.10") with { Bridge = "orcbench0" };
        Bare = new BareEngine(Settings.ClusterId, Settings.NetworkName);
        Events = EventRecorder.Start(_system, Client, ResourceCatalog.BuiltIn, TimeProvider.System, new EventSettings(), "kubelet", "bench");
    }

    public NodeAgentSettings Settings { get; }
    public DockerEngine Engine { get; } = new(BareEngine.Endpoint);
    public BareEngine Bare { get; }
    public IClusterReader Reader => _ledger.View;
    public IResourceClient Client { get; }
    public IEventRecorder Events { get; }

    public static async Task<NodeHost> StartAsync(CancellationToken cancellation)
    {
        var host = new NodeHost();
        if (await host.Engine.FindImageAsync(BareEngine.Image, cancellation) is null)
        {
            throw new InvalidOperationException($"The image {BareEngine.Image} is missing; tests/images/build.sh makes it.");
        }

        await host._ledger.Client.NewestRevisionAsync(cancellation);
        await host.CreateAsync(ResourceTypes.Namespaces, "", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"bench"}}""");
        await host.CreateAsync(ResourceTypes.Nodes, "", """{"apiVersion":"v1","kind":"Node","metadata":{"name":"bench"},"spec":{"podCIDR":"10.97.0.0/24"}}""");
        host._system.ActorOf(NodeAgentActor.Props(new NodeAgentPorts(
            host, host.Engine, new LinuxNodeFiles(host.Settings.DataDirectory), new LinuxMachine(host.Settings.DataDirectory), host._prober, host.Settings, TimeProvider.System)));
        await host.UntilAsync(snapshot => snapshot.Find(new ObjectKey(ResourceTypes.Nodes, "", "bench"))?.As<V1Node>().Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true);
        return host;
    }

    public void Heartbeat(string nodeName)
    {
    }

    public Task<StoredObject> CreatePodAsync(string name) => CreateAsync(ResourceTypes.Pods, "bench", $$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","namespace":"bench","labels":{"app":"bench"}},
         "spec":{"nodeName":"bench","terminationGracePeriodSeconds":1,"containers":[{"name":"c","image":"{{{BareEngine.Image}}}","command":["sh","-c","trap exit TERM; sleep 6000 & wait"]}]}}
        """);

    public Task RunningAsync(string name, int restarts = 0) => UntilAsync(snapshot => Container(snapshot, name) is { State.Running: not null } status && status.RestartCount == restarts);

    public V1ContainerStatus? Container(ClusterSnapshot snapshot, string name) =>
        snapshot.Find(new ObjectKey(ResourceTypes.Pods, "bench", name))?.As<V1Pod>().Status?.ContainerStatuses?.FirstOrDefault();

    public async Task DeleteAllAsync()
    {
        foreach (var pod in Reader.Current.InNamespace(ResourceTypes.Pods, "bench").ToArray())
        {
            await Client.DeleteAsync(pod.Key, new DeleteRequest(1), By);
        }

        await UntilAsync(snapshot => snapshot.Count(ResourceTypes.Pods) == 0);
    }

    public async Task UntilAsync(Func<ClusterSnapshot, bool> holds)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var observation = Reader.Observe(_ =>
        {
            if (holds(Reader.Current))
            {
                arrived.TrySetResult();
            }
        });
        if (!holds(Reader.Current))
        {
            await arrived.Task.WaitAsync(TimeSpan.FromMinutes(3));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        await _ledger.DisposeAsync();
        await EnginePurge.RunAsync(Engine, Settings.ClusterId);
        LinuxNodeFiles.UnmountAll(Settings.DataDirectory);
        Directory.Delete(_folder, recursive: true);
        Engine.Dispose();
        Bare.Dispose();
        _prober.Dispose();
    }

    private async Task<StoredObject> CreateAsync(ResourceType type, string ns, string json)
    {
        var result = await Client.CreateAsync(type, ns, JsonNode.Parse(json)!.AsObject(), By);
        return result.Object ?? throw new InvalidOperationException(result.Failure?.Message);
    }
}
