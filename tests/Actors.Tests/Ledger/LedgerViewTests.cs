using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.TestSupport.Ledger;

namespace ActorOrchestrator.Actors.Tests.Ledger;

public sealed class LedgerViewTests
{
    private static readonly LedgerSettings Settings = TestLedger.DefaultSettings;

    [Fact]
    public void Every_revision_in_the_window_is_read_exactly_and_none_before_it() =>
        LedgerWorld.Holds(steps =>
        {
            var view = new LedgerView(Settings with { WindowFacts = 12 }, TimeProvider.System);
            var states = new List<ClusterState> { ClusterState.Empty };
            foreach (var chunk in steps.Chunk(3))
            {
                Write(view, states, chunk);
            }

            Assert.True(view.Current.Revision.Value - view.OldestWatchable.Value <= 12 + 3);
            foreach (var state in states)
            {
                var read = view.At(state.Revision);
                Assert.Equal(state.Revision < view.OldestWatchable ? null : LedgerWorld.Describe(state), read is null ? null : LedgerWorld.Describe(read));
            }

            Assert.Null(view.At(view.Current.Revision.Next));
        });

    [Fact]
    public async Task A_feed_resumed_from_any_revision_shows_exactly_what_followed()
    {
        var view = Filled(200, out var facts);
        for (var after = 0; after <= 200; after += 7)
        {
            using var feed = view.Watch(ResourceTypes.ConfigMaps, new Revision(after))!;
            var seen = await DrainAsync(feed, new Revision(200));
            Assert.Equal(facts.Where(fact => fact.Revision.Value > after && fact.Key.Type == ResourceTypes.ConfigMaps), seen);
        }
    }

    [Fact]
    public async Task A_feed_sees_no_facts_of_another_type_but_learns_how_far_it_has_seen()
    {
        var view = Filled(50, out _);
        using var feed = view.Watch(ResourceTypes.Secrets, Revision.None)!;
        var batch = await feed.NextAsync(TimeSpan.Zero, CancellationToken.None);
        Assert.Empty(batch.Facts);
        Assert.Equal(50, batch.SeenUpTo.Value);
    }

    [Fact]
    public async Task Watching_from_a_revision_that_is_yet_to_come_begins_there()
    {
        var view = Filled(5, out _);
        using var feed = view.Watch(ResourceTypes.ConfigMaps, new Revision(7))!;
        Add(view, 5);
        var seen = await DrainAsync(feed, new Revision(10));
        Assert.Equal([8, 9, 10], seen.Select(fact => fact.Revision.Value));
    }

    [Fact]
    public async Task A_watcher_that_falls_behind_the_window_is_ended_and_one_that_has_seen_everything_is_not()
    {
        var view = new LedgerView(Settings with { WindowFacts = 64 }, TimeProvider.System);
        Add(view, 10);
        using var slow = view.Watch(ResourceTypes.ConfigMaps, Revision.None)!;
        using var idle = view.Watch(ResourceTypes.Secrets, Revision.None)!;
        using var steady = view.Watch(ResourceTypes.ConfigMaps, Revision.None)!;
        var seen = new List<Fact>();
        for (var round = 0; round < 30; round++)
        {
            Add(view, 10);
            seen.AddRange(await DrainAsync(steady, view.Current.Revision));
        }

        Assert.Equal(310, seen.Count);
        Assert.Empty((await idle.NextAsync(TimeSpan.Zero, CancellationToken.None)).Facts);
        await Assert.ThrowsAsync<SlowWatcherException>(async () => await slow.NextAsync(TimeSpan.Zero, CancellationToken.None));
        Assert.Null(view.Watch(ResourceTypes.ConfigMaps, Revision.None));
        Assert.NotNull(view.Watch(ResourceTypes.ConfigMaps, view.OldestWatchable));
    }

    [Fact]
    public async Task Feeds_that_come_and_go_while_a_writer_writes_neither_skip_nor_repeat()
    {
        var view = new LedgerView(Settings, TimeProvider.System);
        const int last = 3000;
        var writer = Task.Run(async () =>
        {
            while (view.Current.Revision.Value < last)
            {
                Add(view, 5);
                await Task.Yield();
            }
        });
        var watchers = Enumerable.Range(0, 8).Select(watcher => Task.Run(async () =>
        {
            var seen = new List<long>();
            var at = Revision.None;
            while (at.Value < last)
            {
                // Each reconnects every few batches from where it was.
                using var feed = view.Watch(ResourceTypes.ConfigMaps, at)!;
                for (var batches = 0; batches <= watcher && at.Value < last; batches++)
                {
                    var batch = await feed.NextAsync(TimeSpan.FromSeconds(5), CancellationToken.None);
                    seen.AddRange(batch.Facts.Select(fact => fact.Revision.Value));
                    at = batch.SeenUpTo;
                }
            }

            return seen;
        })).ToArray();
        await writer;
        foreach (var seen in await Task.WhenAll(watchers))
        {
            Assert.Equal(Enumerable.Range(1, last).Select(n => (long)n), seen);
        }
    }

    [Fact]
    public void Observers_get_every_batch_after_their_start()
    {
        var view = Filled(3, out _);
        var seen = new List<long>();
        var observation = view.Observe(batch => seen.AddRange(batch.Facts.Select(fact => fact.Revision.Value)));
        Assert.Equal(3, observation.Start.Revision.Value);
        Add(view, 2);
        observation.Dispose();
        Add(view, 1);
        Assert.Equal([4, 5], seen);
    }

    [Fact]
    public async Task Waiting_for_a_revision_ends_when_it_is_there_or_when_the_caller_gives_up()
    {
        var view = Filled(1, out _);
        var waiting = view.AtLeastAsync(new Revision(3), CancellationToken.None);
        Add(view, 1);
        Assert.False(waiting.IsCompleted);
        Add(view, 1);
        Assert.Equal(3, (await waiting).Revision.Value);

        using var impatience = new CancellationTokenSource();
        var never = view.AtLeastAsync(new Revision(99), impatience.Token);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await never);
    }

    [Fact]
    public void A_batch_that_does_not_follow_is_refused_and_changes_nothing()
    {
        var view = Filled(2, out var facts);
        Assert.Throws<InvalidOperationException>(() => view.Apply(new FactBatch([facts[1]])));
        Assert.Equal(2, view.Current.Revision.Value);
    }

    [Fact]
    public void A_list_goes_on_after_a_name_in_one_namespace_or_in_all()
    {
        var state = ClusterState.Empty;
        foreach (var (@namespace, name) in new[] { ("a", "1"), ("a", "2"), ("b", "1"), ("b", "2"), ("c", "1") })
        {
            var key = new ObjectKey(ResourceTypes.ConfigMaps, @namespace, name);
            state = LedgerDecider.Decide(state, new LedgerCommands.Commit([new LedgerCommands.Create(key, "u", LedgerWorld.Body(key), [])], LedgerWorld.Someone)).After;
        }

        string List(IEnumerable<StoredObject> objects) => string.Join(' ', objects.Select(obj => $"{obj.Key.Namespace}{obj.Key.Name}"));
        Assert.Equal("b1 b2", List(state.InNamespace(ResourceTypes.ConfigMaps, "b")));
        Assert.Equal("b2", List(state.After(ResourceTypes.ConfigMaps, "b", "b", "1")));
        Assert.Equal("b1 b2", List(state.After(ResourceTypes.ConfigMaps, "b", "a", "2")));
        Assert.Equal("", List(state.After(ResourceTypes.ConfigMaps, "b", "c", "")));
        Assert.Equal("b1 b2 c1", List(state.After(ResourceTypes.ConfigMaps, "", "a", "2")));
        Assert.Equal("", List(state.InNamespace(ResourceTypes.Secrets, "b")));
    }

    private static async Task<List<Fact>> DrainAsync(FactFeed feed, Revision until)
    {
        var seen = new List<Fact>();
        while (true)
        {
            var batch = await feed.NextAsync(TimeSpan.FromSeconds(5), CancellationToken.None);
            seen.AddRange(batch.Facts);
            if (batch.SeenUpTo >= until)
            {
                return seen;
            }
        }
    }

    private static LedgerView Filled(int count, out List<Fact> facts)
    {
        var view = new LedgerView(Settings, TimeProvider.System);
        var seen = new List<Fact>();
        using var observation = view.Observe(batch => seen.AddRange(batch.Facts));
        Add(view, count);
        facts = seen;
        return view;
    }

    /// <summary>Facts about config maps, in one batch.</summary>
    private static void Add(LedgerView view, int count)
    {
        var first = view.Current.Revision.Value + 1;
        var writes = Enumerable.Range(0, count).Select(n =>
        {
            var key = new ObjectKey(ResourceTypes.ConfigMaps, "default", $"c{first + n}");
            return (LedgerCommands.Write)new LedgerCommands.Create(key, "u", LedgerWorld.Body(key), []);
        });
        view.Apply(new FactBatch(LedgerDecider.Decide(view.State, new LedgerCommands.Commit([.. writes], LedgerWorld.Someone)).Facts));
    }

    private static void Write(LedgerView view, List<ClusterState> states, LedgerWorld.Step[] steps)
    {
        var state = view.State;
        var facts = new List<Fact>();
        foreach (var step in steps)
        {
            var decision = LedgerDecider.Decide(state, new LedgerCommands.Commit([step.ToWrite(state)], LedgerWorld.Someone));
            facts.AddRange(decision.Facts);
            state = decision.After;
            if (decision.Facts.Length > 0)
            {
                states.Add(state);
            }
        }

        if (facts.Count > 0)
        {
            view.Apply(new FactBatch([.. facts]));
        }
    }
}
