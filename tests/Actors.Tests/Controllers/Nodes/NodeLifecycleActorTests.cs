using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Tests.NodeAgent;
using ActorOrchestrator.Actors.Tests.Scheduling;
using ActorOrchestrator.Actors.Tests.Timers;
using ActorOrchestrator.Contracts.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.TestSupport;
using ActorOrchestrator.TestSupport.Ledger;
using Akka.Actor;
using Akka.TestKit;

namespace ActorOrchestrator.Actors.Tests.Controllers.Nodes;

/// <summary>What becomes of a node and its pods when it falls silent, in virtual time.</summary>
public sealed class NodeLifecycleActorTests : PatientTestKit
{
    // Conditions and taints tell the time to the second.
    private static readonly TimeSpan Blur = TimeSpan.FromSeconds(2);
    private static readonly WriteOptions Admin = new("admin", "test");
    private static readonly WriteOptions Agent = new("system:node:n1", "test") { Subresource = "status" };
    private static readonly ObjectKey N1 = new(ResourceTypes.Nodes, "", "n1");
    private static readonly ObjectKey N2 = new(ResourceTypes.Nodes, "", "n2");
    private static readonly ObjectKey Pod = new(ResourceTypes.Pods, "default", "p");

    private readonly NodeLifecycleSettings _settings = new();
    private readonly RecordedEvents _events = new();
    private readonly DirectLedger _ledger;
    private readonly ResourceStore _store;
    private readonly IActorRef _controller;

    public NodeLifecycleActorTests()
        : base(AgentWorld.Hocon)
    {
        var time = new SchedulerTime(Virtual);
        _ledger = new DirectLedger(time);
        _store = new ResourceStore(_ledger, _ledger.View, ResourceCatalog.BuiltIn, time);
        _controller = Sys.ActorOf(NodeLifecycleActor.Props(_ledger.View, _store, _events, time, _settings));
    }

    private TestScheduler Virtual => (TestScheduler)Sys.Scheduler;

    private ClusterSnapshot Cluster => _ledger.View.Current;

    [Fact]
    public async Task A_new_node_takes_pods_as_soon_as_it_is_ready()
    {
        await CreateAsync(ResourceTypes.Nodes, Given.NodeJson("n1", ready: "False"));
        await EventuallyAsync(() => TaintsOf(N1) == "node.kubernetes.io/not-ready:NoSchedule");
        await _store.UpdateAsync(N1, (_, node) => Ready(node), Agent);
        await EventuallyAsync(() => TaintsOf(N1).Length == 0);
    }

    [Fact]
    public async Task The_pods_of_a_node_that_falls_silent_are_unready_then_evicted_then_gone()
    {
        await TwoNodesAndAPodAsync();

        await AdvanceAsync(_settings.MonitorGracePeriod - TimeSpan.FromSeconds(1));
        Assert.Equal("True", StateOf(N1, "Ready"));
        await AdvanceAsync(TimeSpan.FromSeconds(1));
        await EventuallyAsync(() => StateOf(N1, "Ready") == "Unknown" && MessageOf(N1) == "Kubelet stopped posting node status.");
        await EventuallyAsync(() => StateOf(Pod, "Ready") == "False");
        await EventuallyAsync(() => TaintsOf(N1) == "node.kubernetes.io/unreachable:NoExecute,node.kubernetes.io/unreachable:NoSchedule");

        await AdvanceAsync(_settings.DefaultEvictionAfter - Blur);
        Assert.Null(Cluster.Find(Pod)!.Metadata.DeletionTimestamp);
        await AdvanceAsync(Blur);
        await EventuallyAsync(() => Cluster.Find(Pod) is { Metadata.DeletionTimestamp: not null });
        Assert.Contains("TaintManagerEviction: Marking for deletion Pod default/p", _events.All);

        await AdvanceAsync(_settings.FenceAfter - _settings.DefaultEvictionAfter - Blur);
        Assert.NotNull(Cluster.Find(Pod));
        await AdvanceAsync(Blur);
        await EventuallyAsync(() => Cluster.Find(Pod) is null);
        Assert.Equal("True", StateOf(N2, "Ready"));
        Assert.Equal("", TaintsOf(N2));
    }

    [Fact]
    public async Task A_pod_that_comes_to_a_ready_node_with_a_taint_leaves_when_its_patience_ends_unless_the_taint_does_first()
    {
        await TwoNodesAndAPodAsync();
        await TaintAsync("""[{"key":"mine","effect":"NoExecute"}]""");
        await EventuallyAsync(() => Cluster.Find(Pod) is { Metadata.DeletionTimestamp: not null });
        Assert.Equal("DeletionByTaintManager", (string?)ConditionOf(Pod, "DisruptionTarget")?["reason"]);

        var patient = Pod with { Name = "patient" };
        await CreateAsync(ResourceTypes.Pods, Given.PodJson("patient", spec: spec =>
        {
            spec["nodeName"] = "n1";
            spec["tolerations"] = new JsonArray(new JsonObject { ["key"] = "mine", ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 30 });
        }));
        await AdvanceAsync(TimeSpan.FromSeconds(30) - Blur, "n1", "n2");
        Assert.Null(Cluster.Find(patient)!.Metadata.DeletionTimestamp);
        await TaintAsync("[]");
        await AdvanceAsync(TimeSpan.FromSeconds(10), "n1", "n2");
        Assert.Null(Cluster.Find(patient)!.Metadata.DeletionTimestamp);

        await TaintAsync("""[{"key":"mine","effect":"NoExecute"}]""");
        await AdvanceAsync(TimeSpan.FromSeconds(30) + Blur, "n1", "n2");
        await EventuallyAsync(() => Cluster.Find(patient) is not { Metadata.DeletionTimestamp: null });
    }

    [Fact]
    public async Task Two_nodes_of_a_zone_that_are_lost_together_are_given_up_one_after_the_other()
    {
        await TwoNodesAndAPodAsync();
        foreach (var name in (string[])["n3", "n4"])
        {
            await CreateAsync(ResourceTypes.Nodes, Given.NodeJson(name));
        }

        await AdvanceAsync(_settings.MonitorGracePeriod, "n3", "n4");
        string Lost(string effect) => string.Join(' ', new[] { N1, N2 }.Where(node => TaintsOf(node).Contains($"unreachable:{effect}", StringComparison.Ordinal)).Select(node => node.Name));
        await EventuallyAsync(() => Lost("NoSchedule") == "n1 n2" && Lost("NoExecute").Length == 2);
        await AdvanceAsync(TimeSpan.FromSeconds(8), "n3", "n4");
        Assert.Equal(2, Lost("NoExecute").Length);
        await AdvanceAsync(TimeSpan.FromSeconds(3), "n3", "n4");
        await EventuallyAsync(() => Lost("NoExecute") == "n1 n2");
    }

    private async Task TaintAsync(string taints)
    {
        var result = await _store.UpdateAsync(N1, (_, node) =>
        {
            node["spec"]!["taints"] = JsonNode.Parse(taints);
            return node;
        }, Admin);
        Assert.True(result.Ok, result.Failure?.Message);
        await DrainAsync();
    }

    private async Task TwoNodesAndAPodAsync()
    {
        await CreateAsync(ResourceTypes.Namespaces, Given.Parse("""{"metadata":{"name":"default"}}"""));
        await CreateAsync(ResourceTypes.Nodes, Given.NodeJson("n1"));
        await CreateAsync(ResourceTypes.Nodes, Given.NodeJson("n2"));
        await EventuallyAsync(() => TaintsOf(N1).Length == 0 && TaintsOf(N2).Length == 0);
        await CreateAsync(ResourceTypes.Pods, Given.PodJson("p", spec: spec => spec["nodeName"] = "n1"));
        await _store.UpdateAsync(Pod, (_, pod) => Ready(pod), Agent);

        // The agent's own words count as a sign of life: from here on n1 says nothing any more.
        _controller.Tell(new NodeMessages.Heartbeat("n1"));
        await DrainAsync();
    }

    /// <summary>The other node goes on beating all the while.</summary>
    private Task AdvanceAsync(TimeSpan by) => AdvanceAsync(by, "n2");

    private async Task AdvanceAsync(TimeSpan by, params string[] alive)
    {
        for (var done = TimeSpan.Zero; done < by; done += TimeSpan.FromSeconds(1))
        {
            foreach (var node in alive)
            {
                _controller.Tell(new NodeMessages.Heartbeat(node));
            }

            await DrainAsync();
            Virtual.Advance(TimeSpan.FromSeconds(1));
            await DrainAsync();
        }
    }

    /// <summary>Its mailbox is done with everything before.</summary>
    private Task DrainAsync() => _controller.Ask<ActorIdentity>(new Identify(null));

    /// <summary>The state that follows now; a millisecond at a time, because a timer that is set late is due in the next one.</summary>
    private Task EventuallyAsync(Func<bool> holds) => AwaitConditionAsync(
        async () =>
        {
            await DrainAsync();
            if (!holds())
            {
                Virtual.Advance(TimeSpan.FromMilliseconds(1));
            }

            return holds();
        },
        null,
        TimeSpan.FromMilliseconds(20));

    private static JsonObject Ready(JsonObject obj)
    {
        obj["status"]!["conditions"] = new JsonArray(new JsonObject
        {
            ["type"] = "Ready",
            ["status"] = "True",
            ["lastTransitionTime"] = "2000-01-01T00:00:00Z",
        });
        return obj;
    }

    private async Task CreateAsync(ResourceType type, JsonObject obj)
    {
        var descriptor = ResourceCatalog.BuiltIn[type];
        (obj["apiVersion"], obj["kind"]) = (descriptor.ApiVersion, descriptor.Kind);
        var result = await _store.CreateAsync(type, type == ResourceTypes.Pods ? "default" : "", obj, Admin);
        Assert.True(result.Ok, result.Failure?.Message);
    }

    private JsonObject? ConditionOf(ObjectKey key, string type) => (Cluster.Find(key)?.ToJson()["status"]?["conditions"] as JsonArray)?
        .OfType<JsonObject>().FirstOrDefault(condition => (string?)condition["type"] == type);

    private string StateOf(ObjectKey key, string type) => (string?)ConditionOf(key, type)?["status"] ?? "";

    private string MessageOf(ObjectKey key) => (string?)ConditionOf(key, "Ready")?["message"] ?? "";

    private string TaintsOf(ObjectKey node) => string.Join(',', (Cluster.Find(node)?.ToJson()["spec"]?["taints"] as JsonArray ?? [])
        .Select(taint => $"{(string?)taint!["key"]}:{(string?)taint["effect"]}").Order(StringComparer.Ordinal));
}
