using System.Collections.Immutable;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;

namespace ActorOrchestrator.Actors.Tests.Controllers.HorizontalPodAutoscalers;

/// <summary>The cases are upstream's (replica_calculator_test.go).</summary>
public sealed class ReplicaCalculatorTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly ReplicaCalculator Calculator = new(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(10));
    private static readonly Tolerances Tenth = new(0.1, 0.1);

    /// <summary>
    /// Pods as words: use in thousandths, or <c>-</c> when nobody measured it, after a slash what is requested (1000), then marks: <c>!</c> not ready,
    /// <c>^</c> ready only just now, <c>P</c>ending, <c>F</c>ailed, <c>D</c>eleted.
    /// </summary>
    private static (AutoscaledPod[] Pods, Dictionary<string, PodSample> Samples) World(string words, string resource = "cpu")
    {
        var samples = new Dictionary<string, PodSample>();
        var pods = words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((word, index) =>
        {
            var marks = word.TrimStart("0123456789-/".ToCharArray());
            var figures = word[..^marks.Length].Split('/');
            var name = $"pod-{index}";
            var hot = marks.Contains('^');
            if (figures[0] != "-")
            {
                samples[name] = new PodSample(long.Parse(figures[0]), Now, Window);
            }

            var requests = figures.Length == 1 ? ImmutableDictionary<string, long>.Empty.Add(resource, 1000)
                : figures[1].Length == 0 ? ImmutableDictionary<string, long>.Empty : ImmutableDictionary<string, long>.Empty.Add(resource, long.Parse(figures[1]));
            return new AutoscaledPod(name, name, marks.Contains('P') ? "Pending" : marks.Contains('F') ? "Failed" : "Running", marks.Contains('D'))
            {
                StartTime = hot ? Now : Now - TimeSpan.FromMinutes(3),
                Ready = new Condition("Ready", marks.Contains('!') ? "False" : "True", "", "") { LastTransition = hot ? Now : Now - TimeSpan.FromMinutes(3) },
                Containers = [new ContainerRequests("main", requests)],
            };
        }).ToArray();
        return (pods, samples);
    }

    [Theory]
    [InlineData("scale up", 3, 30, "300 500 700", 5, 50, 500)]
    [InlineData("an unready pod makes it less", 3, 30, "300! 500 700", 4, 60, 600)]
    [InlineData("so does one that is only just ready", 3, 30, "300^ 500 700", 4, 60, 600)]
    [InlineData("two unready pods leave nothing of it", 3, 30, "400 500! 700!", 3, 40, 400)]
    [InlineData("two hot ones too", 3, 30, "400 500!^ 700!^", 3, 40, 400)]
    [InlineData("failed pods are ignored", 2, 30, "500 700 -!F -!F", 4, 60, 600)]
    [InlineData("pods on their way out are ignored", 2, 30, "500 700 -!D -!D", 4, 60, 600)]
    [InlineData("scale down", 5, 50, "100 300 500 250 250", 3, 28, 280)]
    [InlineData("down without the unready", 5, 50, "100 300 500 250! 250!", 2, 30, 300)]
    [InlineData("down without the unscheduled", 5, 50, "100 -!P -!P -!P -!P", 1, 10, 100)]
    [InlineData("down without the hot", 5, 50, "100 300 500 250^ 250^", 2, 30, 300)]
    [InlineData("down without the failed", 5, 50, "100 300 500 250 250 -!F -!F", 3, 28, 280)]
    [InlineData("within tolerance", 3, 100, "1010/900 1030 1020/1100", 3, 102, 1020)]
    [InlineData("missing figures count as all on the way down", 4, 100, "400 95 - -", 3, 24, 247)]
    [InlineData("missing figures change nothing at the target", 2, 100, "1000 -", 2, 100, 1000)]
    [InlineData("missing figures never turn up into down", 2, 100, "1900 -", 2, 190, 1900)]
    [InlineData("missing figures never turn down into up", 2, 100, "600 -", 2, 60, 600)]
    [InlineData("missing and unready", 3, 50, "100! 450 -", 3, 45, 450)]
    [InlineData("missing and hot", 3, 50, "100^ 450 -", 3, 45, 450)]
    [InlineData("missing and unready, up", 3, 50, "100! 2000 -", 4, 200, 2000)]
    [InlineData("missing and unready, down", 4, 50, "100! 100 100 -", 3, 10, 100)]
    [InlineData("during a rolling update with surge", 2, 50, "100 100 -", 2, 10, 100)]
    public void Utilization(string why, int current, int target, string pods, int replicas, int utilization, long average)
    {
        var (those, samples) = World(pods);
        Assert.True(new Proposal(replicas, utilization, average, null) == Calculator.ByUtilization(current, target, "cpu", "", Tenth, samples, those, Now), why);
    }

    [Fact]
    public void Figures_of_pods_that_nobody_knows_are_left_out()
    {
        var (pods, samples) = World("4000 9500 3000 7000");
        samples["other-1"] = new PodSample(3200, Now, Window);
        samples["other-2"] = new PodSample(2000, Now, Window);
        Assert.Equal(new Proposal(24, 587, 5875, null), Calculator.ByUtilization(4, 100, "cpu", "", Tenth, samples, pods, Now));
    }

    [Theory]
    [InlineData("", "no pods returned by selector while calculating replica count")]
    [InlineData("200/", "missing request for cpu in container main of Pod pod-0")]
    [InlineData("200!", "did not receive metrics for targeted pods (pods might be unready)")]
    [InlineData("200/0", "no metrics returned matched known pods")]
    public void What_cannot_be_calculated_says_why(string pods, string problem)
    {
        var (those, samples) = World(pods);
        Assert.Equal(problem, Calculator.ByUtilization(1, 100, "cpu", "", Tenth, samples, those, Now).Problem);
    }

    [Fact]
    public void A_container_that_a_pod_does_not_have_is_named()
    {
        var (pods, samples) = World("200");
        Assert.Equal("container web not found in Pod pod-0", Calculator.ByUtilization(1, 100, "cpu", "web", Tenth, samples, pods, Now).Problem);
    }

    [Fact]
    public void What_a_pod_requests_as_a_whole_comes_first_unless_a_container_is_meant()
    {
        var (pods, samples) = World("500");
        AutoscaledPod[] whole = [pods[0] with { Requests = ImmutableDictionary<string, long>.Empty.Add("cpu", 2000) }];
        Assert.Equal(25, Calculator.ByUtilization(1, 25, "cpu", "", Tenth, samples, whole, Now).Utilization);
        Assert.Equal(50, Calculator.ByUtilization(1, 25, "cpu", "main", Tenth, samples, whole, Now).Utilization);
        Assert.Equal("missing pod-level request for memory in Pod pod-0", Calculator.ByUtilization(1, 25, "memory", "", Tenth, samples, whole, Now).Problem);
    }

    [Fact]
    public void Missing_figures_count_as_the_target_where_it_is_above_all_that_is_requested()
    {
        var (pods, samples) = World("1000 -");
        Assert.Equal(2, Calculator.ByUtilization(2, 200, "cpu", "", Tenth, samples, pods, Now).Replicas);
    }

    [Theory]
    [InlineData("up", 3, 15000, "20000 10000 30000", 4, 20000)]
    [InlineData("starting pods count for what is no processor use", 3, 15000, "50000 10000 30000!^", 6, 30000)]
    [InlineData("as before, two of them", 3, 15000, "50000!^ 15000 30000!^", 7, 31666)]
    [InlineData("down", 5, 20000, "12000 12000 12000 12000 12000", 3, 12000)]
    [InlineData("within tolerance", 3, 20000, "20000 21000 21000", 3, 20666)]
    [InlineData("missing ones are at the target on the way down", 4, 1000, "100 100 100 -", 2, 100)]
    public void Averages(string why, int current, long target, string pods, int replicas, long average)
    {
        var (those, samples) = World(pods);
        Assert.True(new Proposal(replicas, 0, average, null) == Calculator.ByAverage(current, target, "", Tenth, samples, those, Now), why);
    }

    [Theory]
    [InlineData(3, 15000, 20000, 4, "1 1 1")]
    [InlineData(5, 10000, 50000, 15, "1 1 1 1! 1!")]
    [InlineData(5, 20000, 12000, 3, "1 1 1 1 1")]
    [InlineData(3, 20000, 20666, 3, "1 1 1")]
    [InlineData(0, 1000, 2500, 3, "")]
    [InlineData(0, 1000, 0, 0, "")]
    public void Values(int current, long target, long usage, int replicas, string pods) =>
        Assert.Equal(new Proposal(replicas, 0, usage, null), ReplicaCalculator.ByValue(current, usage, target, Tenth, World(pods).Pods));

    [Theory]
    [InlineData(3, 5000, 20000, 4, 6667)]
    [InlineData(5, 2000, 6000, 3, 1200)]
    [InlineData(4, 2500, 10000, 4, 2500)]
    [InlineData(2, 1, long.MaxValue, int.MaxValue, 4611686018427387904)]
    public void Shares(int present, long target, long usage, int replicas, long average) =>
        Assert.Equal(new Proposal(replicas, 0, average, null), ReplicaCalculator.ByShare(present, usage, target, Tenth));

    [Theory]
    [InlineData(true, -60, "True", -90, true)] // Ready just now, and no whole window since.
    [InlineData(true, -60, "True", -30, true)]
    [InlineData(false, -110, "True", -100, true)]
    [InlineData(true, -110, "False", -100, true)]
    [InlineData(true, -300, "False", -295, true)] // Never was ready.
    [InlineData(false, -300, "False", -200, true)] // Was ready once.
    public void Starting_pods_are_told_from_slow_ones(bool starting, int started, string ready, int changed, bool hasStart)
    {
        var (pods, samples) = World("100");
        AutoscaledPod[] pod =
        [
            pods[0] with
            {
                StartTime = hasStart ? Now.AddSeconds(started) : null,
                Ready = new Condition("Ready", ready, "", "") { LastTransition = Now.AddSeconds(changed) },
            },
        ];
        samples["pod-0"] = new PodSample(100, changed == -90 ? Now.AddSeconds(-45) : Now, Window);
        Assert.Equal(starting, Calculator.ByUtilization(1, 100, "cpu", "", Tenth, samples, pod, Now).Problem is not null);
        Assert.Null(Calculator.ByUtilization(1, 100, "memory", "", Tenth, samples, [pod[0] with { Containers = [new ContainerRequests("main", ImmutableDictionary<string, long>.Empty.Add("memory", 1))] }], Now).Problem);
    }
}
