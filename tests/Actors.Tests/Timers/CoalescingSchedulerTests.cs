using System.Diagnostics;
using ActorOrchestrator.Actors.Timers;
using Akka.Actor;
using Akka.TestKit.Xunit2;

namespace ActorOrchestrator.Actors.Tests.Timers;

/// <summary>The scheduler under a real actor system, as the host configures it.</summary>
public sealed class CoalescingSchedulerTests() : TestKit("""
    akka.loglevel = WARNING
    akka.scheduler.implementation = "ActorOrchestrator.Actors.Timers.CoalescingScheduler, ActorOrchestrator.Actors"
    """)
{
    [Fact]
    public void A_short_delay_is_kept_to_the_millisecond()
    {
        Assert.IsType<CoalescingScheduler>(Sys.Scheduler);
        var clock = Stopwatch.StartNew();
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(20), TestActor, "rang", ActorRefs.NoSender);

        ExpectMsg("rang");
        Assert.True(clock.ElapsedMilliseconds >= 19, $"{clock.ElapsedMilliseconds} ms");
    }

    [Fact]
    public void A_later_timer_does_not_hold_up_an_earlier_one_and_a_cancelled_one_never_rings()
    {
        using var cancelled = new Cancelable(Sys.Scheduler);
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(30), TestActor, "late", ActorRefs.NoSender);
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(5), TestActor, "cancelled", ActorRefs.NoSender, cancelled);
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(10), TestActor, "early", ActorRefs.NoSender);
        cancelled.Cancel();

        ExpectMsg("early");
    }

    [Fact]
    public void A_repeated_timer_rings_until_it_is_cancelled_even_when_an_action_fails()
    {
        using var cancelable = new Cancelable(Sys.Scheduler);
        var failing = 0;
        Sys.Scheduler.Advanced.ScheduleRepeatedly(TimeSpan.Zero, TimeSpan.FromMilliseconds(5), () => throw new InvalidOperationException($"{++failing}"), cancelable);
        Sys.Scheduler.ScheduleTellRepeatedly(TimeSpan.Zero, TimeSpan.FromMilliseconds(5), TestActor, "tick", ActorRefs.NoSender, cancelable);

        ReceiveN(5);
        Assert.True(failing > 1);
        cancelable.Cancel();
    }

    [Fact]
    public async Task Nothing_rings_after_the_system_has_ended()
    {
        var other = ActorSystem.Create("other", Sys.Settings.Config);
        other.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(50), TestActor, "ghost", ActorRefs.NoSender);
        await other.Terminate();

        ExpectNoMsg(TimeSpan.FromMilliseconds(120));
    }
}
