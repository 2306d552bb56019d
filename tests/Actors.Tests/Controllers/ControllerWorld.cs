using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Deployments;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.TestSupport;
using ActorOrchestrator.TestSupport.Ledger;

namespace ActorOrchestrator.Actors.Tests.Controllers;

/// <summary>A cluster without actors: the real write path on a direct ledger, controllers that run when the test says so, and pods whose fate the test decides.</summary>
internal sealed class ControllerWorld
{
    public const string Namespace = "default";
    public static readonly ObjectKey Web = new(ResourceTypes.Deployments, Namespace, "web");
    private static readonly WriteOptions User = new("tester", "test");
    private static readonly WriteOptions Kubelet = new("system:node:n1", "status") { Subresource = "status" };

    private readonly DirectLedger _ledger;

    public ControllerWorld()
    {
        _ledger = new DirectLedger(Time);
        Store = new ResourceStore(_ledger, _ledger.View, ResourceCatalog.BuiltIn, Time);
        var key = new ObjectKey(ResourceTypes.Namespaces, "", Namespace);
        var body = ObjectBody.From(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject { ["name"] = Namespace, ["uid"] = "ns" },
        });
        _ledger.CommitAsync(new LedgerCommands.Commit([new LedgerCommands.Create(key, "ns", body, [])], new Provenance("tester", Time.GetUtcNow(), "create", Revision.None)));
    }

    public CanaryProbeStub Probe { get; } = new();
    public ManualTime Time { get; } = new();
    public RecordedEvents Events { get; } = new();
    public DirectLedger Ledger => _ledger;
    public ResourceStore Store { get; }
    public DeploymentView Deployment => DeploymentView.Of(_ledger.View.Current.Find(Web)!);
    public IEnumerable<ReplicaSetView> ReplicaSets => _ledger.View.Current.All(ResourceTypes.ReplicaSets).Select(ReplicaSetView.Of);
    public IEnumerable<PodView> Pods => _ledger.View.Current.All(ResourceTypes.Pods).Select(PodView.Of);
    public PodView[] ActivePods => [.. Pods.Where(pod => pod.IsActive)];
    public int Ready => Pods.Count(pod => pod.IsActive && pod.IsReady);

    public static JsonObject Template(string image) => new()
    {
        ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "web" } },
        ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "web", ["image"] = image }) },
    };

    public static JsonObject NewDeployment(int replicas, JsonNode? surge = null, JsonNode? unavailable = null, string strategy = "RollingUpdate") => new()
    {
        ["apiVersion"] = "apps/v1",
        ["kind"] = "Deployment",
        ["metadata"] = new JsonObject { ["name"] = "web", ["namespace"] = Namespace },
        ["spec"] = new JsonObject
        {
            ["replicas"] = replicas,
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "web" } },
            ["strategy"] = strategy == "Recreate"
                ? new JsonObject { ["type"] = strategy }
                : new JsonObject { ["type"] = strategy, ["rollingUpdate"] = new JsonObject { ["maxSurge"] = surge ?? "25%", ["maxUnavailable"] = unavailable ?? "25%" } },
            ["template"] = Template("web:1"),
        },
    };

    public async Task CreateAsync(ResourceType type, JsonObject obj) => Must(await Store.CreateAsync(type, Namespace, obj, User));

    public Task EditAsync(Action<JsonObject> spec) => ChangeAsync(Web, obj => spec(obj["spec"]!.AsObject()));

    public async Task ChangeAsync(ObjectKey key, Action<JsonObject> change, string subresource = "") => Must(await Store.UpdateAsync(
        key,
        (_, tree) =>
        {
            change(tree);
            return tree;
        },
        subresource == "status" ? Kubelet : User));

    /// <summary>The kubelet says that a pod runs, and whether it is ready.</summary>
    public Task SetReadyAsync(PodView pod, bool ready) => ChangeAsync(
        pod.Stored.Key,
        obj =>
        {
            obj["status"]!["phase"] = "Running";
            obj["status"]!.AsObject().Remove("containerStatuses");
            obj["status"]!["conditions"] = new JsonArray(
                new JsonObject { ["type"] = "Ready", ["status"] = ready ? "True" : "False", ["lastTransitionTime"] = JsonNodes.Time(Time.GetUtcNow()) });
        },
        "status");

    /// <summary>The kubelet says that the pod's container waits, and why.</summary>
    public Task WaitsAsync(PodView pod, string reason, int restarts = 0) => ChangeAsync(
        pod.Stored.Key,
        obj => obj["status"]!["containerStatuses"] = new JsonArray(new JsonObject
        {
            ["name"] = "web",
            ["image"] = "web",
            ["imageID"] = "",
            ["ready"] = false,
            ["restartCount"] = restarts,
            ["state"] = new JsonObject { ["waiting"] = new JsonObject { ["reason"] = reason, ["message"] = $"the message of {reason}" } },
        }),
        "status");

    public Task FailAsync(PodView pod) => ChangeAsync(pod.Stored.Key, obj => obj["status"]!["phase"] = "Failed", "status");

    public async Task KillAsync(PodView pod) => Must(await Store.DeleteAsync(pod.Stored.Key, new DeleteRequest(0), User));

    public async Task AllReadyAsync()
    {
        foreach (var pod in ActivePods.Where(pod => !pod.IsReady))
        {
            await SetReadyAsync(pod, ready: true);
        }
    }

    /// <summary>One look of one controller at one object. True when it wrote something.</summary>
    public async Task<bool> LookAsync(ControllerDefinition definition, ObjectKey key)
    {
        var before = _ledger.View.Current.Revision;
        var plan = definition.Reconcile(Observed.At(key, _ledger.View.Current), Time.GetUtcNow());
        if (!plan.IsNothing)
        {
            await new PlanRunner(definition.Name, _ledger.View, Store, Events, Time).RunAsync(plan, key, Revision.None, CancellationToken.None);
        }

        return _ledger.View.Current.Revision > before;
    }

    /// <summary>A look that ends with its first write, as when the control plane dies there. True when it wrote something.</summary>
    public async Task<bool> DyingLookAsync(ControllerDefinition definition, ObjectKey key)
    {
        var before = _ledger.View.Current.Revision;
        var plan = definition.Reconcile(Observed.At(key, _ledger.View.Current), Time.GetUtcNow());
        PlanAction[] actions = [.. plan.Steps.SelectMany(step => step.Actions).Where(action => action is not RecordEvent { Once: null })];
        if (Array.FindIndex(actions, action => action is not RecordEvent) is >= 0 and var first)
        {
            await new PlanRunner(definition.Name, _ledger.View, Store, Events, Time).RunAsync(Plan.Do(actions[..(first + 1)]), key, Revision.None, CancellationToken.None);
        }

        return _ledger.View.Current.Revision > before;
    }

    public Task<bool> DeploymentLooksAsync() => LookAsync(DeploymentController.With(Probe), Web);

    /// <summary>Everybody looks until nobody has anything to do; false when that takes more than <paramref name="rounds"/>.</summary>
    public async Task<bool> SettleAsync(int rounds = 50)
    {
        for (var round = 0; round < rounds; round++)
        {
            var moved = _ledger.View.Current.Find(Web) is not null && await DeploymentLooksAsync();
            foreach (var set in ReplicaSets.ToArray())
            {
                moved |= await LookAsync(ReplicaSetController.Definition, set.Stored.Key);
            }

            if (!moved)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Settles, makes every pod ready, and again, until the rollout is through.</summary>
    public async Task FinishAsync()
    {
        for (var round = 0; round < 100; round++)
        {
            Assert.True(await SettleAsync(), "the controllers never come to rest");
            if (ActivePods.All(pod => pod.IsReady))
            {
                return;
            }

            await AllReadyAsync();
        }

        Assert.Fail("the rollout never ends");
    }

    private static void Must(ResourceResult result) => Assert.True(result.Ok, result.Failure?.Message);
}
