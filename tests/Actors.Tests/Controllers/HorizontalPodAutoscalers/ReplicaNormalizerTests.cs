using ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;
using ActorOrchestrator.Contracts.Resources;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Actors.Tests.Controllers.HorizontalPodAutoscalers;

public sealed class ReplicaNormalizerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    internal static AutoscalerView Autoscaler(int min, int max, string behavior = "") => AutoscalerView.Of(new StoredObject(
        new ObjectKey(ResourceTypes.HorizontalPodAutoscalers, "default", "web"), "uid", Revision.None,
        System.Text.Encoding.UTF8.GetBytes($$$"""
        {"metadata":{"name":"web","namespace":"default"},"spec":{"minReplicas":{{{min}}},"maxReplicas":{{{max}}}{{{(behavior.Length == 0 ? "" : ",\"behavior\":" + behavior)}}} } }
        """), []));

    private static string Rules(string policies, string select = "Max", string window = "0") =>
        $$"""{"selectPolicy":"{{select}}","stabilizationWindowSeconds":{{window}},"policies":[{{policies}}]}""";

    private static string Policy(string type, int value, int period) => $$"""{"type":"{{type}}","value":{{value}},"periodSeconds":{{period}}}""";

    private static AutoscalerHistory History(params (int Replicas, int Ago)[] past) =>
        new() { Recommendations = [.. past.Select(one => new Recommendation(one.Replicas, Now.AddSeconds(-one.Ago)))] };

    [Theory]
    [InlineData(3, 5, 1, 10, 5, "ReadyForNewScale", false, "DesiredWithinRange")]
    [InlineData(3, 9, 1, 10, 6, "ReadyForNewScale", true, "ScaleUpLimit")]
    [InlineData(1, 9, 1, 10, 4, "ReadyForNewScale", true, "ScaleUpLimit")]
    [InlineData(6, 12, 1, 10, 10, "ReadyForNewScale", true, "TooManyReplicas")]
    [InlineData(5, 1, 3, 10, 3, "ReadyForNewScale", true, "TooFewReplicas")]
    public void Without_behavior_it_doubles_at_the_most(int current, int wanted, int min, int max, int replicas, string able, bool limited, string limit)
    {
        var normal = ReplicaNormalizer.Normalize(Autoscaler(min, max), History(), current, wanted, Window, Now);
        Assert.Equal((replicas, able, limited, limit), (normal.Replicas, normal.Able.Reason, normal.IsLimited, normal.Limit.Reason));
    }

    [Fact]
    public void Without_behavior_the_largest_recommendation_of_the_window_holds_a_scale_down_back()
    {
        var held = ReplicaNormalizer.Normalize(Autoscaler(1, 10), History((8, 301), (5, 300), (4, 10)), 5, 2, Window, Now);
        Assert.Equal((5, "ScaleDownStabilized"), (held.Replicas, held.Able.Reason));
        Assert.Equal([5, 4, 2], held.History.Recommendations.Select(past => past.Replicas));
        Assert.Equal(4, ReplicaNormalizer.Normalize(Autoscaler(1, 10), held.History, 5, 2, Window, Now.AddSeconds(1)).Replicas);
    }

    /// <summary>Upstream's TestScaleUpWithScalingRules: one period, no earlier events.</summary>
    [Theory]
    [InlineData(3, 10, "Pods", 4, 7)]
    [InlineData(3, 10, "Percent", 100, 6)]
    [InlineData(3, 10, "Percent", 1, 4)]
    [InlineData(4, 20, "Percent", 300, 16)]
    public void A_policy_limits_the_way_up(int current, int wanted, string type, int value, int replicas)
    {
        var autoscaler = Autoscaler(1, 100, $$$"""{"scaleUp":{{{Rules(Policy(type, value, 60))}}},"scaleDown":{{{Rules(Policy("Percent", 100, 15))}}} }""");
        var normal = ReplicaNormalizer.Normalize(autoscaler, History(), current, wanted, Window, Now);
        Assert.Equal((replicas, "ScaleUpLimit"), (normal.Replicas, normal.Limit.Reason));
    }

    [Theory]
    [InlineData(10, 1, "Pods", 2, 8)]
    [InlineData(10, 1, "Percent", 30, 7)]
    [InlineData(10, 1, "Percent", 99, 1)]
    [InlineData(100, 1, "Percent", 1, 99)]
    public void A_policy_limits_the_way_down(int current, int wanted, string type, int value, int replicas)
    {
        var autoscaler = Autoscaler(1, 100, $$$"""{"scaleUp":{{{Rules(Policy("Percent", 100, 15))}}},"scaleDown":{{{Rules(Policy(type, value, 60))}}} }""");
        Assert.Equal(replicas, ReplicaNormalizer.Normalize(autoscaler, History(), current, wanted, Window, Now).Replicas);
    }

    [Theory]
    [InlineData("Max", 8)]
    [InlineData("Min", 7)]
    [InlineData("Disabled", 4)]
    public void Of_several_policies_one_is_selected(string select, int replicas)
    {
        var rules = Rules(Policy("Pods", 3, 60) + "," + Policy("Percent", 100, 60), select);
        var autoscaler = Autoscaler(1, 100, $$$"""{"scaleUp":{{{rules}}},"scaleDown":{{{rules}}} }""");
        Assert.Equal(replicas, ReplicaNormalizer.Normalize(autoscaler, History(), 4, 50, Window, Now).Replicas);
    }

    [Fact]
    public void What_was_changed_within_the_period_counts_whichever_way_it_went()
    {
        var rules = Rules(Policy("Pods", 4, 60));
        var autoscaler = Autoscaler(1, 100, $$$"""{"scaleUp":{{{rules}}},"scaleDown":{{{rules}}} }""");
        var history = History() with { Ups = [new ScaleEvent(3, Now.AddSeconds(-30)), new ScaleEvent(9, Now.AddSeconds(-60))], Downs = [new ScaleEvent(1, Now.AddSeconds(-10))] };
        Assert.Equal(12, ReplicaNormalizer.Normalize(autoscaler, history, 10, 50, Window, Now).Replicas);
        Assert.Equal(4, ReplicaNormalizer.Normalize(autoscaler, history, 10, 1, Window, Now).Replicas);

        // More than is allowed has been done already: it stays as it is.
        Assert.Equal(10, ReplicaNormalizer.Normalize(autoscaler, history with { Ups = [new ScaleEvent(9, Now)] }, 10, 50, Window, Now).Replicas);
    }

    [Theory]
    [InlineData(5, 8, 7, "ScaleUpStabilized")]
    [InlineData(5, 2, 5, "ScaleDownStabilized")]
    [InlineData(9, 2, 8, "ScaleDownStabilized")]
    [InlineData(8, 8, 8, "ReadyForNewScale")]
    public void Both_ways_can_have_a_window(int current, int wanted, int replicas, string able)
    {
        var all = Policy("Pods", 100, 15);
        var autoscaler = Autoscaler(1, 100, $$$"""{"scaleUp":{{{Rules(all, window: "60")}}},"scaleDown":{{{Rules(all, window: "120")}}} }""");
        var normal = ReplicaNormalizer.Normalize(autoscaler, History((3, 121), (8, 100), (4, 60), (7, 59)), current, wanted, Window, Now);
        Assert.Equal((replicas, able), (normal.Replicas, normal.Able.Reason));
    }

    [Fact]
    public void What_is_not_remembered_counts_as_all_that_was_allowed_on_the_way_down_and_as_nothing_on_the_way_up()
    {
        var rules = Rules(Policy("Pods", 2, 60));
        var autoscaler = Autoscaler(1, 100, $$$"""{"scaleUp":{{{rules}}},"scaleDown":{{{rules}}} }""");
        var begun = AutoscalerHistory.Begin(10, Now.AddSeconds(-59), Now.AddSeconds(-1));
        Assert.Equal(10, ReplicaNormalizer.Normalize(autoscaler, begun, 10, 1, Window, Now).Replicas);
        Assert.Equal(12, ReplicaNormalizer.Normalize(autoscaler, begun, 10, 50, Window, Now).Replicas);
        Assert.Equal(8, ReplicaNormalizer.Normalize(autoscaler, begun, 10, 1, Window, Now.AddSeconds(1)).Replicas);
    }

    private sealed record Ride(int[] Wanted, int Lost);

    /// <summary>The point of beginning anew as it does: at no moment are there fewer replicas than there would have been without the loss.</summary>
    [Fact]
    public void One_that_has_lost_its_memory_never_has_fewer_replicas_than_one_that_remembers()
    {
        var rides = from wanted in Gen.Choose(1, 20).ListOf(40) from lost in Gen.Choose(0, 39) select new Ride([.. wanted], lost);
        Prop.ForAll(rides.ToArbitrary(), ride =>
        {
            // Falling wishes alone: a rise may be slower or faster by what was forgotten.
            var wishes = ride.Wanted.OrderDescending().ToArray();
            var autoscaler = Autoscaler(1, 100, $$$"""{"scaleUp":{{{Rules(Policy("Pods", 100, 15))}}},"scaleDown":{{{Rules(Policy("Pods", 2, 60), window: "90")}}} }""");
            var (kept, lost) = (Follow(autoscaler, wishes, null), Follow(autoscaler, wishes, ride.Lost));
            return kept.Zip(lost).All(pair => pair.Second >= pair.First);
        }).QuickCheckThrowOnFailure();
    }

    private static List<int> Follow(AutoscalerView autoscaler, int[] wishes, int? lost)
    {
        var (replicas, now) = (20, Now);
        DateTimeOffset? scaled = null;
        var history = AutoscalerHistory.Begin(replicas, null, now);
        var course = new List<int>();
        foreach (var (index, wish) in wishes.Index())
        {
            if (index == lost)
            {
                history = AutoscalerHistory.Begin(replicas, scaled, now);
            }

            var normal = ReplicaNormalizer.Normalize(autoscaler, history, replicas, wish, Window, now);
            history = normal.History;
            if (normal.Replicas != replicas)
            {
                history = history.Scaled(replicas, normal.Replicas, autoscaler.Behavior, now);
                (replicas, scaled) = (normal.Replicas, now);
            }

            course.Add(replicas);
            now += TimeSpan.FromSeconds(15);
        }

        return course;
    }
}
