using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Limits;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>Classification, seats and queues of API priority and fairness, without a server.</summary>
public class PriorityLevelTests
{
    private static readonly FlowConfiguration Some = FlowConfiguration.Of(
        [
            Schema("late", "low", 500, """{"kind":"Group","group":{"name":"team"}}""", """{"verbs":["*"],"apiGroups":["*"],"resources":["*"],"namespaces":["*"]}"""),
            Schema("early", "high", 400, """{"kind":"User","user":{"name":"ann"}}""", """{"verbs":["get","list"],"apiGroups":["","apps"],"resources":["pods","pods/status"],"namespaces":["shop"],"clusterScope":true}"""),
            Schema("robots", "high", 450, """{"kind":"ServiceAccount","serviceAccount":{"namespace":"shop","name":"*"}}""", """{"verbs":["*"],"apiGroups":["*"],"resources":["*"],"namespaces":["*"]}"""),
            Schema("lost", "nowhere", 1, """{"kind":"User","user":{"name":"*"}}""", """{"verbs":["*"],"apiGroups":["*"],"resources":["*"],"namespaces":["*"]}"""),
        ],
        [Level("low", 10, 50, """{"type":"Queue","queuing":{"queues":8,"handSize":2,"queueLengthLimit":3}}"""), Level("high", 25, 0, """{"type":"Reject"}""")],
        seats: 40);

    [Theory]
    [InlineData("admin", "system:masters", "get", "", "pods", "", "shop", "exempt")]
    [InlineData("ann", "team", "get", "", "pods", "", "shop", "early")]
    [InlineData("ann", "team", "get", "", "pods", "status", "shop", "early")]
    [InlineData("ann", "team", "list", "", "pods", "", "", "early")]
    [InlineData("ann", "team", "get", "", "pods", "", "other", "late")]
    [InlineData("ann", "team", "delete", "", "pods", "", "shop", "late")]
    [InlineData("ann", "team", "get", "batch", "jobs", "", "", "catch-all")]
    [InlineData("system:serviceaccount:shop:web", "x", "get", "", "pods", "", "any", "robots")]
    [InlineData("system:serviceaccount:shopping:web", "x", "get", "", "pods", "", "any", "catch-all")]
    [InlineData("bob", "x", "get", "", "pods", "", "shop", "catch-all")]
    public void A_request_is_the_first_schemas_that_matches_it(string user, string group, string verb, string apiGroup, string plural, string subresource, string @namespace, string schema) =>
        Assert.Equal(schema, Some.Classify(new UserInfo(user, [group]), RequestAttributes.Of(verb, new ResourceType(apiGroup, plural), @namespace, "", subresource)).Name);

    [Theory]
    [InlineData("/healthz", true)]
    [InlineData("/healthz/ping", true)]
    [InlineData("/healthzz", false)]
    [InlineData("/apis/apps", true)]
    [InlineData("/apis", false)]
    public void Paths_are_matched_whole_or_as_what_others_are_below(string url, bool matches)
    {
        var schema = new FlowSchema("s", "", "l", 1, "", JsonNode.Parse("""
            [{"subjects":[{"kind":"User","user":{"name":"*"}}],"nonResourceRules":[{"verbs":["get"],"nonResourceURLs":["/healthz","/apis/*"]}]}]
            """)!.AsArray());
        Assert.Equal(matches, schema.Matches(new UserInfo("u", []), RequestAttributes.OfUrl("get", url)));
    }

    [Fact]
    public void Levels_share_the_seats_by_their_shares_and_lend_a_part()
    {
        Assert.Equal(new LevelLimits("low", "low-uid", false, 10, 5, 50, new Queuing(8, 2, 3)), Some.Levels["low"]);
        Assert.Equal(new LevelLimits("high", "high-uid", false, 25, 25, 65, null), Some.Levels["high"]);
        Assert.Equal((5, true), (Some.Levels["catch-all"].Nominal, Some.Levels["exempt"].IsExempt));
        Assert.Equal(40, Some.Seats);
        Assert.DoesNotContain(Some.Schemas, schema => schema.Name == "lost");
    }

    [Fact]
    public void A_level_borrows_what_others_lend_and_never_what_they_keep()
    {
        var pool = new SeatPool(Some);
        Assert.Equal(5, Enumerable.Range(0, 60).Count(_ => pool.TryTake("low")) - 5);
        Assert.Null(pool.TryWait("high", 1));
        Assert.Equal(25, Enumerable.Range(0, 60).Count(_ => pool.TryTake("high")));
        Assert.Equal(5, Enumerable.Range(0, 60).Count(_ => pool.TryTake("catch-all")));

        // Who is below his share goes before who would borrow, and queues have a bound.
        var waiting = Enumerable.Range(0, 10).Select(_ => pool.TryWait("low", 7)).OfType<Waiting>().ToArray();
        Assert.Equal(6, waiting.Length);
        pool.Leave("low");
        var seated = Assert.Single(waiting, item => item.Seated.IsCompleted);
        Assert.False(pool.GiveUp(seated));
        Assert.True(pool.GiveUp(waiting.First(item => item != seated)));
        Assert.Equal((10, 4), (pool.SeatsOf("low"), pool.WaitingOf("low")));
    }

    [Fact]
    public void Whatever_comes_and_goes_the_bounds_hold_and_nobody_waits_beside_a_free_seat() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), Busy).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    private static void Busy(int seed)
    {
        var random = new Random(seed);
        var pool = new SeatPool(Some);
        var seated = new List<string>();
        var waiting = new List<Waiting>();
        for (var step = 0; step < 300; step++)
        {
            var level = (string[])["low", "high", "catch-all"] is var names ? names[random.Next(3)] : "";
            switch (random.Next(5))
            {
                case 0 or 1 when pool.TryTake(level):
                    seated.Add(level);
                    break;
                case 0 or 1 when pool.TryWait(level, (ulong)random.Next(5)) is { } queued:
                    waiting.Add(queued);
                    break;
                case 2 or 3 when seated.Count > 0:
                    var leaves = seated[random.Next(seated.Count)];
                    seated.Remove(leaves);
                    pool.Leave(leaves);
                    break;
                case 4 when waiting.Count > 0 && random.Next(4) == 0:
                    var tired = waiting[random.Next(waiting.Count)];
                    Assert.True(pool.GiveUp(tired));
                    waiting.Remove(tired);
                    break;
                case 4 when random.Next(20) == 0:
                    pool.Configure(Some);
                    break;
            }

            foreach (var sat in waiting.Where(item => item.Seated.IsCompleted).ToArray())
            {
                waiting.Remove(sat);
                seated.Add(sat.Level);
            }

            Assert.True(seated.Count <= Some.Seats);
            foreach (var limits in Some.Levels.Values)
            {
                var taken = seated.Count(name => name == limits.Name);
                Assert.Equal(taken, pool.SeatsOf(limits.Name));
                Assert.True(limits.IsExempt || taken <= limits.Most);
                Assert.True(pool.WaitingOf(limits.Name) == 0 || taken >= limits.Least);
            }

            Assert.Equal(waiting.Count, pool.Waiting);
        }
    }

    [Fact]
    public void Each_flow_has_its_turn_whatever_the_others_ask_for()
    {
        var queues = new FairQueues<string>(new Queuing(64, 4, 100));
        for (var i = 0; i < 50; i++)
        {
            Assert.True(queues.TryAdd($"many{i}", 11));
        }

        Assert.True(queues.TryAdd("one", 123456789));
        var order = Enumerable.Range(0, 51).Select(_ => queues.Take()).ToList();
        Assert.InRange(order.IndexOf("one"), 0, 5);
        Assert.Equal(51, order.Distinct().Count());
        Assert.Null(queues.Take());
        Assert.Equal(0, queues.Count);
    }

    [Fact]
    public void A_hand_is_of_different_queues_and_always_the_same() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(), Gen.Choose(1, 40).ToArbitrary(), Gen.Choose(1, 12).ToArbitrary(), (flow, count, size) =>
        {
            var hand = new FairQueues<string>(new Queuing(count, size, 1)).Hand((ulong)flow * 2654435761).ToArray();
            Assert.Equal(Math.Min(size, count), hand.Distinct().Count());
            Assert.All(hand, queue => Assert.InRange(queue, 0, count - 1));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    private static StoredObject Schema(string name, string level, int precedence, string subject, string rule) => Stored(ResourceTypes.FlowSchemas, name, $$$"""
        {"priorityLevelConfiguration":{"name":"{{{level}}}"},"matchingPrecedence":{{{precedence}}},"distinguisherMethod":{"type":"ByUser"},"rules":[{"subjects":[{{{subject}}}],"resourceRules":[{{{rule}}}]}]}
        """);

    private static StoredObject Level(string name, int shares, int lendable, string response) => Stored(ResourceTypes.PriorityLevelConfigurations, name, $$$"""
        {"type":"Limited","limited":{"nominalConcurrencyShares":{{{shares}}},"lendablePercent":{{{lendable}}},"limitResponse":{{{response}}}}}
        """);

    private static StoredObject Stored(ResourceType type, string name, string spec) => new(
        new ObjectKey(type, "", name), $"{name}-uid", new Revision(1),
        System.Text.Encoding.UTF8.GetBytes($$$"""{"metadata":{"name":"{{{name}}}","uid":"{{{name}}}-uid"},"spec":{{{spec}}}}"""), []);
}
