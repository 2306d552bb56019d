using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.Tests.Timers;
using ActorOrchestrator.TestSupport;
using Akka.Actor;
using Akka.TestKit;
using static ActorOrchestrator.Actors.Tests.Metrics.ResourceMetricsTests;

namespace ActorOrchestrator.Actors.Tests.Metrics;

public sealed class ResourceMetricsActorTests : PatientTestKit
{
    private readonly TestScheduler _scheduler;
    private readonly ResourceMetrics _metrics;
    private readonly IActorRef _actor;

    public ResourceMetricsActorTests() : base("""akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """)
    {
        _scheduler = (TestScheduler)Sys.Scheduler;
        var time = new SchedulerTime(_scheduler);
        _metrics = new ResourceMetrics(new MetricsSettings(TimeSpan.FromSeconds(90)), time);
        _actor = Sys.ActorOf(ResourceMetricsActor.Props(_metrics, time));
    }

    [Fact]
    public void Who_follows_from_another_host_gets_what_is_known_and_what_comes_until_it_falls_silent()
    {
        var follower = CreateTestProbe();
        var remote = new Elsewhere(follower.Ref);
        _actor.Tell(Report("n1", 1));
        _actor.Tell(FollowUsage.Instance, remote);
        Assert.Equal("n1", follower.ExpectMsg<UsageReport>().Node.Name);
        _actor.Tell(FollowUsage.Instance, remote);
        _actor.Tell(Report("n2", 2));
        Assert.Equal("n2", follower.ExpectMsg<UsageReport>().Node.Name);
        Advance(200);
        Assert.Null(_metrics.Node("n1"));
        _actor.Tell(Report("n3", 3));
        AwaitAssert(() => Assert.NotNull(_metrics.Node("n3")), null, TimeSpan.FromMilliseconds(5));
        follower.ExpectNoMsg();
    }

    [Fact]
    public void The_host_that_leads_is_told_nothing_that_it_knows()
    {
        var follower = CreateTestProbe();
        _actor.Tell(FollowUsage.Instance, follower.Ref);
        _actor.Tell(Report("n1", 1));
        AwaitAssert(() => Assert.NotNull(_metrics.Node("n1")), null, TimeSpan.FromMilliseconds(5));
        follower.ExpectNoMsg();
    }

    [Fact]
    public void A_follower_asks_again_and_again_and_keeps_what_it_hears()
    {
        var leader = CreateTestProbe();
        var actor = Sys.ActorOf(UsageFollowerActor.Props(_metrics, leader.Ref));
        leader.ExpectMsg<FollowUsage>();
        Advance(23);
        leader.ExpectMsg<FollowUsage>();
        actor.Tell(Report("n1", 1));
        AwaitAssert(() => Assert.NotNull(_metrics.Node("n1")), null, TimeSpan.FromMilliseconds(5));
    }

    private void Advance(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            _scheduler.Advance(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>A reference to an actor on another host: what it is told arrives here.</summary>
    private sealed class Elsewhere(IActorRef target) : MinimalActorRef
    {
        public override ActorPath Path { get; } = ActorPath.Parse("akka.tcp://orchestrator@192.0.2.2:4053/user/usage-follower");

        public override IActorRefProvider Provider => throw new NotSupportedException("Nothing here asks for it.");

        protected override void TellInternal(object message, IActorRef sender) => target.Tell(message, sender);
    }
}
