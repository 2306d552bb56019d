using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.DaemonSets;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Actors.Tests.Controllers;

/// <summary>Laws of a DaemonSet in a world where its controller, kubelets and users take turns in any order.</summary>
public sealed class DaemonSetProperties
{
    private const int Nodes = 4;
    private static readonly ObjectKey Key = new(ResourceTypes.DaemonSets, ControllerWorld.Namespace, "agent");

    public enum Doer
    {
        Controller,
        KubeletReady,
        KubeletUnready,
        PodFails,
        UserKills,
        UserTemplate,
    }

    public sealed record Turn(Doer Actor, int Which);

    public sealed record History(int Surge, int Unavailable, Turn[] Turns)
    {
        public override string ToString() => $"surge {Surge}, unavailable {Unavailable}: {string.Join(' ', Turns.Select(turn => $"{turn.Actor}:{turn.Which}"))}";
    }

    private static Arbitrary<History> Histories { get; } = (
        from limits in Gen.Elements((0, 1), (0, 2), (1, 0), (2, 0))
        from turns in Gen.ArrayOf(
            from actor in Gen.Frequency(
                (8, Gen.Constant(Doer.Controller)), (6, Gen.Constant(Doer.KubeletReady)), (1, Gen.Constant(Doer.KubeletUnready)), (1, Gen.Constant(Doer.PodFails)),
                (1, Gen.Constant(Doer.UserKills)), (2, Gen.Constant(Doer.UserTemplate)))
            from which in Gen.Choose(0, 9)
            select new Turn(actor, which)).Resize(30)
        select new History(limits.Item1, limits.Item2, turns)).ToArbitrary();

    [Fact]
    public void A_node_never_has_two_but_for_a_surge_and_no_look_leaves_more_nodes_unserved_than_it_may() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(40), Prop.ForAll(Histories, history => Task.Run(() => RunAsync(history)).GetAwaiter().GetResult()));

    private static async Task RunAsync(History history)
    {
        var world = await StartAsync(history);
        foreach (var turn in history.Turns)
        {
            var before = Unserved(world);
            await TakeAsync(world, turn);
            if (turn.Actor != Doer.Controller)
            {
                continue;
            }

            var after = Unserved(world);
            Assert.True(after <= Math.Max(before, history.Unavailable), $"{before} nodes were unserved before a look and {after} are after it");
            foreach (var pods in world.ActivePods.GroupBy(pod => DaemonPod.Of(pod.Stored).Node))
            {
                Assert.True(pods.Count() <= (history.Surge > 0 ? 2 : 1), $"{pods.Key} has {pods.Count()} pods");
            }

            Assert.True(world.ActivePods.Length <= Nodes + Math.Max(history.Surge, world.ActivePods.Length - world.Ready), $"{world.ActivePods.Length} pods are too many");
        }

        for (var round = 0; round < 40; round++)
        {
            await world.AllReadyAsync();
            world.Time.Advance(TimeSpan.FromMinutes(16));
            if (!await LookAsync(world) && world.ActivePods.All(pod => pod.IsReady))
            {
                break;
            }
        }

        var status = DaemonSetView.Of(world.Ledger.View.Current.Find(Key)!).Status;
        Assert.Equal((Nodes, Nodes, Nodes, 0), (status.DesiredScheduled, status.Updated, status.Available, status.Unavailable));
        Assert.Equal(Nodes, world.Pods.Count());
    }

    private static int Unserved(ControllerWorld world) =>
        Nodes - world.ActivePods.Where(pod => pod.IsReady).Select(pod => DaemonPod.Of(pod.Stored).Node).Distinct().Count();

    private static Task<bool> LookAsync(ControllerWorld world) => world.LookAsync(DaemonSetController.Definition, Key);

    private static async Task<ControllerWorld> StartAsync(History history)
    {
        var world = new ControllerWorld();
        for (var number = 1; number <= Nodes; number++)
        {
            var node = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["metadata"] = new JsonObject { ["name"] = $"n{number}" }, ["spec"] = new JsonObject() };
            Assert.True((await world.Store.CreateAsync(ResourceTypes.Nodes, "", node, new WriteOptions("tester", "test"))).Ok);
            await world.ChangeAsync(new ObjectKey(ResourceTypes.Nodes, "", $"n{number}"), obj => obj["spec"]!.AsObject().Remove("taints"));
        }

        await world.CreateAsync(ResourceTypes.DaemonSets, new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "DaemonSet",
            ["metadata"] = new JsonObject { ["name"] = "agent" },
            ["spec"] = new JsonObject
            {
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "web" } },
                ["template"] = ControllerWorld.Template("web:1"),
                ["updateStrategy"] = new JsonObject
                {
                    ["type"] = "RollingUpdate", ["rollingUpdate"] = new JsonObject { ["maxSurge"] = history.Surge, ["maxUnavailable"] = history.Unavailable },
                },
            },
        });
        while (await LookAsync(world))
        {
            await world.AllReadyAsync();
        }

        return world;
    }

    private static async Task TakeAsync(ControllerWorld world, Turn turn)
    {
        var pods = world.ActivePods;
        var pod = pods.Length > 0 ? pods[turn.Which % pods.Length] : null;
        switch (turn.Actor)
        {
            case Doer.Controller:
                await LookAsync(world);
                break;
            case Doer.UserTemplate:
                await world.ChangeAsync(Key, set => set["spec"]!["template"] = ControllerWorld.Template($"web:{turn.Which}"));
                break;
            case Doer.KubeletReady or Doer.KubeletUnready when pod is not null:
                await world.SetReadyAsync(pod, turn.Actor == Doer.KubeletReady);
                break;
            case Doer.PodFails when pod is not null:
                await world.FailAsync(pod);
                break;
            case Doer.UserKills when pod is not null:
                await world.KillAsync(pod);
                break;
            default:
                break;
        }
    }
}
