using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers;
using ActorOrchestrator.Actors.Controllers.Bootstrap;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.GarbageCollection;
using ActorOrchestrator.Actors.Controllers.Nodes;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.Tests.Scheduling;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Scheduling;
using ActorOrchestrator.TestSupport;
using ActorOrchestrator.TestSupport.Ledger;
using Akka.Actor;

namespace ActorOrchestrator.Actors.Tests.Controllers;

/// <summary>The scheduler and the cluster's controllers together on a real ledger and the real write path.</summary>
public sealed class ControlPlaneTests : PatientTestKit
{
    private static readonly WriteOptions Admin = new("admin", "test");
    private static readonly WriteOptions Agent = new("system:node:n1", "test");

    // Nobody beats for the nodes of these tests, and a busy machine is no reason to give one up.
    private static readonly NodeLifecycleSettings NodesNeverFallSilent = new() { MonitorGracePeriod = TimeSpan.FromHours(1) };

    private readonly TestLedger _ledger;
    private readonly ResourceStore _store;
    private readonly Recorder _events = new();

    public ControlPlaneTests()
    {
        _ledger = new TestLedger(Sys);
        _store = new ResourceStore(_ledger.Client, _ledger.View, ResourceCatalog.BuiltIn, TimeProvider.System);
    }

    private ClusterSnapshot Cluster => _ledger.View.Current;

    private async Task<IActorRef> StartAsync()
    {
        await _ledger.StartedAsync();
        Sys.ActorOf(ControllersActor.Props(
            _ledger.View, _store, _events, TimeProvider.System, ControllersSettings.Default,
            ClusterControllers.Definitions(ResourceCatalog.BuiltIn, new BootstrapSettings("192.0.2.1", 6443, "PEM", "10.43.0.1", "10.43.0.10", "10.43.0.0/16"))));
        var actors = ClusterControllers.Actors(
            _ledger.View, _store, _events, TimeProvider.System, NodesNeverFallSilent, new GarbageCollectionSettings());
        foreach (var (name, props) in actors)
        {
            Sys.ActorOf(props, name);
        }

        var settings = new SchedulerSettings { InitialBackoff = TimeSpan.FromMilliseconds(20) };
        var scheduler = Sys.ActorOf(SchedulerActor.Props(_ledger.View, _store, _events, TimeProvider.System, settings), "scheduler");
        await EventuallyAsync(() => Cluster.Find(Key(ResourceTypes.ServiceAccounts, "default", "default")) is not null);
        return scheduler;
    }

    [Fact]
    public async Task A_fresh_cluster_gets_its_system_objects_and_gets_them_back_when_they_are_deleted()
    {
        await StartAsync();
        var service = Key(ResourceTypes.Services, "default", "kubernetes");
        await EventuallyAsync(() => Cluster.Find(service) is not null
            && Cluster.Find(Key(ResourceTypes.Services, "kube-system", "kube-dns")) is not null
            && Cluster.Find(Key(ResourceTypes.Endpoints, "default", "kubernetes")) is not null
            && Cluster.Find(Key(ResourceTypes.EndpointSlices, "default", "kubernetes")) is not null
            && Cluster.Find(Key(ResourceTypes.ConfigMaps, "kube-public", "kube-root-ca.crt")) is not null);
        Assert.Equal("10.43.0.1", (string?)Cluster.Find(service)!.ToJson()["spec"]!["clusterIP"]);
        var first = Cluster.Find(service)!.Uid;
        Assert.True((await _store.DeleteAsync(service, new DeleteRequest(), Admin)).Ok);
        await EventuallyAsync(() => Cluster.Find(service) is { } again && again.Uid != first);
    }

    [Fact]
    public async Task A_pod_is_bound_becomes_an_endpoint_and_leaves_no_trace_when_its_namespace_is_deleted()
    {
        await StartAsync();
        await CreateAsync(ResourceTypes.Nodes, "", Given.NodeJson("n1"));
        await CreateAsync(ResourceTypes.Namespaces, "", Given.Parse("""{"metadata":{"name":"shop"}}"""));
        await EventuallyAsync(() => Cluster.Find(Key(ResourceTypes.ServiceAccounts, "shop", "default")) is not null);
        await CreateAsync(ResourceTypes.Services, "shop", Given.Parse("""{"metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"ports":[{"port":80,"protocol":"TCP"}]}}"""));
        var pod = await CreatePodAsync("shop", "p");
        await EventuallyAsync(() => NodeOf(pod) == "n1");
        Assert.Equal("True", (string?)ConditionOf(pod, "PodScheduled")!["status"]);
        await EventuallyAsync(() => _events.Has("Scheduled", "Successfully assigned shop/p to n1"));

        await _store.UpdateAsync(pod, (_, obj) => Running(obj), Agent with { Subresource = "status" });
        await EventuallyAsync(() => Cluster.InNamespace(ResourceTypes.EndpointSlices, "shop").Any(slice =>
            slice.ToJson()["endpoints"] is JsonArray { Count: 1 } endpoints && (bool)endpoints[0]!["conditions"]!["ready"]!));
        await EventuallyAsync(() => Cluster.Find(Key(ResourceTypes.Endpoints, "shop", "web"))?.ToJson()["subsets"] is JsonArray { Count: 1 });

        var home = Key(ResourceTypes.Namespaces, "", "shop");
        Assert.True((await _store.DeleteAsync(home, new DeleteRequest(), Admin)).Ok);
        await EventuallyAsync(() => Cluster.Find(pod)?.Metadata.DeletionTimestamp is not null);
        Assert.True((await _store.DeleteAsync(pod, new DeleteRequest(GracePeriodSeconds: 0), Agent)).Ok);
        await EventuallyAsync(() => Cluster.Find(home) is null);
        Assert.DoesNotContain(Cluster.Types.SelectMany(Cluster.All), obj => obj.Key.Namespace == "shop");
    }

    [Fact]
    public async Task A_pod_that_fits_nowhere_says_why_and_is_bound_as_soon_as_a_node_can_take_it()
    {
        var scheduler = await StartAsync();
        await CreateAsync(ResourceTypes.Nodes, "", Given.NodeJson("small", cpu: "50m"));
        var pod = await CreatePodAsync("default", "p");
        const string Message = "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
        await EventuallyAsync(() => (string?)ConditionOf(pod, "PodScheduled")?["message"] == Message);
        Assert.Equal("Unschedulable", (string?)ConditionOf(pod, "PodScheduled")!["reason"]);
        Assert.True(_events.Has("FailedScheduling", Message));
        var why = await scheduler.Ask<SchedulerReplies.Explanation>(new SchedulerQueries.Explain(pod), TimeSpan.FromSeconds(30));
        Assert.Equal("Insufficient cpu", Assert.Single(Assert.Single(why.Nodes).Reasons));
        await CreateAsync(ResourceTypes.Nodes, "", Given.NodeJson("large"));
        await EventuallyAsync(() => NodeOf(pod) == "large");
    }

    [Fact]
    public async Task Each_node_gets_a_piece_of_the_network_of_its_own()
    {
        await StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => CreateAsync(ResourceTypes.Nodes, "", Given.NodeJson($"n{i}"))));
        await EventuallyAsync(() => Cluster.All(ResourceTypes.Nodes).All(node => (string?)node.ToJson()["spec"]!["podCIDR"] is { Length: > 0 }));
        var cidrs = Cluster.All(ResourceTypes.Nodes).Select(node => (string)node.ToJson()["spec"]!["podCIDR"]!).ToArray();
        Assert.Equal(20, cidrs.Distinct().Count());
        Assert.All(cidrs, cidr => Assert.Matches(@"^10\.42\.\d+\.0/24$", cidr));
    }

    private static ObjectKey Key(ResourceType type, string @namespace, string name) => new(type, @namespace, name);

    private static ChangeResult Running(JsonObject pod)
    {
        var status = pod["status"]!.AsObject();
        status["phase"] = "Running";
        status["podIP"] = "10.42.0.5";
        status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = "10.42.0.5" });
        status["conditions"]!.AsArray().Add((JsonNode)new JsonObject { ["type"] = "Ready", ["status"] = "True", ["lastTransitionTime"] = "2026-01-01T00:00:00Z" });
        return pod;
    }

    private string NodeOf(ObjectKey pod) => Cluster.Find(pod)?.Links.NodeName ?? "";

    private JsonObject? ConditionOf(ObjectKey key, string type) => (Cluster.Find(key)?.ToJson()["status"]?["conditions"] as JsonArray)?
        .OfType<JsonObject>().FirstOrDefault(condition => (string?)condition["type"] == type);

    private async Task<ObjectKey> CreatePodAsync(string @namespace, string name)
    {
        var pod = Given.PodJson(name);
        pod["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["app"] = "web" } };
        return await CreateAsync(ResourceTypes.Pods, @namespace, pod);
    }

    private async Task<ObjectKey> CreateAsync(ResourceType type, string @namespace, JsonObject obj)
    {
        var descriptor = ResourceCatalog.BuiltIn[type];
        (obj["apiVersion"], obj["kind"]) = (descriptor.ApiVersion, descriptor.Kind);
        var result = await _store.CreateAsync(type, @namespace, obj, Admin);
        Assert.True(result.Ok, result.Failure?.Message);
        return result.Object!.Key;
    }

    private Task EventuallyAsync(Func<bool> holds) => AwaitConditionAsync(() => Task.FromResult(holds()), null, TimeSpan.FromMilliseconds(20));

    private sealed class Recorder : IEventRecorder
    {
        private readonly ConcurrentQueue<(string Reason, string Message)> _recorded = new();

        public void Record(StoredObject about, bool warning, string reason, string message, string? fieldPath = null) => _recorded.Enqueue((reason, message));

        public bool Has(string reason, string message) => _recorded.Contains((reason, message));
    }
}
