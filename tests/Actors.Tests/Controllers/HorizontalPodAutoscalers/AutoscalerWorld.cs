using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Tests.Controllers.HorizontalPodAutoscalers;

/// <summary>A Deployment whose pods use what the test says, and autoscalers that look at it in virtual time.</summary>
internal sealed class AutoscalerWorld
{
    public static readonly TimeSpan Period = AutoscalerSettings.Default.SyncPeriod;
    public static readonly ObjectKey Autoscaler = KeyOf("web");
    public const string Cpu = """{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}""";

    private readonly Usage _usage = new();
    private ControllerDefinition _controller;

    public AutoscalerWorld() => _controller = NewController();

    public ControllerWorld World { get; } = new();
    public IMetricsServers? Servers { get; init; }
    public AutoscalerView View => ViewOf(Autoscaler);
    public int Replicas => World.Deployment.Replicas;

    /// <summary>Thousandths of a core that each pod uses; null when nobody measures.</summary>
    public long? Milli { get => _usage.Milli; set => _usage.Milli = value; }

    public static ObjectKey KeyOf(string name) => new(ResourceTypes.HorizontalPodAutoscalers, ControllerWorld.Namespace, name);

    public AutoscalerView ViewOf(ObjectKey key) => AutoscalerView.Of(World.Ledger.View.Current.Find(key)!);

    public Condition Condition(string type) => View.Status.Conditions.OfType(type)!;

    private ControllerDefinition NewController()
    {
        _usage.Now = () => World.Time.GetUtcNow();
        _usage.UidOf = name => World.Ledger.View.Current.Find(new ObjectKey(ResourceTypes.Pods, ControllerWorld.Namespace, name))?.Uid;
        return new HorizontalPodAutoscalerReconciler(ResourceCatalog.BuiltIn, _usage, Servers, AutoscalerSettings.Default).Definition;
    }

    /// <summary>Another leader begins, who remembers nothing.</summary>
    public void ChangeLeader() => _controller = NewController();

    /// <summary>The Deployment with so many pods that have been ready for long, each of which requests 100m.</summary>
    public async Task BeginAsync(int replicas)
    {
        var deployment = ControllerWorld.NewDeployment(replicas);
        deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"] = JsonNode.Parse("""{"requests":{"cpu":"100m"}}""");
        await World.CreateAsync(ResourceTypes.Deployments, deployment);
        await SettleAsync();
        World.Time.Advance(TimeSpan.FromMinutes(10));
    }

    public Task CreateAsync(string spec, string name = "web", string target = """{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}""") => World.CreateAsync(
        ResourceTypes.HorizontalPodAutoscalers,
        JsonNode.Parse($$"""{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"{{name}}","namespace":"default"},"spec":{"scaleTargetRef":{{target}},{{spec}} } }""")!.AsObject());

    /// <summary>The autoscaler is looked at as often as its plans ask for until this time has passed, and its workload follows.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        var until = World.Time.GetUtcNow() + time;
        while (World.Time.GetUtcNow() < until)
        {
            var due = _controller.Reconcile(Observed.At(Autoscaler, World.Ledger.View.Current), World.Time.GetUtcNow()).RequeueAt!.Value;
            World.Time.Advance((due < until ? due : until) - World.Time.GetUtcNow());
            await LookAsync();
        }
    }

    public async Task<bool> LookAsync(string name = "web")
    {
        var wrote = await World.LookAsync(_controller, KeyOf(name));
        await SettleAsync();
        return wrote;
    }

    public DateTimeOffset? Due() => _controller.Reconcile(Observed.At(Autoscaler, World.Ledger.View.Current), World.Time.GetUtcNow()).RequeueAt;

    private async Task SettleAsync()
    {
        for (var round = 0; round < 10 && World.Ledger.View.Current.Find(ControllerWorld.Web) is not null; round++)
        {
            Assert.True(await World.SettleAsync());
            var waiting = World.ActivePods.Where(pod => !pod.IsReady).ToArray();
            if (waiting.Length == 0)
            {
                return;
            }

            foreach (var pod in waiting)
            {
                // They have been running for a while: what starting pods do is the calculator's.
                await World.ChangeAsync(
                    pod.Stored.Key,
                    obj =>
                    {
                        var since = JsonNodes.Time(World.Time.GetUtcNow() - TimeSpan.FromMinutes(10));
                        obj["status"] = new JsonObject
                        {
                            ["phase"] = "Running",
                            ["startTime"] = since,
                            ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True", ["lastTransitionTime"] = since }),
                        };
                    },
                    "status");
            }
        }
    }

    private sealed class Usage : IResourceMetrics
    {
        public long? Milli { get; set; }
        public Func<DateTimeOffset> Now { get; set; } = null!;
        public Func<string, string?> UidOf { get; set; } = null!;

        public PodUsage? Pod(string @namespace, string name) => Milli is { } milli && UidOf(name) is { } uid
            ? new PodUsage(@namespace, name, uid, Now(), TimeSpan.FromSeconds(15), [new ContainerUsage("web", milli * 1_000_000, 64 << 20)])
            : null;

        public IEnumerable<PodUsage> Pods(string? @namespace) => [];

        public NodeUsage? Node(string name) => null;

        public IEnumerable<NodeUsage> Nodes() => [new NodeUsage("n1", Now(), TimeSpan.FromSeconds(15), 0, 0)];
    }
}
