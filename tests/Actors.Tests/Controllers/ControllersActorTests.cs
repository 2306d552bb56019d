using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Deployments;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.TestSupport;
using ActorOrchestrator.TestSupport.Ledger;
using Akka.Actor;

namespace ActorOrchestrator.Actors.Tests.Controllers;

public sealed class ControllersActorTests : PatientTestKit
{
    private static readonly WriteOptions User = new("tester", "test");
    private static readonly ControllersSettings Settings = new()
    {
        Retry = new Backoff(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100)),
        Restart = new Backoff(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100)),
        Conflicts = 4,
    };

    private readonly TestLedger _ledger;
    private readonly HeldLedger _held;
    private readonly ResourceStore _store;
    private readonly RecordedEvents _events = new();

    public ControllersActorTests()
        : base("akka.loglevel = OFF\nakka.stdout-loglevel = OFF")
    {
        _ledger = new TestLedger(Sys);
        _held = new HeldLedger(_ledger.Client);
        _store = new ResourceStore(_held, _ledger.View, ResourceCatalog.BuiltIn, TimeProvider.System);
    }

    private StoredObject[] Pods => [.. _ledger.View.Current.All(ResourceTypes.Pods)];

    private IActorRef Start(params ControllerDefinition[] definitions) =>
        Sys.ActorOf(ControllersActor.Props(_ledger.View, _store, _events, TimeProvider.System, Settings, definitions), "controllers");

    private async Task CreateNamespaceAsync() => await _ledger.CreateAsync(
        ResourceTypes.Namespaces, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = "default" } });

    [Fact]
    public async Task A_deployment_becomes_pods_and_a_deleted_pod_is_replaced()
    {
        await CreateNamespaceAsync();
        Start(DeploymentController.Definition, ReplicaSetController.Definition);
        var created = await _store.CreateAsync(ResourceTypes.Deployments, "default", ControllerWorld.NewDeployment(3), User);
        Assert.True(created.Ok);
        await AwaitConditionAsync(() => Task.FromResult(Pods.Length == 3));
        var victim = Pods[0];
        await _store.DeleteAsync(victim.Key, new DeleteRequest(0), User);
        await AwaitConditionAsync(() => Task.FromResult(Pods.Length == 3 && Pods.All(pod => pod.Uid != victim.Uid)));
        await AwaitAssertAsync(() => Assert.Equal(4, _events.All.Count(text => text.StartsWith("SuccessfulCreate", StringComparison.Ordinal))));
        await AwaitAssertAsync(() => Assert.Equal(3, DeploymentView.Of(_ledger.View.Current.Find(ControllerWorld.Web)!).Status.Replicas));
    }

    [Fact]
    public async Task What_was_there_before_the_controllers_is_looked_at_when_they_start()
    {
        await CreateNamespaceAsync();
        await _store.CreateAsync(ResourceTypes.Deployments, "default", ControllerWorld.NewDeployment(2), User);
        Start(DeploymentController.Definition, ReplicaSetController.Definition);
        await AwaitConditionAsync(() => Task.FromResult(Pods.Length == 2));
    }

    [Fact]
    public async Task The_facts_name_the_controller_and_what_made_it_act()
    {
        await CreateNamespaceAsync();
        var facts = new ConcurrentQueue<Contracts.Ledger.Fact>();
        using var observation = _ledger.View.Observe(batch => batch.Facts.ToList().ForEach(facts.Enqueue));
        Start(DeploymentController.Definition, ReplicaSetController.Definition);
        var created = await _store.CreateAsync(ResourceTypes.Deployments, "default", ControllerWorld.NewDeployment(1), User);
        await AwaitConditionAsync(() => Task.FromResult(facts.Any(fact => fact.Key.Type == ResourceTypes.Pods)));
        var set = facts.First(fact => fact.Key.Type == ResourceTypes.ReplicaSets);
        Assert.Equal("system:serviceaccount:kube-system:deployment-controller", set.Provenance.Principal);
        Assert.Equal(created.Object!.Revision, set.Provenance.Cause);
        var pod = facts.First(fact => fact.Key.Type == ResourceTypes.Pods);
        Assert.Equal(("system:serviceaccount:kube-system:replicaset-controller", set.Revision), (pod.Provenance.Principal, pod.Provenance.Cause));
    }

    [Fact]
    public async Task A_crash_concerns_one_object_and_it_is_looked_at_again()
    {
        var looks = new ConcurrentDictionary<string, int>();
        var definition = Watching((observed, _) =>
        {
            var count = looks.AddOrUpdate(observed.Key.Name, 1, (_, before) => before + 1);
            return observed.Key.Name == "bad" && count < 3 ? throw new InvalidOperationException("thrown by the test") : Plan.Nothing;
        });
        await _ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap("good"));
        await _ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap("bad"));
        Start(definition);
        await AwaitConditionAsync(() => Task.FromResult(looks.GetValueOrDefault("bad") == 3 && looks.ContainsKey("good")));
        Assert.Equal(1, looks["good"]);
    }

    [Fact]
    public async Task Marks_that_arrive_during_a_plan_become_one_more_look()
    {
        var looks = 0;
        var release = new TaskCompletionSource();
        var definition = Watching((observed, _) => Interlocked.Increment(ref looks) == 1
            ? Plan.Do(new CreateObject(ResourceTypes.Namespaces, "", () => new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = "made" } }))
            : Plan.Nothing);
        _held.Until = release.Task;
        var obj = await _ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap("a"));
        var controllers = Start(definition);
        await AwaitConditionAsync(() => Task.FromResult(Volatile.Read(ref looks) == 1));
        for (var i = 0; i < 20; i++)
        {
            await _ledger.ReplaceAsync(obj.Key, tree => tree["data"] = new JsonObject { ["n"] = $"{i}" });
        }

        // All marks have come as far as the object's actor.
        await DrainAsync(controllers.Path);
        await DrainAsync(controllers.Path / "test-controller");
        await DrainAsync(controllers.Path / "test-controller" / "*");
        release.SetResult();
        await AwaitConditionAsync(() => Task.FromResult(Volatile.Read(ref looks) == 2));
        await DrainAsync(controllers.Path / "test-controller" / "*");
        await ExpectNoMsgAsync();
        Assert.Equal(2, Volatile.Read(ref looks));
    }

    [Fact]
    public async Task A_refused_plan_is_tried_again_later_and_own_writes_do_not_hurry_it()
    {
        await CreateNamespaceAsync();
        var looks = 0;
        var definition = Watching((observed, _) => Interlocked.Increment(ref looks) <= 3
            ? Plan.Do(new CreateObject(ResourceTypes.ConfigMaps, "nowhere", () => ConfigMap("x", "nowhere")))
            : Plan.Nothing);
        await _ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap("a"));
        Start(definition);
        await AwaitConditionAsync(() => Task.FromResult(looks == 4));
    }

    [Fact]
    public async Task An_actor_leaves_with_its_object_and_comes_back_with_the_next_of_that_name()
    {
        var looks = new ConcurrentQueue<string>();
        var definition = Watching((observed, _) =>
        {
            looks.Enqueue(observed.Object?.Uid ?? "gone");
            return Plan.Nothing;
        });
        var controllers = Start(definition);
        for (var i = 0; i < 20; i++)
        {
            var obj = await _ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap("a"));
            await AwaitConditionAsync(() => Task.FromResult(looks.Contains(obj.Uid)));
            await _ledger.RemoveAsync(obj.Key);
        }

        await AwaitAssertAsync(async () =>
        {
            var identity = await Sys.ActorSelection(controllers.Path / "test-controller" / "*").Ask<ActorIdentity>(new Identify(1), TimeSpan.FromMilliseconds(100))
                .ContinueWith(task => task.IsCompletedSuccessfully ? task.Result.Subject : null);
            Assert.Null(identity);
        });
    }

    [Fact]
    public async Task A_time_to_look_again_is_kept()
    {
        var looks = 0;
        var definition = Watching((_, now) => Interlocked.Increment(ref looks) < 3 ? Plan.Nothing with { RequeueAt = now.AddMilliseconds(30) } : Plan.Nothing);
        await _ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap("a"));
        Start(definition);
        await AwaitConditionAsync(() => Task.FromResult(looks == 3));
    }

    /// <summary>Ends when the actor is done with all that it had been sent.</summary>
    private Task DrainAsync(ActorPath path) => Sys.ActorSelection(path).Ask<ActorIdentity>(new Identify(null), TimeSpan.FromSeconds(60));

    private static ControllerDefinition Watching(Func<Observed, DateTimeOffset, Plan> reconcile) => new()
    {
        Name = "test-controller",
        Observes = [ResourceTypes.ConfigMaps],
        DirtiedBy = (fact, _) => [fact.Key],
        Everything = ControllerDefinition.AllOf(ResourceTypes.ConfigMaps),
        Reconcile = reconcile,
    };

    private static JsonObject ConfigMap(string name, string @namespace = "default") => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace },
    };

    /// <summary>Keeps writers waiting for as long as a test says.</summary>
    private sealed class HeldLedger(ILedger ledger) : ILedger
    {
        public Task Until { get; set; } = Task.CompletedTask;

        public async Task<LedgerReplies.Committed> CommitAsync(LedgerCommands.Commit commit, CancellationToken cancellation = default)
        {
            await Until.WaitAsync(cancellation);
            return await ledger.CommitAsync(commit, cancellation);
        }

        public Task<Revision> NewestRevisionAsync(CancellationToken cancellation = default) => ledger.NewestRevisionAsync(cancellation);
    }
}
