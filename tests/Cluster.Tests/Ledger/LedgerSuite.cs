using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Ledger.History;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Persistence;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;

namespace ActorOrchestrator.Cluster.Tests.Ledger;

/// <summary>What the ledger promises on a real database, whichever it is.</summary>
public abstract class LedgerSuite : IAsyncLifetime
{
    private readonly List<ActorSystem> _systems = [];
    private LedgerStorage _storage = null!;

    protected static Config Hocon(string file) => ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", file)));

    private static LedgerSettings Settings { get; } = LedgerSettings.From(Hocon("base.conf").GetConfig("orchestrator.ledger"));

    /// <summary>An empty one.</summary>
    protected abstract Task<LedgerStorage> OpenStorageAsync();

    public virtual async Task InitializeAsync() => _storage = await OpenStorageAsync();

    public virtual async Task DisposeAsync()
    {
        await Task.WhenAll(_systems.Select(system => system.Terminate()));
        _storage.Dispose();
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart_and_revisions_go_on()
    {
        var ledger = Start();
        await Task.WhenAll(Enumerable.Range(0, 300).Select(n => CreateAsync(ledger.Client, $"c{n}")));
        await ledger.Client.CommitAsync(Commit(new LedgerCommands.Remove(Key("c7"), null, null)));
        await StopAsync(ledger);

        var again = Start();
        Assert.Equal(301, (await again.Client.NewestRevisionAsync()).Value);
        Assert.Equal(299, again.View.Current.Count(ResourceTypes.ConfigMaps));
        Assert.All(ledger.View.Current.All(ResourceTypes.ConfigMaps), before =>
        {
            var after = again.View.Current.Find(before.Key)!;
            Assert.Equal((before.Uid, before.Revision), (after.Uid, after.Revision));
            Assert.True(before.Utf8.Span.SequenceEqual(after.Utf8.Span));
        });
        Assert.Equal(302, (await CreateAsync(again.Client, "c7")).Object!.Revision.Value);
        Assert.NotNull(again.View.Watch(ResourceTypes.ConfigMaps, Revision.None));
    }

    [Fact]
    public async Task Snapshots_and_retention_bound_the_journal_and_recovery_goes_on_from_there()
    {
        var settings = Settings with
        {
            WindowFacts = 64,
            SnapshotFacts = 100,
            Retention = new LedgerRetention(TimeSpan.FromDays(1), 200, 1 << 30, TimeSpan.FromMinutes(1)),
        };
        var ledger = Start(settings);
        for (var round = 0; round < 20; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(n => ReplaceOrCreateAsync(ledger, $"c{n}")));
        }

        await StopAsync(ledger);
        var again = Start(settings);
        Assert.Equal(1000, (await again.Client.NewestRevisionAsync()).Value);
        Assert.Equal(50, again.View.Current.Count(ResourceTypes.ConfigMaps));
        Assert.True(again.View.OldestWatchable.Value >= 1000 - 64 - 64 && again.View.OldestWatchable.Value < 1000);
        Assert.Equal(ledger.View.Current.All(ResourceTypes.ConfigMaps).Select(obj => obj.Revision), again.View.Current.All(ResourceTypes.ConfigMaps).Select(obj => obj.Revision));
    }

    [Fact]
    public async Task A_stale_leader_is_refused_its_next_row_and_acknowledges_nothing()
    {
        var stale = Start();
        await CreateAsync(stale.Client, "one");
        var leader = Start();
        Assert.Equal(1, (await leader.Client.NewestRevisionAsync()).Value);
        await CreateAsync(leader.Client, "two");

        await Assert.ThrowsAsync<LedgerUnavailableException>(() => CreateAsync(stale.Client, "split-brain"));
        Assert.Equal(1, stale.View.Current.Revision.Value);
        await StopAsync(leader);
        var next = Start();
        Assert.Equal(2, (await next.Client.NewestRevisionAsync()).Value);
        Assert.Null(next.View.Current.Find(Key("split-brain")));
    }

    [Fact]
    public async Task An_object_of_a_megabyte_and_a_half_goes_through_and_comes_back()
    {
        var ledger = Start();
        var body = Body("large", new string('x', 1_500_000));
        await ledger.Client.CommitAsync(Commit(new LedgerCommands.Create(Key("large"), "u", body, [])));
        await StopAsync(ledger);
        var again = Start();
        await again.Client.NewestRevisionAsync();
        Assert.True(again.View.Current.Find(Key("large"))!.Utf8.Length > 1_500_000);
    }

    [Fact]
    public async Task The_past_before_the_window_is_read_back_from_the_journal()
    {
        var ledger = Start(Settings with { WindowFacts = 64, SnapshotFacts = 100, SnapshotBytes = 1 });
        var seen = new Dictionary<Revision, Revision[]>();
        for (var round = 0; round < 20; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(n => ReplaceOrCreateAsync(ledger, $"c{n}")));
            seen[ledger.View.Current.Revision] = Revisions(ledger.View.Current);
        }

        Assert.Null(ledger.View.At(new Revision(20)));
        foreach (var (revision, objects) in seen)
        {
            var past = await ledger.View.AtAsync(revision, CancellationToken.None);
            Assert.Equal(revision, past!.Revision);
            Assert.Equal(objects, Revisions(past));
        }

        using var feed = await ledger.View.WatchAsync(ResourceTypes.ConfigMaps, new Revision(10), CancellationToken.None);
        var told = new List<long>();
        for (var last = Revision.None; last < ledger.View.Current.Revision;)
        {
            var batch = await feed!.NextAsync(TimeSpan.FromSeconds(1), CancellationToken.None);
            told.AddRange(batch.Facts.Select(fact => fact.Revision.Value));
            last = batch.SeenUpTo;
        }

        Assert.Equal(Enumerable.Range(11, 390).Select(revision => (long)revision), told);

        static Revision[] Revisions(ClusterSnapshot snapshot) => [.. snapshot.All(ResourceTypes.ConfigMaps).Select(obj => obj.Revision)];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_two_hosts_create_and_delete_at_the_same_time_no_quota_is_exceeded_at_any_revision(int seed)
    {
        const int Most = 9;
        var ledger = Start();
        var follower = new LedgerView(Settings, TimeProvider.System);
        ledger.System.ActorOf(ReplicaActor.Props(follower, ledger.Actor, Settings.Replication, TimeProvider.System));
        ResourceStore[] hosts = [Store(ledger.Client, ledger.View), Store(ledger.Client, follower)];
        await StoreQuotaAsync(ledger.Client, Most);
        await follower.AtLeastAsync(await ledger.Client.NewestRevisionAsync(), CancellationToken.None);
        var wrong = new List<string>();
        using var observation = ledger.View.Observe(_ => Check(ledger.View.Current, Most, wrong));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var random = new Random((seed * 100) + worker);
            var (made, created, refused) = (new List<string>(), 0, 0);
            for (var step = 0; step < 25; step++)
            {
                var host = hosts[random.Next(2)];
                if (made.Count > 0 && random.Next(3) == 0)
                {
                    var gone = await host.DeleteAsync(new ObjectKey(ResourceTypes.ConfigMaps, "shop", made[^1]), new DeleteRequest(), Options);
                    Assert.True(gone.Ok || gone.Failure!.Code == 404, gone.Failure?.Message);
                    if (gone.Ok)
                    {
                        // Otherwise this host has not heard of it yet.
                        made.RemoveAt(made.Count - 1);
                    }

                    continue;
                }

                var name = $"c-{worker}-{step}";
                var result = await host.CreateAsync(ResourceTypes.ConfigMaps, "shop", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, Options);
                Assert.True(result.Ok || result.Failure!.Message.Contains("exceeded quota: q", StringComparison.Ordinal), result.Failure?.Message);
                (created, refused) = result.Ok ? (created + 1, refused) : (created, refused + 1);
                if (result.Ok)
                {
                    made.Add(name);
                }
            }

            return (Created: created, Refused: refused);
        })));

        Check(ledger.View.Current, Most, wrong);
        Assert.Empty(wrong);
        Assert.True(outcomes.Sum(outcome => outcome.Created) > 0 && outcomes.Sum(outcome => outcome.Refused) > 0);
    }

    private static WriteOptions Options => new(new UserInfo("alice", ["system:masters"]), "test");

    private static ResourceStore Store(ILedger ledger, IClusterReader reader) => new(ledger, reader, ResourceCatalog.BuiltIn, TimeProvider.System);

    private static async Task StoreQuotaAsync(ILedger ledger, int most)
    {
        var hard = new JsonObject { ["count/configmaps"] = most.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        var quota = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ResourceQuota",
            ["metadata"] = new JsonObject { ["namespace"] = "shop", ["name"] = "q", ["uid"] = "u-q" },
            ["spec"] = new JsonObject { ["hard"] = hard },
            ["status"] = new JsonObject { ["hard"] = hard.DeepClone(), ["used"] = new JsonObject { ["count/configmaps"] = "0" } },
        };
        var home = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = "shop", ["uid"] = "u-shop" } };
        await ledger.CommitAsync(Commit(new LedgerCommands.Create(new ObjectKey(ResourceTypes.Namespaces, "", "shop"), "u-shop", ObjectBody.From(home), [])));
        await ledger.CommitAsync(Commit(new LedgerCommands.Create(new ObjectKey(ResourceTypes.ResourceQuotas, "shop", "q"), "u-q", ObjectBody.From(quota), [])));
    }

    /// <summary>The account says what is there, and that is never too much.</summary>
    private static void Check(ClusterSnapshot cluster, int most, List<string> wrong)
    {
        var used = (string)cluster.Find(new ObjectKey(ResourceTypes.ResourceQuotas, "shop", "q"))!.ToJson()["status"]!["used"]!["count/configmaps"]!;
        var there = cluster.InNamespace(ResourceTypes.ConfigMaps, "shop").Count();
        if (there > most || used != there.ToString(System.Globalization.CultureInfo.InvariantCulture))
        {
            lock (wrong)
            {
                wrong.Add($"revision {cluster.Revision}: {there} are there, the account says {used}, {most} are allowed");
            }
        }
    }

    private Leader Start(LedgerSettings? settings = null)
    {
        var system = ActorSystem.Create("ledger", ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString("akka.loglevel = OFF").WithFallback(_storage.Config).WithFallback(Hocon("base.conf"))),
            _storage.Setup));
        _systems.Add(system);
        var view = new LedgerView(settings ?? Settings, TimeProvider.System);
        var actor = system.ActorOf(LedgerActor.Props(view, settings ?? Settings, TimeProvider.System, LedgerStorage.Explain), "ledger");
        view.LooksBackIn(new JournalArchive(system, view, (settings ?? Settings).History, TimeProvider.System));
        return new Leader(system, view, actor, new LedgerClient(actor, TimeSpan.FromMinutes(2)));
    }

    private async Task StopAsync(Leader leader)
    {
        await leader.System.Terminate();
        _systems.Remove(leader.System);
    }

    private static async Task<WriteResult> CreateAsync(ILedger ledger, string name) =>
        (await ledger.CommitAsync(Commit(new LedgerCommands.Create(Key(name), $"u-{name}", Body(name, "text"), [$"claim/{name}"])))).Results[0];

    private static async Task ReplaceOrCreateAsync(Leader ledger, string name)
    {
        LedgerCommands.Write write = ledger.View.Current.Find(Key(name)) is { } current
            ? new LedgerCommands.Replace(Key(name), Body(name, "text"), current.Revision, [])
            : new LedgerCommands.Create(Key(name), $"u-{name}", Body(name, "text"), []);
        Assert.True((await ledger.Client.CommitAsync(Commit(write))).Results[0].IsCommitted);
    }

    private static LedgerCommands.Commit Commit(LedgerCommands.Write write) =>
        new([write], new Provenance("tester", TimeProvider.System.GetUtcNow(), "test", Revision.None));

    private static ObjectKey Key(string name) => new(ResourceTypes.ConfigMaps, "default", name);

    private static ObjectBody Body(string name, string text) => ObjectBody.From(new JsonObject
    {
        ["metadata"] = new JsonObject { ["namespace"] = "default", ["name"] = name },
        ["data"] = new JsonObject { ["text"] = text },
    });

    private sealed record Leader(ActorSystem System, LedgerView View, IActorRef Actor, ILedger Client);
}
