using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.TestSupport.Ledger;

namespace ActorOrchestrator.Actors.Tests.Ledger;

public sealed class JournalHistoryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly LedgerSettings Settings = TestLedger.DefaultSettings with
    {
        SnapshotFacts = 100,
        SnapshotBytes = 100_000,
        Retention = new LedgerRetention(TimeSpan.FromHours(8), 500, 1_000_000, TimeSpan.FromMinutes(1)),
    };

    [Theory]
    [InlineData(99, 99_999, 0, false)]
    [InlineData(100, 50_000, 0, true)]
    [InlineData(50, 100_000, 0, true)]
    [InlineData(100, 50_000, 100_002, false)] // the state is more than twice what was written
    [InlineData(100, 50_000, 100_000, true)]
    public void A_snapshot_is_due_when_enough_was_written_also_beside_the_state_itself(long facts, long bytes, long stateBytes, bool due) =>
        Assert.Equal(due, JournalHistory.Empty.IsSnapshotDue(Mark(10, facts, 0, bytes), stateBytes, Settings, Noon));

    [Fact]
    public void Old_facts_are_counted_off_even_when_they_are_few()
    {
        var history = new JournalHistory([Mark(0, 0, 0)], Mark(20, 9, 9));
        Assert.False(history.IsSnapshotDue(Mark(5, 3, hours: 2), 0, Settings, Noon.AddHours(9)));
        Assert.True(history.IsSnapshotDue(Mark(5, 3, hours: 2), 0, Settings, Noon.AddHours(10)));
        Assert.False(history.Saved(Mark(5, 3, hours: 2)).IsSnapshotDue(Mark(6, 4, hours: 2.5), 0, Settings, Noon.AddHours(11)));
    }

    [Fact]
    public void Nothing_goes_while_all_of_it_is_within_the_retention()
    {
        var history = new JournalHistory([Mark(0, 0, 0), Mark(100, 100, 1)], Mark(300, 300, 2));
        Assert.Null(history.Disposable(Settings.Retention, Noon.AddHours(3)));
    }

    [Theory]
    [InlineData(650, 650_000, 3, 200)] // facts: 650 - 200 are within 500
    [InlineData(450, 1_150_000, 3, 200)] // bytes
    [InlineData(450, 450_000, 9.5, 200)] // age
    [InlineData(5_000, 1_000, 3, 400)] // nothing is within: the newest snapshot stays all the same
    public void What_exceeds_a_bound_goes_in_steps_of_a_snapshot(long facts, long bytes, double hoursLater, long keptFrom)
    {
        var history = new JournalHistory([Mark(0, 0, 0), Mark(200, 200, 2, 200_000), Mark(400, 400, 3, 400_000)], Mark(900, facts, 3, bytes));
        var kept = history.Disposable(Settings.Retention, Noon.AddHours(hoursLater))!.Value;
        Assert.Equal(keptFrom, kept.SequenceNumber);
        var dropped = history.Dropped(kept);
        Assert.Equal(keptFrom, dropped.Bases[0].SequenceNumber);
        Assert.Null(dropped.Disposable(Settings.Retention, Noon.AddHours(hoursLater)));
    }

    [Fact]
    public void The_beginning_is_as_old_as_the_first_fact()
    {
        var key = new ObjectKey(ResourceTypes.ConfigMaps, "default", "a");
        var commit = new LedgerCommands.Commit([new LedgerCommands.Create(key, "u", LedgerWorld.Body(key), [])], LedgerWorld.Someone with { Time = Noon });
        var history = JournalHistory.Empty.Appended(1, new FactBatch(LedgerDecider.Decide(ClusterState.Empty, commit).Facts));
        Assert.Equal(Noon, Assert.Single(history.Bases).Time);
        Assert.Equal((1, 1), (history.Newest.SequenceNumber, history.Newest.Revision.Value));
    }

    private static JournalMark Mark(long sequenceNumber, long revision, double hours, long bytes = 0) =>
        new(sequenceNumber, new Revision(revision), Noon.AddHours(hours), bytes);
}
