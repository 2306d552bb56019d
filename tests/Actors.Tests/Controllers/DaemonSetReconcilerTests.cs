using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.DaemonSets;
using ActorOrchestrator.Actors.Controllers.Revisions;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers;

public sealed class DaemonSetReconcilerTests
{
    private static readonly ObjectKey Key = new(ResourceTypes.DaemonSets, ControllerWorld.Namespace, "agent");
    private readonly ControllerWorld _world = new();

    private DaemonSetStatus Status => DaemonSetView.Of(_world.Ledger.View.Current.Find(Key)!).Status;

    private DaemonPod[] Pods => [.. _world.Ledger.View.Current.All(ResourceTypes.Pods).Select(DaemonPod.Of).OrderBy(pod => pod.Node, StringComparer.Ordinal)];

    private RevisionView[] Revisions =>
        [.. _world.Ledger.View.Current.All(ResourceTypes.ControllerRevisions).Select(RevisionView.Of).OrderBy(revision => revision.Number)];

    private async Task NodesAsync(params string[] names)
    {
        foreach (var name in names)
        {
            var node = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Node",
                ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["kubernetes.io/hostname"] = name } },
                ["spec"] = new JsonObject(),
            };
            var result = await _world.Store.CreateAsync(ResourceTypes.Nodes, "", node, new WriteOptions("tester", "test"));
            Assert.True(result.Ok, result.Failure?.Message);

            // What admission adds to a node that has not told anything yet.
            await _world.ChangeAsync(new ObjectKey(ResourceTypes.Nodes, "", name), obj => obj["spec"]!.AsObject().Remove("taints"));
        }
    }

    private async Task CreateAsync(Action<JsonObject>? spec = null)
    {
        var set = new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "DaemonSet",
            ["metadata"] = new JsonObject { ["name"] = "agent" },
            ["spec"] = new JsonObject
            {
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "web" } },
                ["template"] = ControllerWorld.Template("web:1"),
            },
        };
        spec?.Invoke(set["spec"]!.AsObject());
        await _world.CreateAsync(ResourceTypes.DaemonSets, set);
    }

    private Task<bool> LookAsync() => _world.LookAsync(DaemonSetController.Definition, Key);

    private async Task SettleAsync()
    {
        for (var round = 0; round < 50; round++)
        {
            if (!await LookAsync())
            {
                return;
            }
        }

        Assert.Fail("the controller never comes to rest");
    }

    private async Task FinishAsync()
    {
        for (var round = 0; round < 50; round++)
        {
            await SettleAsync();
            if (_world.Pods.All(pod => pod.IsReady))
            {
                return;
            }

            await _world.AllReadyAsync();
        }

        Assert.Fail("the set never gets ready");
    }

    private Task EditAsync(Action<JsonObject> spec) => _world.ChangeAsync(Key, set => spec(set["spec"]!.AsObject()));

    private static void Image(JsonObject spec, string image) => spec["template"]!["spec"]!["containers"]![0]!["image"] = image;

    private Task TaintAsync(string node, string effect) => _world.ChangeAsync(new ObjectKey(ResourceTypes.Nodes, "", node), obj =>
        obj["spec"]!["taints"] = new JsonArray(new JsonObject { ["key"] = "dedicated", ["value"] = "x", ["effect"] = effect }));

    [Fact]
    public async Task Every_node_gets_one_pod_that_is_pinned_to_it_by_name_and_tolerates_what_daemons_tolerate()
    {
        await NodesAsync("n1", "n2", "n3");
        await CreateAsync();
        await SettleAsync();
        Assert.Equal(["n1", "n2", "n3"], Pods.Select(pod => pod.Node));
        var spec = Pods[0].Stored.ToJson()["spec"]!;
        var field = spec["affinity"]!["nodeAffinity"]!["requiredDuringSchedulingIgnoredDuringExecution"]!["nodeSelectorTerms"]![0]!["matchFields"]![0]!;
        Assert.Equal(("metadata.name", "In", "n1"), ((string)field["key"]!, (string)field["operator"]!, (string)field["values"]![0]!));
        Assert.Contains(spec["tolerations"]!.AsArray(), item => (string)item!["key"]! == "node.kubernetes.io/unschedulable" && (string)item["effect"]! == "NoSchedule");
        Assert.Equal(Revisions.Single().Hash, Pods[0].Hash);
        Assert.Equal((3, 3, 0, 0, 3), (Status.DesiredScheduled, Status.CurrentScheduled, Status.Ready, Status.Misscheduled, Status.Updated));
        await FinishAsync();
        Assert.Equal((3, 3, 0), (Status.Ready, Status.Available, Status.Unavailable));
    }

    [Fact]
    public async Task Labels_and_taints_decide_where_pods_are_made_and_where_they_may_stay()
    {
        await NodesAsync("n1", "n2", "n3");
        await CreateAsync(spec => spec["template"]!["spec"]!["nodeSelector"] = new JsonObject { ["kubernetes.io/hostname"] = "n1" });
        await SettleAsync();
        Assert.Equal(["n1"], Pods.Select(pod => pod.Node));
        await EditAsync(spec => spec["template"]!["spec"]!.AsObject().Remove("nodeSelector"));
        await TaintAsync("n3", "NoSchedule");
        await FinishAsync();
        Assert.Equal(["n1", "n2"], Pods.Select(pod => pod.Node));
        await TaintAsync("n2", "NoSchedule");
        await SettleAsync();
        Assert.Equal(["n1", "n2"], Pods.Select(pod => pod.Node));
        Assert.Equal((1, 1), (Status.DesiredScheduled, Status.Misscheduled));
        await TaintAsync("n2", "NoExecute");
        await SettleAsync();
        Assert.Equal(["n1"], Pods.Select(pod => pod.Node));
    }

    [Fact]
    public async Task A_rolling_update_takes_down_at_most_maxUnavailable_and_reaches_every_node()
    {
        await NodesAsync("n1", "n2", "n3", "n4", "n5");
        await CreateAsync(spec => spec["updateStrategy"] = new JsonObject
        {
            ["type"] = "RollingUpdate", ["rollingUpdate"] = new JsonObject { ["maxUnavailable"] = 2 },
        });
        await FinishAsync();
        await EditAsync(spec => Image(spec, "web:2"));
        await SettleAsync();
        Assert.Equal((3, 2), (_world.Ready, Status.Updated));
        await FinishAsync();
        Assert.Equal((5, 5), (Status.Updated, Status.Available));
        Assert.Equal(2, Revisions.Length);
    }

    [Fact]
    public async Task A_surge_makes_the_new_pod_beside_the_old_one_and_never_serves_less()
    {
        await NodesAsync("n1", "n2", "n3");
        await CreateAsync(spec => spec["updateStrategy"] = new JsonObject
        {
            ["type"] = "RollingUpdate", ["rollingUpdate"] = new JsonObject { ["maxUnavailable"] = 0, ["maxSurge"] = 1 },
        });
        await FinishAsync();
        await EditAsync(spec => Image(spec, "web:2"));
        await SettleAsync();
        Assert.Equal((4, 3), (Pods.Length, _world.Ready));
        await FinishAsync();
        Assert.Equal((3, 3), (Pods.Length, Status.Updated));
    }

    [Fact]
    public async Task A_controller_that_dies_after_every_single_write_comes_to_the_same_end()
    {
        await NodesAsync("n1", "n2", "n3");
        await CreateAsync();
        for (var turn = 0; turn < 60; turn++)
        {
            if (!await _world.DyingLookAsync(DaemonSetController.Definition, Key))
            {
                await _world.AllReadyAsync();
            }

            if (turn == 20)
            {
                await EditAsync(spec => Image(spec, "web:2"));
            }
        }

        Assert.Equal(["n1", "n2", "n3"], Pods.Select(pod => pod.Node));
        Assert.Equal((3, 3, 2), (Status.Updated, Status.Available, Revisions.Length));
    }

    [Fact]
    public async Task OnDelete_replaces_only_what_somebody_deletes()
    {
        await NodesAsync("n1", "n2");
        await CreateAsync(spec => spec["updateStrategy"] = new JsonObject { ["type"] = "OnDelete" });
        await FinishAsync();
        await EditAsync(spec => Image(spec, "web:2"));
        await FinishAsync();
        Assert.Equal(0, Status.Updated);
        await _world.KillAsync(Pods[0].Pod);
        await FinishAsync();
        Assert.Equal(1, Status.Updated);
    }

    [Fact]
    public async Task A_pod_that_fails_again_and_again_is_replaced_ever_more_slowly()
    {
        await NodesAsync("n1");
        await CreateAsync();
        await SettleAsync();
        for (var failures = 1; failures <= 3; failures++)
        {
            await _world.FailAsync(Pods[0].Pod);
            _world.Time.Advance(TimeSpan.FromSeconds(Math.Pow(2, failures)));
            await SettleAsync();
            Assert.Equal((1, failures), (Pods.Length, Pods[0].Failures));
        }

        await _world.FailAsync(Pods[0].Pod);
        await SettleAsync();
        Assert.Equal(("Failed", 3), (Pods[0].Pod.Phase, Pods[0].Failures));
        Assert.Contains(_world.Events.All, told => told.StartsWith("FailedDaemonPod: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failed_pod_that_only_a_finalizer_keeps_is_replaced_and_its_failure_is_remembered()
    {
        await NodesAsync("n1");
        await CreateAsync(spec => spec["template"]!["metadata"]!["finalizers"] = new JsonArray("example.com/held"));
        await SettleAsync();
        await _world.FailAsync(Pods[0].Pod);
        await SettleAsync();
        Assert.Equal(["Failed", "Pending"], Pods.Select(pod => pod.Pod.Phase).Order());
        var next = Pods.Single(pod => pod.Pod.Phase == "Pending");
        Assert.Equal(("n1", 1), (next.Node, next.Failures));
        Assert.Equal((1, 1, 1), (Status.DesiredScheduled, Status.CurrentScheduled, Status.Updated));
    }

    [Fact]
    public async Task A_node_that_comes_gets_a_pod_and_a_pod_for_a_node_that_went_is_cleared_away()
    {
        await NodesAsync("n1", "n2");
        await CreateAsync();
        await SettleAsync();
        await _world.Store.DeleteAsync(new ObjectKey(ResourceTypes.Nodes, "", "n2"), new DeleteRequest(0), new WriteOptions("tester", "test"));
        await NodesAsync("n3");
        await SettleAsync();
        Assert.Equal(["n1", "n3"], Pods.Select(pod => pod.Node));
    }

    [Fact]
    public async Task Going_back_to_an_earlier_template_takes_its_revision_up_again()
    {
        await NodesAsync("n1");
        await CreateAsync();
        await FinishAsync();
        var first = Revisions.Single().Name;
        await EditAsync(spec => Image(spec, "web:2"));
        await FinishAsync();
        await EditAsync(spec => Image(spec, "web:1"));
        await FinishAsync();
        Assert.Equal((2, first, 3L), (Revisions.Length, Revisions[^1].Name, Revisions[^1].Number));
    }
}
