using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Contracts.Resources;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Actors.Tests.Controllers;

/// <summary>Laws of a rollout in a world where controllers, kubelets and users take turns in any order.</summary>
public sealed class RolloutProperties
{
    /// <param name="Actor">Who does something.</param>
    /// <param name="Which">To which of the pods, sets or templates.</param>
    public sealed record Turn(Doer Actor, int Which);

    public enum Doer
    {
        Deployment,
        ReplicaSet,
        KubeletReady,
        UserTemplate,
        UserPause,
        KubeletUnready,
        PodFails,
        UserKills,
        UserScales,
        UserTakesAway,
        KubeletCannotRun,
    }

    public sealed record Rollout(int Replicas, int Surge, int Unavailable, Turn[] Turns)
    {
        public override string ToString() =>
            $"{Replicas} replicas, {Surge} more, {Unavailable} less: {string.Join(' ', Turns.Select(turn => $"{turn.Actor}:{turn.Which}"))}";
    }

    private static Arbitrary<Rollout> Calm { get; } = Rollouts((4, Doer.Deployment), (6, Doer.ReplicaSet), (4, Doer.KubeletReady), (1, Doer.UserTemplate), (1, Doer.UserPause));

    private static Arbitrary<Rollout> Failing { get; } = Rollouts(
        (4, Doer.Deployment), (6, Doer.ReplicaSet), (4, Doer.KubeletReady), (2, Doer.UserTemplate), (1, Doer.UserPause), (3, Doer.KubeletCannotRun), (1, Doer.UserScales));

    private static Arbitrary<Rollout> Wild { get; } = Rollouts(
        (4, Doer.Deployment), (6, Doer.ReplicaSet), (4, Doer.KubeletReady), (1, Doer.UserTemplate), (1, Doer.UserPause),
        (1, Doer.KubeletUnready), (1, Doer.PodFails), (1, Doer.UserKills), (1, Doer.UserScales), (1, Doer.UserTakesAway));

    [Fact]
    public void Nothing_but_the_user_and_fate_ever_goes_below_the_available_minimum_or_above_the_surge_maximum() => Holds(Calm, 60, async rollout =>
    {
        var world = await StartAsync(rollout);
        foreach (var turn in rollout.Turns)
        {
            await TakeAsync(world, turn);
            var deployment = world.Deployment;
            Assert.True(world.Ready >= deployment.MinAvailable, $"{world.Ready} ready pods are below {deployment.MinAvailable} after {turn}");
            Assert.True(world.ActivePods.Length <= deployment.MaxReplicas, $"{world.ActivePods.Length} pods are above {deployment.MaxReplicas} after {turn}");
            Assert.True(world.ReplicaSets.Sum(set => set.Replicas) <= deployment.MaxReplicas, $"the sets want more than {deployment.MaxReplicas} after {turn}");
        }
    });

    [Fact]
    public void Whatever_happens_the_deployment_gets_there_and_then_nothing_is_written_any_more() => Holds(Wild, 40, async rollout =>
    {
        var world = await StartAsync(rollout);
        foreach (var turn in rollout.Turns)
        {
            await TakeAsync(world, turn);
            var snapshot = world.Ledger.View.Current;
            Assert.Equal(
                snapshot.All(ResourceTypes.Pods).Where(pod => pod.Metadata.ControllerReference is null).Select(pod => pod.Key),
                snapshot.Uncontrolled(ResourceTypes.Pods, ControllerWorld.Namespace).Select(pod => pod.Key));
        }

        await world.EditAsync(spec => spec.Remove("paused"));
        await world.FinishAsync();
        var deployment = world.Deployment;
        var current = world.ReplicaSets.Single(set => set.Template.IsSameAs(deployment.Template));
        Assert.Equal(deployment.Replicas, world.Ready);
        Assert.All(world.ActivePods, pod => Assert.Equal(current.Stored.Uid, pod.Stored.Metadata.ControllerReference!.Uid));
        Assert.Equal(deployment.Replicas, deployment.Status.Available);
        Assert.Equal(deployment.Replicas, deployment.Status.Updated);
        Assert.Equal(0, deployment.Status.Unavailable);
        var revision = world.Ledger.View.Current.Revision;
        Assert.True(await world.SettleAsync(1));
        Assert.Equal(revision, world.Ledger.View.Current.Revision);
    });

    [Fact]
    public void Rollouts_that_fail_and_go_back_keep_the_same_bounds_and_end_with_one_template_for_all() => Holds(Failing, 40, async rollout =>
    {
        var world = await StartAsync(rollout);
        var scaled = false;
        foreach (var turn in rollout.Turns)
        {
            scaled |= turn.Actor == Doer.UserScales;
            await TakeAsync(world, turn);
            var now = world.Deployment;
            Assert.True(scaled || world.Ready >= now.MinAvailable, $"{world.Ready} ready pods are below {now.MinAvailable} after {turn}");
            Assert.True(scaled || world.ActivePods.Length <= now.MaxReplicas, $"{world.ActivePods.Length} pods are above {now.MaxReplicas} after {turn}");
        }

        await world.EditAsync(spec => spec.Remove("paused"));
        await world.FinishAsync();
        var deployment = world.Deployment;
        Assert.Equal(deployment.Replicas, world.Ready);
        var owner = world.ReplicaSets.SingleOrDefault(set => set.Replicas > 0);
        Assert.True(owner is not null || deployment.Replicas == 0);
        var rolledBack = deployment.Status.Conditions.OfType("RolledBack") is not null;
        Assert.True(owner is null || owner.Template.IsSameAs(deployment.Template) == !rolledBack);
        Assert.True(!rolledBack || deployment.Status.Progressing!.Reason == "ProgressDeadlineExceeded");
        Assert.True(await world.SettleAsync(1));
    });

    [Fact]
    public void A_canary_never_has_more_than_its_share_before_its_step_has_passed_and_gets_there_or_back() => Holds(Failing, 40, async rollout =>
    {
        var world = await StartAsync(rollout, "20%:10s,50%");
        var scaled = false;
        foreach (var turn in rollout.Turns)
        {
            scaled |= turn.Actor == Doer.UserScales;
            await TakeAsync(world, turn);
            var now = world.Deployment;
            Assert.True(scaled || world.Ready >= now.MinAvailable, $"{world.Ready} ready pods are below {now.MinAvailable} after {turn}");
            Assert.True(scaled || world.ActivePods.Length <= now.MaxReplicas, $"{world.ActivePods.Length} pods are above {now.MaxReplicas} after {turn}");
            if (!scaled && now.Status.Conditions.OfType("Canary") is { } canary && now.Status.ObservedGeneration == now.Metadata.Generation && canary.Message.StartsWith("Step 1", StringComparison.Ordinal))
            {
                var share = Math.Max(1, (now.Replicas + 4) / 5);
                Assert.True(world.ReplicaSets.Where(set => set.Template.IsSameAs(now.Template)).Sum(set => set.Replicas) <= share, $"more than {share} after {turn}");
            }
        }

        await world.EditAsync(spec => spec.Remove("paused"));
        for (var round = 0; round < 6; round++)
        {
            await world.FinishAsync();
            world.Time.Advance(TimeSpan.FromSeconds(11));
        }

        await world.FinishAsync();
        var deployment = world.Deployment;
        Assert.Equal(deployment.Replicas, world.Ready);
        var owner = world.ReplicaSets.SingleOrDefault(set => set.Replicas > 0);
        Assert.True(owner is not null || deployment.Replicas == 0);
        Assert.True(owner is null || owner.Template.IsSameAs(deployment.Template) == deployment.Status.Conditions.OfType("RolledBack") is null);
    });

    private static async Task<ControllerWorld> StartAsync(Rollout rollout, string? canary = null)
    {
        var world = new ControllerWorld();
        var wanted = ControllerWorld.NewDeployment(rollout.Replicas, rollout.Surge, rollout.Unavailable);
        if (canary is not null)
        {
            wanted["metadata"]!["annotations"] = new System.Text.Json.Nodes.JsonObject { ["orchestrator/canary"] = canary };
        }

        await world.CreateAsync(ResourceTypes.Deployments, wanted);
        await world.FinishAsync();
        return world;
    }

    private static async Task TakeAsync(ControllerWorld world, Turn turn)
    {
        world.Time.Advance(TimeSpan.FromSeconds(1));
        var active = world.ActivePods;
        switch (turn.Actor)
        {
            case Doer.Deployment:
                await world.DeploymentLooksAsync();
                break;
            case Doer.ReplicaSet when Pick(world.ReplicaSets.ToArray(), turn.Which) is { } set:
                await world.LookAsync(ReplicaSetController.Definition, set.Stored.Key);
                break;
            case Doer.KubeletReady when Pick([.. active.Where(pod => !pod.IsReady)], turn.Which) is { } pod:
                await world.SetReadyAsync(pod, ready: true);
                break;
            case Doer.KubeletUnready when Pick(active, turn.Which) is { } pod:
                await world.SetReadyAsync(pod, ready: false);
                break;
            case Doer.KubeletCannotRun when Pick([.. active.Where(pod => !pod.IsReady)], turn.Which) is { } pod:
                await world.WaitsAsync(pod, turn.Which % 2 == 0 ? "CrashLoopBackOff" : "ImagePullBackOff");
                break;
            case Doer.PodFails when Pick(active, turn.Which) is { } pod:
                await world.FailAsync(pod);
                break;
            case Doer.UserKills when Pick(active, turn.Which) is { } pod:
                await world.KillAsync(pod);
                break;
            case Doer.UserTakesAway when Pick(active, turn.Which) is { } pod:
                await world.ChangeAsync(pod.Stored.Key, obj => obj["metadata"]!.AsObject().Remove("ownerReferences"));
                break;
            case Doer.UserTemplate:
                await world.EditAsync(spec => spec["template"] = ControllerWorld.Template($"web:{turn.Which % 3}"));
                break;
            case Doer.UserPause:
                await world.EditAsync(spec => spec["paused"] = turn.Which % 2 == 0);
                break;
            case Doer.UserScales:
                await world.EditAsync(spec => spec["replicas"] = turn.Which % 8);
                break;
        }
    }

    private static T? Pick<T>(T[] items, int which)
        where T : class => items.Length == 0 ? null : items[which % items.Length];

    private static Arbitrary<Rollout> Rollouts(params (int, Doer)[] actors)
    {
        var turn = from actor in Gen.Frequency(actors.Select(item => (item.Item1, Gen.Constant(item.Item2))).ToArray())
                   from which in Gen.Choose(0, 50)
                   select new Turn(actor, which);
        return Arb.From(
            from replicas in Gen.Choose(0, 7)
            from surge in Gen.Choose(0, 4)
            from unavailable in Gen.Choose(surge == 0 ? 1 : 0, 4)
            from count in Gen.Choose(10, 60)
            from turns in turn.ArrayOf(count)
            select new Rollout(replicas, surge, unavailable, turns),
            rollout => Shorter(rollout.Turns).Select(turns => rollout with { Turns = turns }));
    }

    private static IEnumerable<Turn[]> Shorter(Turn[] turns)
    {
        for (var length = turns.Length / 2; length > 0; length /= 2)
        {
            for (var start = 0; start + length <= turns.Length; start += length)
            {
                yield return [.. turns[..start], .. turns[(start + length)..]];
            }
        }
    }

    private static void Holds(Arbitrary<Rollout> rollouts, int tries, Func<Rollout, Task> law) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(tries),
        Prop.ForAll(rollouts, rollout => Task.Run(() => law(rollout)).GetAwaiter().GetResult()));
}
