using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Actors.Scheduling.Plugins;
using Akka.Configuration;

namespace ActorOrchestrator.Actors.Tests.Scheduling;

public sealed class SchedulerSettingsTests
{
    private const string Defaults = """
        profiles { default-scheduler { } }
        profile-defaults {
          scoring = MostAllocated
          shape = ["0=0", "100=10"]
          resources = ["cpu=1", "memory=1"]
          percentage-of-nodes-to-score = 0
          hard-pod-affinity-weight = 1
          default-spreading = auto
          added-affinity = []
        }
        initial-backoff = 1s
        max-backoff = 10s
        binds-in-flight = 1024
        pods-per-turn = 128
        unschedulable-retry = 5m
        volume-bind-timeout = 10m
        """;

    [Fact]
    public void Out_of_the_box_one_profile_packs()
    {
        var profile = Assert.Single(Read("").Profiles);
        Assert.Equal(("default-scheduler", ScoringStrategy.MostAllocated, false), (profile.SchedulerName, profile.Scoring, profile.SpreadsByDefault));
        Assert.True(profile.AddedAffinity.IsDefault);
    }

    [Fact]
    public void Each_scheduler_name_has_a_profile_of_its_own()
    {
        var settings = Read("""
            profiles.spread { scoring = LeastAllocated }
            profiles.shaped {
              scoring = RequestedToCapacityRatio
              shape = ["0=10", "50=0"]
              resources = ["nvidia.com/gpu=3", "cpu=1"]
              added-affinity = ["pool=batch"]
            }
            """);
        Assert.Equal(["default-scheduler", "shaped", "spread"], settings.Profiles.Select(profile => profile.SchedulerName));
        var shaped = settings.Profiles[1];
        Assert.Equal([new ShapePoint(0, 10), new ShapePoint(50, 0)], shaped.Shape.ToArray());
        Assert.Equal([KeyValuePair.Create("nvidia.com/gpu", 3), KeyValuePair.Create("cpu", 1)], shaped.Resources.ToArray());
        Assert.Single(shaped.AddedAffinity);
        Assert.True(settings.Profiles[2].SpreadsByDefault);
    }

    [Fact]
    public void A_wrong_strategy_is_named() =>
        Assert.Contains("profiles.default-scheduler.scoring is \"Best\"", Assert.Throws<ConfigurationException>(() => Read("profiles.default-scheduler.scoring = Best")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("2", 100)]
    [InlineData("3", 50)]
    [InlineData("4", 0)]
    public void The_shape_scores_what_will_be_used(string cpu, long expected)
    {
        var fit = new NodeResourcesFit(ScoringStrategy.RequestedToCapacityRatio, [new(0, 0), new(50, 10), new(100, 0)], [KeyValuePair.Create("cpu", 1)]);
        Assert.Equal(expected, fit.Score(Given.Pod("p", cpu: cpu), Given.Node("n", cpu: "4")));
    }

    [Fact]
    public void The_profile_of_a_pods_scheduler_name_decides()
    {
        var state = new SchedulerState([.. Read("profiles.spread { scoring = LeastAllocated }").Profiles.Select(SchedulingProfile.From)], new SchedulerSettings());
        state.Snapshot.SetNode(Given.Node("empty"));
        state.Snapshot.SetNode(Given.Node("half"));
        state.Snapshot.Place(Given.Pod("other", cpu: "2", memory: "4Gi"), "half");
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        state.Queue.Upsert(Given.Pod("a"), now);
        Assert.Equal("half", state.TryNext(now)!.NodeName);
        state.Queue.Upsert(Given.Pod("b", spec: spec => spec["schedulerName"] = "spread"), now);
        Assert.Equal("empty", state.TryNext(now)!.NodeName);
    }

    private static SchedulerSettings Read(string more) =>
        SchedulerSettings.From(ConfigurationFactory.ParseString(more).WithFallback(ConfigurationFactory.ParseString(Defaults)));
}
