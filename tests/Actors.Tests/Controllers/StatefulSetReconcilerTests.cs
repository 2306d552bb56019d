using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Controllers.Revisions;
using ActorOrchestrator.Actors.Controllers.StatefulSets;
using ActorOrchestrator.Contracts.Resources;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Actors.Tests.Controllers;

public sealed class StatefulSetReconcilerTests
{
    private static readonly ObjectKey Key = new(ResourceTypes.StatefulSets, ControllerWorld.Namespace, "web");
    private readonly ControllerWorld _world = new();

    private static JsonObject NewSet(int replicas, bool parallel = false, Action<JsonObject>? spec = null)
    {
        var set = new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "StatefulSet",
            ["metadata"] = new JsonObject { ["name"] = "web" },
            ["spec"] = new JsonObject
            {
                ["replicas"] = replicas,
                ["serviceName"] = "svc",
                ["podManagementPolicy"] = parallel ? "Parallel" : "OrderedReady",
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "web" } },
                ["template"] = ControllerWorld.Template("web:1"),
            },
        };
        spec?.Invoke(set["spec"]!.AsObject());
        return set;
    }

    private StatefulSetView Set => StatefulSetView.Of(_world.Ledger.View.Current.Find(Key)!);

    private RevisionView[] Revisions =>
        [.. _world.Ledger.View.Current.All(ResourceTypes.ControllerRevisions).Select(RevisionView.Of).OrderBy(revision => revision.Number)];

    private string[] Names => [.. _world.Pods.Select(pod => pod.Stored.Key.Name).Order(StringComparer.Ordinal)];

    private PodView Pod(string name) => _world.Pods.Single(pod => pod.Stored.Key.Name == name);

    private string[] Claims => [.. _world.Ledger.View.Current.All(ResourceTypes.PersistentVolumeClaims).Select(claim => claim.Key.Name)];

    private async Task CreateAsync(JsonObject set) => await _world.CreateAsync(ResourceTypes.StatefulSets, set);

    private Task<bool> LookAsync() => _world.LookAsync(StatefulSetController.Definition, Key);

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
        for (var round = 0; round < 60; round++)
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

    [Fact]
    public async Task An_ordered_set_makes_one_pod_after_the_other_each_when_the_one_before_is_ready()
    {
        await CreateAsync(NewSet(3));
        await SettleAsync();
        Assert.Equal(["web-0"], Names);
        await _world.SetReadyAsync(Pod("web-0"), ready: true);
        await SettleAsync();
        Assert.Equal(["web-0", "web-1"], Names);
        await FinishAsync();
        Assert.Equal(["web-0", "web-1", "web-2"], Names);
        Assert.Equal((3, 3, 3, 3, 3), (Set.Status.Replicas, Set.Status.Ready, Set.Status.Available, Set.Status.Current, Set.Status.Updated));
    }

    [Fact]
    public async Task A_pod_has_the_identity_of_its_ordinal()
    {
        await CreateAsync(NewSet(1, spec: spec => spec["ordinals"] = new JsonObject { ["start"] = 5 }));
        await SettleAsync();
        var pod = Pod("web-5").Stored;
        Assert.Equal("web-5", pod.Metadata.Labels[StatefulPod.NameLabel]);
        Assert.Equal("5", pod.Metadata.Labels[StatefulPod.IndexLabel]);
        Assert.Equal(Revisions.Single().Name, pod.Metadata.Labels[RevisionView.PodLabel]);
        Assert.Equal(("web-5", "svc"), ((string)pod.ToJson()["spec"]!["hostname"]!, (string)pod.ToJson()["spec"]!["subdomain"]!));
        Assert.Contains(_world.Events.All, told => told == "SuccessfulCreate: create Pod web-5 in StatefulSet web successful");
    }

    [Fact]
    public async Task A_parallel_set_makes_and_deletes_all_at_once()
    {
        await CreateAsync(NewSet(4, parallel: true));
        await LookAsync();
        Assert.Equal(4, Names.Length);
        await EditAsync(spec => spec["replicas"] = 1);
        await LookAsync();
        Assert.Equal(["web-0"], Names);
    }

    [Fact]
    public async Task An_ordered_set_shrinks_from_the_highest_ordinal_down_and_waits_for_an_unhealthy_one_below()
    {
        await CreateAsync(NewSet(3));
        await FinishAsync();
        await _world.SetReadyAsync(Pod("web-1"), ready: false);
        await EditAsync(spec => spec["replicas"] = 2);
        await SettleAsync();
        Assert.Equal(3, Names.Length);
        await _world.SetReadyAsync(Pod("web-1"), ready: true);
        await SettleAsync();
        Assert.Equal(["web-0", "web-1"], Names);
    }

    [Fact]
    public async Task A_rolling_update_goes_from_the_highest_ordinal_down_to_the_partition_one_at_a_time()
    {
        await CreateAsync(NewSet(3, spec: spec => spec["updateStrategy"] = new JsonObject { ["type"] = "RollingUpdate", ["rollingUpdate"] = new JsonObject { ["partition"] = 1 } }));
        await FinishAsync();
        var old = Revisions.Single().Name;
        await EditAsync(spec => Image(spec, "web:2"));
        await SettleAsync();
        Assert.Equal(2, _world.Ready);
        Assert.Equal(Set.Status.UpdateRevision, Pod("web-2").Stored.Metadata.Labels[RevisionView.PodLabel]);
        await FinishAsync();
        Assert.Equal(old, Pod("web-0").Stored.Metadata.Labels[RevisionView.PodLabel]);
        Assert.NotEqual(old, Pod("web-1").Stored.Metadata.Labels[RevisionView.PodLabel]);
        Assert.Equal((old, 1, 2), (Set.Status.CurrentRevision, Set.Status.Current, Set.Status.Updated));
        await EditAsync(spec => spec["updateStrategy"]!["rollingUpdate"]!["partition"] = 0);
        await FinishAsync();
        Assert.Equal(Set.Status.UpdateRevision, Set.Status.CurrentRevision);
        Assert.Equal((3, 3), (Set.Status.Current, Set.Status.Updated));
    }

    [Fact]
    public async Task A_pod_below_the_partition_that_dies_comes_back_with_the_old_template()
    {
        await CreateAsync(NewSet(2, spec: spec => spec["updateStrategy"] = new JsonObject { ["type"] = "RollingUpdate", ["rollingUpdate"] = new JsonObject { ["partition"] = 2 } }));
        await FinishAsync();
        await EditAsync(spec => Image(spec, "web:2"));
        await _world.KillAsync(Pod("web-1"));
        await FinishAsync();
        Assert.Equal("web:1", (string)Pod("web-1").Stored.ToJson()["spec"]!["containers"]![0]!["image"]!);
        Assert.Equal(2, Revisions.Length);
    }

    [Fact]
    public async Task OnDelete_changes_a_pod_only_when_somebody_deletes_it()
    {
        await CreateAsync(NewSet(2, spec: spec => spec["updateStrategy"] = new JsonObject { ["type"] = "OnDelete" }));
        await FinishAsync();
        await EditAsync(spec => Image(spec, "web:2"));
        await FinishAsync();
        Assert.Equal(0, Set.Status.Updated);
        await _world.KillAsync(Pod("web-0"));
        await FinishAsync();
        Assert.Equal((1, 1), (Set.Status.Updated, Set.Status.Current));
    }

    [Theory]
    [InlineData("Failed")]
    [InlineData("Succeeded")]
    public async Task A_finished_pod_is_made_again(string phase)
    {
        await CreateAsync(NewSet(1));
        await FinishAsync();
        var uid = Pod("web-0").Stored.Uid;
        await _world.ChangeAsync(Pod("web-0").Stored.Key, pod => pod["status"]!["phase"] = phase, "status");
        await SettleAsync();
        Assert.NotEqual(uid, Pod("web-0").Stored.Uid);
        Assert.Contains("SuccessfulDelete: delete Pod web-0 in StatefulSet web successful", _world.Events.All);
        Assert.DoesNotContain(_world.Events.All, told => told.StartsWith("Recreating", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pod_that_is_not_gone_yet_is_not_replaced()
    {
        await CreateAsync(NewSet(2, spec: spec => spec["template"]!["metadata"]!["finalizers"] = new JsonArray("example.com/held")));
        await FinishAsync();
        var uid = Pod("web-1").Stored.Uid;
        await _world.KillAsync(Pod("web-1"));
        await SettleAsync();
        Assert.Equal(uid, Pod("web-1").Stored.Uid);
        await _world.ChangeAsync(Pod("web-1").Stored.Key, pod => pod["metadata"]!.AsObject().Remove("finalizers"));
        await SettleAsync();
        Assert.NotEqual(uid, Pod("web-1").Stored.Uid);
    }

    [Fact]
    public async Task Going_back_to_an_earlier_template_numbers_its_revision_newest_again()
    {
        await CreateAsync(NewSet(1));
        await FinishAsync();
        var first = Revisions.Single().Name;
        await EditAsync(spec => Image(spec, "web:2"));
        await FinishAsync();
        await EditAsync(spec => Image(spec, "web:1"));
        await FinishAsync();
        Assert.Equal(2, Revisions.Length);
        Assert.Equal((first, 3L), (Revisions[^1].Name, Revisions[^1].Number));
        Assert.Equal(first, Set.Status.CurrentRevision);
        var data = Revisions[^1].Stored.ToJson()["data"]!["spec"]!["template"]!;
        Assert.Equal("replace", (string)data["$patch"]!);
    }

    [Fact]
    public async Task Old_revisions_beyond_the_limit_are_deleted_and_those_that_pods_have_stay()
    {
        await CreateAsync(NewSet(1, spec: spec => spec["revisionHistoryLimit"] = 1));
        for (var version = 1; version < 5; version++)
        {
            await EditAsync(spec => Image(spec, $"web:{version}"));
            await FinishAsync();
        }

        Assert.Equal(2, Revisions.Length);
        Assert.Equal(4, Revisions[^1].Number);
    }

    [Fact]
    public async Task Claims_are_made_before_the_pod_and_kept_or_deleted_with_the_set_as_the_policy_says()
    {
        await CreateAsync(NewSet(2, spec: spec =>
        {
            spec["volumeClaimTemplates"] = new JsonArray(new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = "data" },
                ["spec"] = new JsonObject
                {
                    ["accessModes"] = new JsonArray("ReadWriteOnce"),
                    ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = "1Gi" } },
                },
            });
            spec["persistentVolumeClaimRetentionPolicy"] = new JsonObject { ["whenDeleted"] = "Delete", ["whenScaled"] = "Delete" };
        }));
        await FinishAsync();
        Assert.Equal(["data-web-0", "data-web-1"], Claims);
        Assert.Equal("data-web-1", (string)Pod("web-1").Stored.ToJson()["spec"]!["volumes"]!.AsArray().Single(volume => (string)volume!["name"]! == "data")!["persistentVolumeClaim"]!["claimName"]!);
        var condemned = Pod("web-1").Stored.Uid;
        await EditAsync(spec => spec["replicas"] = 1);
        await SettleAsync();
        Assert.Equal(["web-0"], Names);
        StoredObject Claim(string name) => _world.Ledger.View.Current.Find(new ObjectKey(ResourceTypes.PersistentVolumeClaims, ControllerWorld.Namespace, name))!;
        Assert.Equal(condemned, Claim("data-web-1").Metadata.OwnerReferences.Single().Uid);
        Assert.Equal(Set.Stored.Uid, Claim("data-web-0").Metadata.OwnerReferences.Single().Uid);
        await EditAsync(spec => spec["replicas"] = 2);
        await SettleAsync();
        Assert.Equal(["web-0"], Names);
    }

    [Fact]
    public async Task MaxUnavailable_lets_several_go_at_once()
    {
        await CreateAsync(NewSet(5, parallel: true, spec: spec => spec["updateStrategy"] = new JsonObject
        {
            ["type"] = "RollingUpdate", ["rollingUpdate"] = new JsonObject { ["maxUnavailable"] = 2, ["partition"] = 0 },
        }));
        await FinishAsync();
        await EditAsync(spec => Image(spec, "web:2"));
        await SettleAsync();
        Assert.Equal(3, _world.Ready);
        await FinishAsync();
        Assert.Equal(5, Set.Status.Updated);
    }

    [Fact]
    public async Task Orphans_of_its_names_are_adopted_and_others_are_not()
    {
        foreach (var name in new[] { "web-0", "stray" })
        {
            var pod = ControllerWorld.Template("web:1");
            (pod["apiVersion"], pod["kind"]) = ("v1", "Pod");
            pod["metadata"]!["name"] = name;
            await _world.CreateAsync(ResourceTypes.Pods, pod);
        }

        await CreateAsync(NewSet(1));
        await LookAsync();
        Assert.Equal("StatefulSet", Pod("web-0").Stored.Metadata.ControllerReference!.Kind);
        Assert.Null(Pod("stray").Stored.Metadata.ControllerReference);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_controller_that_dies_after_every_single_write_comes_to_the_same_end(bool parallel)
    {
        await CreateAsync(NewSet(3, parallel));
        for (var turn = 0; turn < 80; turn++)
        {
            if (!await _world.DyingLookAsync(StatefulSetController.Definition, Key))
            {
                await _world.AllReadyAsync();
            }

            if (turn == 30)
            {
                await EditAsync(spec => Image(spec, "web:2"));
            }
        }

        Assert.Equal(["web-0", "web-1", "web-2"], Names);
        Assert.Equal(2, Revisions.Length);
        Assert.Equal((3, 3, 3), (Set.Status.Ready, Set.Status.Updated, Set.Status.Current));
        Assert.Equal(Set.Status.UpdateRevision, Set.Status.CurrentRevision);
    }

    [Fact]
    public void Whatever_happens_the_set_converges_and_never_takes_down_more_than_it_may() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(20),
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 5)).Resize(12).ToArbitrary(), steps => Task.Run(() => RunAsync(steps)).GetAwaiter().GetResult()));

    private static async Task<bool> RunAsync(int[] steps)
    {
        var test = new StatefulSetReconcilerTests();
        await test.CreateAsync(NewSet(3));
        await test.FinishAsync();
        var version = 1;
        foreach (var step in steps)
        {
            var pods = test._world.ActivePods;
            switch (step)
            {
                case 0:
                    version++;
                    await test.EditAsync(spec => Image(spec, $"web:{version}"));
                    break;
                case 1 when pods.Length > 0:
                    await test._world.KillAsync(pods[^1]);
                    break;
                case 2 when pods.Length > 0:
                    await test._world.FailAsync(pods[0]);
                    break;
                case 3:
                    await test._world.AllReadyAsync();
                    break;
                case 4:
                    await test.EditAsync(spec => spec["replicas"] = (version % 4) + 1);
                    break;
                default:
                    break;
            }

            var before = test._world.Ready;
            await test.LookAsync();

            // An ordered set takes at most one serving pod down in a look.
            if (before - test._world.Ready > 1)
            {
                return false;
            }
        }

        await test.FinishAsync();
        return test.Set.Status.Ready == test.Set.Replicas
            && test.Names.SequenceEqual(Enumerable.Range(0, test.Set.Replicas).Select(ordinal => $"web-{ordinal}"))
            && test.Set.Status.Updated == test.Set.Replicas;
    }
}
