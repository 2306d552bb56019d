using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.Tests.NodeAgent;
using ActorOrchestrator.Actors.Tests.Timers;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.TestSupport;
using ActorOrchestrator.TestSupport.Ledger;
using Akka.TestKit;

namespace ActorOrchestrator.Actors.Tests.Scheduling;

/// <summary>What others see of the scheduler: bindings, conditions, nominations, evictions, claims and events, through the real write path in virtual time.</summary>
public sealed class SchedulerEffectsTests : PatientTestKit
{
    private readonly RecordedEvents _events = new();
    private readonly SchedulerTime _time;
    private readonly TestLedger _ledger;

    public SchedulerEffectsTests()
        : base(AgentWorld.Hocon)
    {
        _time = new SchedulerTime(Virtual);
        _ledger = new TestLedger(Sys, time: _time);
    }

    private TestScheduler Virtual => (TestScheduler)Sys.Scheduler;

    [Fact]
    public async Task Somebody_less_important_is_told_and_deleted_and_the_room_is_bound()
    {
        await _ledger.CreateAsync(ResourceTypes.Nodes, Given.NodeJson("n", cpu: "1"));
        await _ledger.CreateAsync(ResourceTypes.Pods, Pod("low", priority: 1, node: "n"));
        Start();
        await _ledger.CreateAsync(ResourceTypes.Pods, Pod("high", priority: 10));

        await AwaitAssertAsync(() => Assert.NotNull((string?)Find("low")["metadata"]!["deletionTimestamp"]));
        var told = Condition("low", "DisruptionTarget")!;
        Assert.Equal(("True", "PreemptionByScheduler"), ((string?)told["status"], (string?)told["reason"]));
        Assert.Equal("default-scheduler: preempting to accommodate a higher priority pod", (string?)told["message"]);
        await AwaitAssertAsync(() => Assert.Equal("n", (string?)Find("high")["status"]!["nominatedNodeName"]));
        var waits = Condition("high", "PodScheduled")!;
        Assert.Equal(
            ("False", "Unschedulable", "0/1 nodes are available: 1 Insufficient cpu."), ((string?)waits["status"], (string?)waits["reason"], (string?)waits["message"]));

        await _ledger.RemoveAsync(Key("low"));
        await AwaitAssertAsync(() => Assert.Equal("n", (string?)Find("high")["spec"]!["nodeName"]));
        Assert.Equal("True", (string?)Condition("high", "PodScheduled")!["status"]);
        await AwaitAssertAsync(() => Assert.Equal(
            [
                "FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.",
                "Preempted: Preempted by pod uid-high on node n",
                "Scheduled: Successfully assigned default/high to n",
            ],
            _events.All.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Whose_room_goes_to_somebody_more_important_is_nominated_there_no_longer()
    {
        await _ledger.CreateAsync(ResourceTypes.Nodes, Given.NodeJson("n", cpu: "1"));
        await _ledger.CreateAsync(ResourceTypes.Pods, Pod("low", priority: 1, node: "n"));
        Start();
        await _ledger.CreateAsync(ResourceTypes.Pods, Pod("mid", priority: 10));
        await AwaitAssertAsync(() => Assert.Equal("n", (string?)Find("mid")["status"]!["nominatedNodeName"]));
        await _ledger.CreateAsync(ResourceTypes.Pods, Pod("high", priority: 100));
        await AwaitAssertAsync(() => Assert.Equal("n", (string?)Find("high")["status"]!["nominatedNodeName"]));
        await AwaitAssertAsync(() => Assert.Null(Find("mid")["status"]!["nominatedNodeName"]));
    }

    [Fact]
    public async Task A_gated_pod_waits_until_its_gates_are_gone()
    {
        await _ledger.CreateAsync(ResourceTypes.Nodes, Given.NodeJson("n"));
        Start();
        var gated = Pod("gated", priority: 1000);
        gated["spec"]!["schedulingGates"] = new JsonArray(new JsonObject { ["name"] = "example.com/quota" });
        await _ledger.CreateAsync(ResourceTypes.Pods, gated);
        await _ledger.CreateAsync(ResourceTypes.Pods, Pod("free", priority: 0));
        await AwaitAssertAsync(() => Assert.Equal("n", (string?)Find("free")["spec"]!["nodeName"]));
        Assert.Null(Find("gated")["spec"]!["nodeName"]);
        Assert.DoesNotContain(_events.All, said => said.StartsWith("FailedScheduling", StringComparison.Ordinal));

        await _ledger.ReplaceAsync(Key("gated"), pod => pod["spec"]!.AsObject().Remove("schedulingGates"));
        await AwaitAssertAsync(() => Assert.Equal("n", (string?)Find("gated")["spec"]!["nodeName"]));
    }

    [Fact]
    public async Task A_claim_is_told_the_node_and_the_pod_is_bound_when_the_claim_is()
    {
        await WaitForAVolumeAsync();
        Assert.Null(Find("p")["spec"]!["nodeName"]);
        await _ledger.CreateAsync(ResourceTypes.PersistentVolumes, Given.Parse(
            """{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"v"},"spec":{"claimRef":{"namespace":"default","name":"c","uid":"claim"}}}"""));
        await _ledger.ReplaceAsync(Claim, claim =>
        {
            claim["spec"]!["volumeName"] = "v";
            claim["metadata"]!["annotations"]!["pv.kubernetes.io/bind-completed"] = "yes";
        });
        await AwaitAssertAsync(() => Assert.Equal("n", (string?)Find("p")["spec"]!["nodeName"]));
    }

    [Fact]
    public async Task A_volume_that_cannot_be_made_there_is_said_and_another_try_follows()
    {
        await WaitForAVolumeAsync();
        await _ledger.ReplaceAsync(Claim, claim => claim["metadata"]!["annotations"]!.AsObject().Remove("volume.kubernetes.io/selected-node"));
        await AwaitAssertAsync(() => Assert.Contains(
            "FailedScheduling: running PreBind plugin \"VolumeBinding\": binding volumes: provisioning failed for PVC \"c\"", _events.All));
        Virtual.Advance(TimeSpan.FromSeconds(2));
        await AwaitAssertAsync(() => Assert.Equal("n", SelectedNode()));
    }

    [Fact]
    public async Task A_volume_that_does_not_come_is_not_waited_for_for_ever()
    {
        await WaitForAVolumeAsync();
        Virtual.Advance(new SchedulerSettings().VolumeBindTimeout);
        await AwaitAssertAsync(() => Assert.Contains(
            "FailedScheduling: running PreBind plugin \"VolumeBinding\": binding volumes: context deadline exceeded", _events.All));
    }

    private static ObjectKey Claim => new(ResourceTypes.PersistentVolumeClaims, "default", "c");

    private static ObjectKey Key(string pod) => new(ResourceTypes.Pods, "default", pod);

    private static JsonObject Pod(string name, int priority, string? node = null) => Given.PodJson(name, cpu: node is null && priority < 10 ? "10m" : "1", spec: spec =>
    {
        spec["priority"] = priority;
        spec["nodeName"] = node;
        spec["terminationGracePeriodSeconds"] = 30;
        if (node is null)
        {
            spec.Remove("nodeName");
        }
    });

    private async Task WaitForAVolumeAsync()
    {
        await _ledger.CreateAsync(ResourceTypes.Nodes, Given.NodeJson("n"));
        await _ledger.CreateAsync(ResourceTypes.StorageClasses, Given.Parse(
            """{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"wait"},"provisioner":"x.io/disk","reclaimPolicy":"Delete","volumeBindingMode":"WaitForFirstConsumer"}"""));
        await _ledger.CreateAsync(ResourceTypes.PersistentVolumeClaims, Given.Parse(
            """{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"c","namespace":"default","uid":"claim"},"spec":{"storageClassName":"wait","accessModes":["ReadWriteOnce"],"volumeMode":"Filesystem","resources":{"requests":{"storage":"1Gi"}}},"status":{"phase":"Pending"}}"""));
        Start();
        var pod = Pod("p", priority: 0);
        pod["spec"]!["volumes"] = new JsonArray(Given.Parse("""{"name":"v","persistentVolumeClaim":{"claimName":"c"}}"""));
        await _ledger.CreateAsync(ResourceTypes.Pods, pod);
        await AwaitAssertAsync(() => Assert.Equal("n", SelectedNode()));
    }

    private void Start() => Sys.ActorOf(SchedulerActor.Props(
        _ledger.View, new ResourceStore(_ledger.Client, _ledger.View, ResourceCatalog.BuiltIn, _time), _events, _time, new SchedulerSettings()));

    private string? SelectedNode() => (string?)_ledger.View.Current.Find(Claim)!.ToJson()["metadata"]!["annotations"]?["volume.kubernetes.io/selected-node"];

    private JsonObject Find(string pod) => _ledger.View.Current.Find(Key(pod))!.ToJson();

    private JsonNode? Condition(string pod, string type) =>
        Find(pod)["status"]!["conditions"]?.AsArray().FirstOrDefault(condition => (string?)condition!["type"] == type);
}
