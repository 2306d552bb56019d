using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Ledger.History;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.TestSupport;
using ActorOrchestrator.TestSupport.Ledger;
using Akka.TestKit.Xunit2;

namespace ActorOrchestrator.Actors.Tests.Ledger;

/// <summary>The past before the window, out of the journal.</summary>
public sealed class JournalArchiveTests : TestKit
{
    private static readonly LedgerSettings Small = TestLedger.DefaultSettings with { WindowFacts = 16, SnapshotFacts = 30, SnapshotBytes = 1 };

    public JournalArchiveTests() : base(GatedJournal.Config, $"archive-{Guid.NewGuid():N}")
    {
    }

    [Fact]
    public async Task Every_revision_that_was_ever_seen_is_found_again()
    {
        var ledger = new TestLedger(Sys, Small);
        var seen = new Dictionary<Revision, string>();
        await HistoryAsync(ledger, 150, () => seen[ledger.View.Current.Revision] = LedgerWorld.Describe(ledger.View.Current));
        Assert.True(ledger.View.OldestWatchable.Value > 100);
        Assert.Null(ledger.View.At(new Revision(1)));
        foreach (var (revision, described) in seen)
        {
            Assert.Equal(described, LedgerWorld.Describe((await ledger.View.AtAsync(revision, default))!));
        }
    }

    [Fact]
    public async Task What_is_to_come_and_what_never_was_is_not_found()
    {
        var ledger = new TestLedger(Sys, Small);
        await HistoryAsync(ledger, 40, () => { });
        Assert.Null(await ledger.View.AtAsync(new Revision(1000), default));
        Assert.Null(await ledger.View.AtAsync(Revision.None, default));
    }

    [Fact]
    public async Task A_watch_from_the_past_misses_nothing_tells_nothing_twice_and_goes_on_live()
    {
        var ledger = new TestLedger(Sys, Small);
        var told = new List<string>();
        using var all = ledger.View.Observe(batch =>
        {
            lock (told)
            {
                told.AddRange(batch.Facts.Where(fact => fact.Key.Type == ResourceTypes.ConfigMaps).Select(Describe));
            }
        });
        await HistoryAsync(ledger, 200, () => { });
        Assert.Null(ledger.View.Watch(ResourceTypes.ConfigMaps, new Revision(3)));
        using var feed = (await ledger.View.WatchAsync(ResourceTypes.ConfigMaps, new Revision(3), default))!;
        var heard = new List<string>();
        var last = new Revision(3);
        await FollowAsync();
        await HistoryAsync(ledger, 10, () => { });
        await FollowAsync();
        Assert.Equal(told.Where(line => long.Parse(line.Split(' ')[0]) > 3), heard);

        async Task FollowAsync()
        {
            while (last < ledger.View.Current.Revision)
            {
                var batch = await feed.NextAsync(TimeSpan.FromMilliseconds(50), default);
                heard.AddRange(batch.Facts.Select(Describe));
                Assert.True(batch.SeenUpTo >= last);
                last = batch.SeenUpTo;
            }
        }
    }

    [Fact]
    public async Task What_the_retention_dropped_is_gone_and_what_it_keeps_is_not()
    {
        var settings = Small with { Retention = Small.Retention with { MaxFacts = 60 } };
        var ledger = new TestLedger(Sys, settings);
        await HistoryAsync(ledger, 300, () => { });
        await AwaitAssertAsync(async () =>
        {
            await HistoryAsync(ledger, 1, () => { });
            Assert.True(ledger.View.History!.Bases[0].SequenceNumber > 0);
        });
        var oldest = ledger.View.History!.Bases[0].Revision;
        Assert.Null(await ledger.View.AtAsync(new Revision(1), default));
        Assert.Null(await ledger.View.WatchAsync(ResourceTypes.ConfigMaps, new Revision(1), default));
        Assert.Equal(oldest.Next, (await ledger.View.AtAsync(oldest.Next, default))!.Revision);
    }

    [Fact]
    public async Task A_host_that_does_not_lead_finds_its_way_from_the_newest_snapshot()
    {
        var ledger = new TestLedger(Sys, Small);
        var seen = new Dictionary<Revision, string>();
        await HistoryAsync(ledger, 120, () => seen[ledger.View.Current.Revision] = LedgerWorld.Describe(ledger.View.Current));
        var replica = new LedgerView(Small, TimeProvider.System);
        replica.Follow(replica.NewWindow(ledger.View.State));
        replica.LooksBackIn(new JournalArchive(Sys, replica, HistorySettings.Default, TimeProvider.System));
        foreach (var revision in new[] { 5, 61, 100 })
        {
            Assert.Equal(seen[new Revision(revision)], LedgerWorld.Describe((await replica.AtAsync(new Revision(revision), default))!));
        }
    }

    [Fact]
    public async Task No_more_watches_catch_up_at_once_than_may()
    {
        var ledger = new TestLedger(Sys, Small with { History = HistorySettings.Default with { Watches = 1 } });
        await HistoryAsync(ledger, 100, () => { });
        var first = (await ledger.View.WatchAsync(ResourceTypes.ConfigMaps, new Revision(3), default))!;
        await Assert.ThrowsAsync<HistoryBusyException>(async () => await ledger.View.WatchAsync(ResourceTypes.ConfigMaps, new Revision(3), default));
        first.Dispose();
        using var second = await ledger.View.WatchAsync(ResourceTypes.ConfigMaps, new Revision(3), default);
        Assert.NotNull(second);
    }

    [Fact]
    public async Task A_state_that_nobody_reads_any_more_is_let_go()
    {
        var time = new ManualTime();
        var ledger = new TestLedger(Sys, Small, time);
        await HistoryAsync(ledger, 100, () => { });
        var past = await ledger.View.AtAsync(new Revision(7), default);
        Assert.Same(past, await ledger.View.AtAsync(new Revision(7), default));
        time.Advance(TimeSpan.FromMinutes(3));
        Assert.NotSame(past, await ledger.View.AtAsync(new Revision(7), default));
    }

    private static string Describe(Fact fact) => $"{fact.Revision} {fact.Verb} {fact.Key} {fact.Object.Revision} after {fact.Previous?.Revision}";

    /// <summary>Creates, replaces and removes a few names in turn, one row each.</summary>
    private static async Task HistoryAsync(TestLedger ledger, int facts, Action after)
    {
        for (var i = 0; i < facts; i++)
        {
            var type = i % 3 == 0 ? ResourceTypes.Pods : ResourceTypes.ConfigMaps;
            var key = new ObjectKey(type, "default", $"n{i % 7}");
            if (ledger.View.Current.Find(key) is null)
            {
                await ledger.CreateAsync(type, new JsonObject { ["kind"] = "Any", ["metadata"] = new JsonObject { ["namespace"] = "default", ["name"] = key.Name } });
            }
            else if (i % 5 == 0)
            {
                await ledger.RemoveAsync(key);
            }
            else
            {
                await ledger.ReplaceAsync(key, obj => obj["data"] = new JsonObject { ["i"] = i });
            }

            after();
        }
    }
}
