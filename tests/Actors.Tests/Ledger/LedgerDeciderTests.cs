using System.Text;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Ledger;

public sealed class LedgerDeciderTests
{
    private static readonly ObjectKey Web = new(ResourceTypes.Services, "default", "web");
    private static readonly ObjectKey Other = new(ResourceTypes.Services, "default", "other");

    [Fact]
    public void Every_accepted_write_takes_the_next_revision_and_a_refused_one_takes_none() =>
        LedgerWorld.Holds(steps =>
        {
            var (_, facts, results) = Run(steps);
            Assert.Equal(Enumerable.Range(1, facts.Count).Select(n => (long)n), facts.Select(fact => fact.Revision.Value));
            Assert.Equal(facts.Count, results.Count(result => result.IsCommitted));
            Assert.All(facts, fact => Assert.Contains($"\"resourceVersion\":\"{fact.Revision}\"", Encoding.UTF8.GetString(fact.Object.Utf8.Span), StringComparison.Ordinal));
        });

    [Fact]
    public void Replaying_the_facts_gives_the_live_state() =>
        LedgerWorld.Holds(steps =>
        {
            var (state, facts, _) = Run(steps);
            var replayed = facts.Aggregate(ClusterState.Empty, (current, fact) => current.Evolve(fact with { Previous = null }));
            Assert.Equal(LedgerWorld.Describe(state), LedgerWorld.Describe(replayed));
            Assert.Equal(LedgerWorld.Describe(state), LedgerWorld.Describe(ClusterState.Of(state.Revision, state.Objects())));
        });

    [Fact]
    public void A_claim_has_one_holder_and_its_holder_says_so() =>
        LedgerWorld.Holds(steps =>
        {
            var (state, _, _) = Run(steps);
            var held = state.Objects().SelectMany(obj => obj.Claims.Select(claim => (claim, obj.Key))).ToArray();
            Assert.Equal(held.Length, held.Select(pair => pair.claim).Distinct().Count());
            Assert.All(held, pair => Assert.Equal(pair.Key, state.HolderOf(pair.claim)));
        });

    [Fact]
    public void Outcomes_are_those_of_the_rules_told_naively() =>
        LedgerWorld.Holds(steps =>
        {
            var state = ClusterState.Empty;
            foreach (var step in steps)
            {
                var write = step.ToWrite(state);
                var current = state.Objects().FirstOrDefault(obj => obj.Key == write.Key);
                bool Taken(IEnumerable<string> claims) => claims.Any(claim => state.Objects().Any(obj => obj.Key != write.Key && obj.Claims.Contains(claim)));
                var expected = write switch
                {
                    LedgerCommands.Create when current is not null => WriteOutcome.AlreadyExists,
                    LedgerCommands.Create create when Taken(create.Claims) => WriteOutcome.ClaimTaken,
                    LedgerCommands.Create => WriteOutcome.Committed,
                    _ when current is null => WriteOutcome.NotFound,
                    LedgerCommands.Replace replace when replace.Expected != current.Revision => WriteOutcome.Conflict,
                    LedgerCommands.Replace replace when Taken(replace.Claims) => WriteOutcome.ClaimTaken,
                    LedgerCommands.Remove { Expected: { } at } when at != current.Revision => WriteOutcome.Conflict,
                    _ => WriteOutcome.Committed,
                };
                var decision = Decide(state, write);
                Assert.Equal(expected, decision.Results[0].Outcome);
                Assert.Equal(expected == WriteOutcome.Committed ? 1 : 0, decision.Facts.Length);
                state = decision.After;
            }
        });

    [Fact]
    public void A_past_state_is_not_touched_by_what_follows() =>
        LedgerWorld.Holds(steps =>
        {
            var state = ClusterState.Empty;
            var past = new List<(ClusterState State, string Seen)>();
            foreach (var step in steps)
            {
                past.Add((state, LedgerWorld.Describe(state)));
                state = Decide(state, step.ToWrite(state)).After;
            }

            Assert.All(past, moment => Assert.Equal(moment.Seen, LedgerWorld.Describe(moment.State)));
        });

    [Fact]
    public void Writes_of_one_command_see_each_other()
    {
        var decision = Decide(
            ClusterState.Empty,
            new LedgerCommands.Create(Web, "u", LedgerWorld.Body(Web), ["nodeport/1"]),
            new LedgerCommands.Create(Other, "v", LedgerWorld.Body(Other), ["nodeport/1"]),
            new LedgerCommands.Remove(Web, new Revision(1), null),
            new LedgerCommands.Create(Other, "v", LedgerWorld.Body(Other), ["nodeport/1"]));
        Assert.Equal(
            [WriteOutcome.Committed, WriteOutcome.ClaimTaken, WriteOutcome.Committed, WriteOutcome.Committed],
            decision.Results.Select(result => result.Outcome));
        Assert.Equal("nodeport/1", decision.Results[1].Claim);
        Assert.Equal(3, decision.After.Revision.Value);
    }

    [Fact]
    public void A_removal_shows_the_last_state_at_the_removals_own_revision()
    {
        var created = Decide(ClusterState.Empty, new LedgerCommands.Create(Web, "u", LedgerWorld.Body(Web, text: "resourceVersion\":\""), [])).After;
        var removed = Decide(created, new LedgerCommands.Remove(Web, null, null));
        var fact = Assert.Single(removed.Facts);
        Assert.Equal((FactVerb.Deleted, 2, "u"), (fact.Verb, fact.Revision.Value, fact.Object.Uid));
        Assert.Equal("2", (string?)fact.Object.ToJson()["metadata"]!["resourceVersion"]);
        Assert.Same(created.Find(Web), fact.Previous);
        Assert.Null(removed.After.Find(Web));
    }

    [Fact]
    public void A_replacement_keeps_the_uid_and_may_keep_its_own_claims()
    {
        var created = Decide(ClusterState.Empty, new LedgerCommands.Create(Web, "u", LedgerWorld.Body(Web), ["clusterip/1"])).After;
        var replaced = Decide(created, new LedgerCommands.Replace(Web, LedgerWorld.Body(Web), new Revision(1), ["clusterip/1", "nodeport/1"]));
        Assert.Equal("u", replaced.Results[0].Object!.Uid);
        Assert.Equal(Web, replaced.After.HolderOf("nodeport/1"));
        var released = Decide(replaced.After, new LedgerCommands.Replace(Web, LedgerWorld.Body(Web), new Revision(2), []));
        Assert.Null(released.After.HolderOf("clusterip/1"));
    }

    [Fact]
    public void A_fact_that_does_not_follow_is_refused()
    {
        var fact = Decide(ClusterState.Empty, new LedgerCommands.Create(Web, "u", LedgerWorld.Body(Web), [])).Facts[0];
        var refusal = Assert.Throws<InvalidOperationException>(() => ClusterState.Empty.Evolve(fact).Evolve(fact));
        Assert.Contains("services default/web", refusal.Message, StringComparison.Ordinal);
    }

    private static (ClusterState State, List<Fact> Facts, List<WriteResult> Results) Run(LedgerWorld.Step[] steps)
    {
        var state = ClusterState.Empty;
        var (facts, results) = (new List<Fact>(), new List<WriteResult>());
        foreach (var step in steps)
        {
            var decision = Decide(state, step.ToWrite(state));
            facts.AddRange(decision.Facts);
            results.AddRange(decision.Results);
            state = decision.After;
        }

        return (state, facts, results);
    }

    private static LedgerDecision Decide(ClusterState state, params LedgerCommands.Write[] writes) =>
        LedgerDecider.Decide(state, new LedgerCommands.Commit([.. writes], LedgerWorld.Someone));
}
