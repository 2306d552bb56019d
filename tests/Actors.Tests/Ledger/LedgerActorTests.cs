using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.TestSupport;
using ActorOrchestrator.TestSupport.Ledger;

namespace ActorOrchestrator.Actors.Tests.Ledger;

public sealed class LedgerActorTests : PatientTestKit
{
    private static readonly ObjectKey Web = new(ResourceTypes.ConfigMaps, "default", "web");
    private readonly GatedJournal.Gate _journal;

    public LedgerActorTests() : base(GatedJournal.Config, $"ledger-{Guid.NewGuid():N}") => _journal = GatedJournal.GateOf(Sys.Name);

    [Fact]
    public async Task A_write_is_in_the_view_when_its_reply_arrives()
    {
        var ledger = new TestLedger(Sys);
        var reply = await ledger.Client.CommitAsync(Create("web"));
        var created = reply.Results[0].Object!;
        Assert.Equal(1, created.Revision.Value);
        Assert.Same(created, ledger.View.Current.Find(Web));
        Assert.Equal("1", (string?)created.ToJson()["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task Writes_that_arrive_while_a_row_is_written_share_the_next_row()
    {
        var ledger = new TestLedger(Sys);
        await ledger.StartedAsync();
        _journal.Close();
        var replies = Enumerable.Range(0, 100).Select(n => ledger.Client.CommitAsync(Create($"c{n}"))).ToArray();
        await ledger.StartedAsync();
        Assert.DoesNotContain(replies, reply => reply.IsCompleted);
        Assert.Equal(Revision.None, ledger.View.Current.Revision);
        _journal.Open();
        await Task.WhenAll(replies);
        Assert.Equal(2, _journal.Rows);
        Assert.Equal(100, ledger.View.Current.Revision.Value);
    }

    [Fact]
    public async Task A_row_holds_no_more_than_the_bounds_of_a_batch()
    {
        var ledger = new TestLedger(Sys, TestLedger.DefaultSettings with { BatchFacts = 10 });
        await ledger.StartedAsync();
        _journal.Close();
        var replies = Enumerable.Range(0, 41).Select(n => ledger.Client.CommitAsync(Create($"c{n}"))).ToArray();
        await ledger.StartedAsync();
        _journal.Open();
        await Task.WhenAll(replies);
        Assert.Equal(1 + 4, _journal.Rows);
    }

    [Fact]
    public async Task A_refusal_that_rests_on_an_unwritten_fact_waits_for_it()
    {
        var ledger = new TestLedger(Sys);
        await ledger.StartedAsync();
        _journal.Close();
        var first = ledger.Client.CommitAsync(Create("web"));
        var second = ledger.Client.CommitAsync(Create("web"));
        await ledger.StartedAsync();
        Assert.False(second.IsCompleted);
        _journal.Open();
        Assert.True((await first).Results[0].IsCommitted);
        Assert.Equal(WriteOutcome.AlreadyExists, (await second).Results[0].Outcome);
    }

    [Fact]
    public async Task A_full_queue_is_told_at_once()
    {
        var ledger = new TestLedger(Sys, TestLedger.DefaultSettings with { QueueCommits = 3 });
        await ledger.StartedAsync();
        _journal.Close();
        var accepted = Enumerable.Range(0, 3).Select(n => ledger.Client.CommitAsync(Create($"c{n}"))).ToArray();
        var refusal = await Assert.ThrowsAsync<LedgerUnavailableException>(() => ledger.Client.CommitAsync(Create("one-too-many")));
        Assert.Contains("try again later", refusal.Message, StringComparison.Ordinal);
        _journal.Open();
        await Task.WhenAll(accepted);
        Assert.True((await ledger.Client.CommitAsync(Create("later"))).Results[0].IsCommitted);
    }

    [Fact]
    public async Task A_journal_that_fails_acknowledges_nothing_and_the_revision_is_given_to_the_next_write()
    {
        var ledger = new TestLedger(Sys);
        Watch(ledger.Actor);
        await ledger.Client.CommitAsync(Create("before"));
        _journal.FailBefore = true;
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => ledger.Client.CommitAsync(Create("lost")));
        await ExpectTerminatedAsync(ledger.Actor);
        Assert.Equal(1, ledger.View.Current.Revision.Value);

        _journal.FailBefore = false;
        var again = Sys.ActorOf(LedgerActor.Props(ledger.View, ledger.Settings, ledger.Time));
        var reply = await new LedgerClient(again, TimeSpan.FromSeconds(60)).CommitAsync(Create("after"));
        Assert.Equal(2, reply.Results[0].Object!.Revision.Value);
    }

    [Fact]
    public async Task A_crash_between_the_write_and_its_reply_loses_nothing_and_uses_no_revision_twice()
    {
        var ledger = new TestLedger(Sys);
        Watch(ledger.Actor);
        await ledger.StartedAsync();
        var seen = new List<long>();
        ledger.View.Observe(batch => seen.AddRange(batch.Facts.Select(fact => fact.Revision.Value)));
        _journal.FailAfter = true;
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => ledger.Client.CommitAsync(Create("web")));
        await ExpectTerminatedAsync(ledger.Actor);

        _journal.FailAfter = false;
        var again = new LedgerClient(Sys.ActorOf(LedgerActor.Props(ledger.View, ledger.Settings, ledger.Time)), TimeSpan.FromSeconds(60));
        Assert.Equal(1, (await again.NewestRevisionAsync()).Value);
        Assert.NotNull(ledger.View.Current.Find(Web));
        Assert.Equal(WriteOutcome.AlreadyExists, (await again.CommitAsync(Create("web"))).Results[0].Outcome);
        Assert.Equal(2, (await again.CommitAsync(Create("db"))).Results[0].Object!.Revision.Value);
        await AwaitAssertAsync(() => Assert.Equal([1, 2], seen));
    }

    [Fact]
    public async Task Under_its_supervisor_a_failed_ledger_comes_back_by_itself()
    {
        var view = new LedgerView(TestLedger.DefaultSettings, TimeProvider.System);
        var client = new LedgerClient(Sys.ActorOf(LedgerActor.Supervised(view, TestLedger.DefaultSettings, TimeProvider.System)), TimeSpan.FromSeconds(3));
        await client.CommitAsync(Create("one"));
        _journal.FailBefore = true;
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => client.CommitAsync(Create("two")));
        _journal.FailBefore = false;
        // An answer may come too late for a client that asks a ledger which is not there yet.
        await AwaitAssertAsync(async () => Assert.True((await client.CommitAsync(Create("three"))).Results[0].Outcome is WriteOutcome.Committed or WriteOutcome.AlreadyExists));
        Assert.Equal(2, view.Current.Count(ResourceTypes.ConfigMaps));
    }

    [Fact]
    public async Task Everything_is_back_after_a_restart_and_no_revision_is_used_again_even_when_the_last_fact_was_a_removal()
    {
        var ledger = new TestLedger(Sys);
        await ledger.Client.CommitAsync(Create("web"));
        await ledger.Client.CommitAsync(Create("db"));
        await ledger.RemoveAsync(Web);
        var before = LedgerWorld.Describe(ledger.View.Current);
        await StopAsync(ledger);

        var again = new TestLedger(Sys);
        Assert.Equal(3, (await again.StartedAsync()).Value);
        Assert.Equal(before, LedgerWorld.Describe(again.View.Current));
        Assert.Equal(4, (await again.Client.CommitAsync(Create("web"))).Results[0].Object!.Revision.Value);
        Assert.NotNull(again.View.At(new Revision(1))!.Find(Web));
    }

    [Fact]
    public async Task A_snapshot_bounds_the_journal_and_the_window_is_whole_again_after_a_restart()
    {
        var settings = TestLedger.DefaultSettings with
        {
            WindowFacts = 32,
            SnapshotFacts = 40,
            Retention = new LedgerRetention(TimeSpan.FromDays(1), 100, 1 << 30, TimeSpan.FromMilliseconds(50)),
        };
        var ledger = new TestLedger(Sys, settings);
        for (var n = 0; n < 300; n++)
        {
            await ledger.Client.CommitAsync(n % 3 == 2 ? Remove($"c{n - 1}") : Create($"c{n}"));
        }

        // At most the retention of 100 facts and a step of a snapshot stay, and never less than the window, which recovery needs. How long a step is
        // depends on how fast the disk takes snapshots.
        await AwaitAssertAsync(() => Assert.InRange(Volatile.Read(ref _journal.DeletedUpTo), 300 - 100 - 40 - 40, 300 - 32));
        var oldest = ledger.View.OldestWatchable;
        Assert.InRange(oldest.Value, 300 - 40, 300 - 20);
        var past = LedgerWorld.Describe(ledger.View.At(oldest.Next)!);
        var before = LedgerWorld.Describe(ledger.View.Current);
        await StopAsync(ledger);

        var again = new TestLedger(Sys, settings);
        Assert.Equal(300, (await again.StartedAsync()).Value);
        Assert.Equal(before, LedgerWorld.Describe(again.View.Current));
        Assert.Equal(past, LedgerWorld.Describe(again.View.At(oldest.Next)!));
        using var feed = again.View.Watch(ResourceTypes.ConfigMaps, oldest.Next)!;
        var batch = await feed.NextAsync(TimeSpan.Zero, CancellationToken.None);
        Assert.Equal(oldest.Value + 2, batch.Facts[0].Revision.Value);
        Assert.All(batch.Facts, fact => Assert.Equal(fact.Verb == FactVerb.Created, fact.Previous is null));
    }

    [Fact]
    public async Task A_watch_goes_on_across_a_restart_without_a_gap()
    {
        var ledger = new TestLedger(Sys);
        for (var n = 0; n < 20; n++)
        {
            await ledger.Client.CommitAsync(Create($"c{n}"));
        }

        await StopAsync(ledger);
        var again = new TestLedger(Sys);
        await again.StartedAsync();
        using var feed = again.View.Watch(ResourceTypes.ConfigMaps, new Revision(7))!;
        await again.Client.CommitAsync(Create("later"));
        var seen = new List<long>();
        while (seen.Count < 14)
        {
            seen.AddRange((await feed.NextAsync(TimeSpan.FromSeconds(60), CancellationToken.None)).Facts.Select(fact => fact.Revision.Value));
        }

        Assert.Equal(Enumerable.Range(8, 14).Select(n => (long)n), seen);
    }

    [Fact]
    public async Task Nobody_answers_for_a_ledger_that_does_not()
    {
        var client = new LedgerClient(CreateTestProbe(), TimeSpan.FromMilliseconds(50));
        var late = await Assert.ThrowsAsync<LedgerUnavailableException>(() => client.CommitAsync(Create("web")));
        Assert.Contains("may or may not", late.Message, StringComparison.Ordinal);
    }

    private static LedgerCommands.Commit Create(string name)
    {
        var key = new ObjectKey(ResourceTypes.ConfigMaps, "default", name);
        return new LedgerCommands.Commit([new LedgerCommands.Create(key, $"u-{name}", LedgerWorld.Body(key), [])], ByTester());
    }

    private static LedgerCommands.Commit Remove(string name) =>
        new([new LedgerCommands.Remove(new ObjectKey(ResourceTypes.ConfigMaps, "default", name), null, null)], ByTester());

    private static Provenance ByTester() => new("tester", TimeProvider.System.GetUtcNow(), "test", Revision.None);

    private async Task StopAsync(TestLedger ledger)
    {
        Watch(ledger.Actor);
        Sys.Stop(ledger.Actor);
        await ExpectTerminatedAsync(ledger.Actor);
    }
}
