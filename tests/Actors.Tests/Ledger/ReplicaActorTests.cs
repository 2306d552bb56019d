using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.TestSupport;
using ActorOrchestrator.TestSupport.Ledger;
using Akka.Actor;

namespace ActorOrchestrator.Actors.Tests.Ledger;

public sealed class ReplicaActorTests() : PatientTestKit("akka.loglevel = WARNING")
{
    private static readonly LedgerSettings Settings = TestLedger.DefaultSettings with
    {
        Replication = new ReplicationSettings(4096, 2, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(400)),
    };

    [Fact]
    public async Task A_replica_sees_every_fact_once_and_in_order_while_writes_go_on()
    {
        var ledger = new TestLedger(Sys, Settings);
        var (replica, _) = Replica(ledger.Actor);
        var seen = Seen(replica);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(n => ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap($"c{n}", 200))));
        await ReachedAsync(replica, 500);
        Assert.Equal(Enumerable.Range(1, 500).Select(n => (long)n), seen());
        Assert.Equal(
            ledger.View.Current.All(ResourceTypes.ConfigMaps).Select(obj => (obj.Key, obj.Revision)),
            replica.Current.All(ResourceTypes.ConfigMaps).Select(obj => (obj.Key, obj.Revision)));
    }

    [Fact]
    public async Task A_replica_that_is_too_far_behind_takes_the_whole_state_and_its_observers_learn_the_difference()
    {
        var ledger = new TestLedger(Sys, Settings with { WindowFacts = 32 });
        var (replica, actor) = Replica(ledger.Actor);
        await ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap("kept", 10));
        await ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap("gone", 10));
        await ReachedAsync(replica, 2);
        await StopAsync(actor);

        await ledger.RemoveAsync(new ObjectKey(ResourceTypes.ConfigMaps, "default", "gone"));
        for (var n = 0; n < 100; n++)
        {
            await ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap($"c{n}", 500));
        }

        var facts = new List<Fact>();
        using var observation = replica.Observe(batch => facts.AddRange(batch.Facts));
        using var feed = replica.Watch(ResourceTypes.ConfigMaps, new Revision(2))!;
        Sys.ActorOf(ReplicaActor.Props(replica, ledger.Actor, Settings.Replication, TimeProvider.System));
        await ReachedAsync(replica, 103);

        Assert.Equal(101, replica.Current.Count(ResourceTypes.ConfigMaps));
        await AwaitAssertAsync(() => Assert.Equal(101, facts.Count));
        Assert.Equal("gone", Assert.Single(facts, fact => fact.Verb == FactVerb.Deleted).Key.Name);
        await Assert.ThrowsAsync<SlowWatcherException>(async () => await feed.NextAsync(TimeSpan.Zero, CancellationToken.None));
        Assert.Null(replica.Watch(ResourceTypes.ConfigMaps, new Revision(2)));
    }

    [Fact]
    public async Task A_replica_keeps_its_state_while_no_leader_answers_and_goes_on_with_the_next_one()
    {
        var ledger = new TestLedger(Sys, Settings);
        var proxy = Sys.ActorOf(Props.Create(() => new Switch()));
        proxy.Tell(ledger.Actor);
        var (replica, _) = Replica(proxy);
        var seen = Seen(replica);
        await ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap("one", 10));
        await ReachedAsync(replica, 1);

        await StopAsync(ledger.Actor);
        Assert.Equal(1, replica.Current.Count(ResourceTypes.ConfigMaps));

        var next = new TestLedger(Sys, Settings);
        await next.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap("two", 10));
        proxy.Tell(next.Actor);
        await ReachedAsync(replica, 2);
        Assert.Equal([1, 2], seen());
    }

    [Fact]
    public async Task A_host_that_begins_to_lead_goes_on_from_its_replica_without_a_gap()
    {
        var ledger = new TestLedger(Sys, Settings);
        var (replica, _) = Replica(ledger.Actor);
        await ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap("one", 10));
        await ReachedAsync(replica, 1);
        var seen = Seen(replica);
        await StopAsync(ledger.Actor);

        var promoted = Sys.ActorOf(LedgerActor.Props(replica, Settings, TimeProvider.System));
        var client = new LedgerClient(promoted, TimeSpan.FromSeconds(60));
        Assert.Equal(1, (await client.NewestRevisionAsync()).Value);
        var body = ObjectBody.From(ConfigMap("two", 10));
        await client.CommitAsync(new LedgerCommands.Commit(
            [new LedgerCommands.Create(new ObjectKey(ResourceTypes.ConfigMaps, "default", "two"), "u", body, [])],
            new Provenance("tester", DateTimeOffset.UnixEpoch, "create", Revision.None)));
        await AwaitAssertAsync(() => Assert.Equal([2], seen()));
        Assert.Equal(Revision.None, replica.OldestWatchable);
    }

    [Fact]
    public async Task Lost_messages_are_noticed_and_made_good()
    {
        var ledger = new TestLedger(Sys, Settings);
        var view = new LedgerView(Settings, TimeProvider.System);
        var seen = Seen(view);
        var probe = CreateTestProbe();
        // So patient that only the gap makes it ask anew.
        var patient = Settings.Replication with { KeepAlive = TimeSpan.FromMinutes(5), Silence = TimeSpan.FromMinutes(5) };
        var replica = Sys.ActorOf(ReplicaActor.Props(view, probe, patient, TimeProvider.System));
        for (var n = 0; n < 20; n++)
        {
            await ledger.CreateAsync(ResourceTypes.ConfigMaps, ConfigMap($"c{n}", 3000));
        }

        // The probe stands between the two: the first attempt loses its fourth part, the second goes through.
        var follow = await probe.ExpectMsgAsync<ReplicationMessages.Follow>();
        ledger.Actor.Tell(follow, probe);
        IActorRef follower = ActorRefs.Nobody;
        for (var part = 1; part <= 5; part++)
        {
            var sent = await probe.FishForMessageAsync<ReplicationMessages.Part>(_ => true);
            follower = probe.LastSender;
            if (part != 4)
            {
                replica.Tell(sent, probe);
            }

            follower.Tell(new ReplicationMessages.Received(sent.Attempt, sent.Number), probe);
        }

        var again = await probe.FishForMessageAsync<ReplicationMessages.Follow>(_ => true);
        Assert.True(again.Attempt > follow.Attempt && again.Have == view.Current.Revision);
        ledger.Actor.Tell(again, replica);
        await ReachedAsync(view, 20);
        Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), seen());
    }

    private (LedgerView View, IActorRef Actor) Replica(IActorRef leader)
    {
        var view = new LedgerView(Settings, TimeProvider.System);
        return (view, Sys.ActorOf(ReplicaActor.Props(view, leader, Settings.Replication, TimeProvider.System)));
    }

    private static Func<long[]> Seen(LedgerView view)
    {
        var seen = new List<long>();
        view.Observe(batch =>
        {
            lock (seen)
            {
                seen.AddRange(batch.Facts.Select(fact => fact.Revision.Value));
            }
        });
        return () =>
        {
            lock (seen)
            {
                return [.. seen];
            }
        };
    }

    private static async Task ReachedAsync(LedgerView view, long revision)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await view.AtLeastAsync(new Revision(revision), patience.Token);
    }

    private static JsonObject ConfigMap(string name, int bytes) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["namespace"] = "default", ["name"] = name },
        ["data"] = new JsonObject { ["key"] = new string('x', bytes) },
    };

    private async Task StopAsync(IActorRef actor)
    {
        Watch(actor);
        Sys.Stop(actor);
        await ExpectTerminatedAsync(actor);
    }

    /// <summary>Stands for the singleton's proxy: forwards to whoever it was told last.</summary>
    private sealed class Switch : ReceiveActor
    {
        private IActorRef _leader = ActorRefs.Nobody;

        public Switch()
        {
            Receive<IActorRef>(leader => _leader = leader);
            ReceiveAny(message => _leader.Forward(message));
        }
    }
}
