using ActorOrchestrator.Actors.Timers;
using ActorOrchestrator.TestSupport;
using Akka.Actor;

namespace ActorOrchestrator.Actors.Tests.Timers;

/// <summary>The scheduler under a real actor system, as the host configures it.</summary>
public sealed class CoalescingSchedulerTests() : PatientTestKit("""
    akka.loglevel = WARNING
    akka.scheduler.implementation = "ActorOrchestrator.Actors.Timers.CoalescingScheduler, ActorOrchestrator.Actors"
    """)
{
    [Fact]
    public void A_short_delay_is_kept_to_the_millisecond()
    {
        Assert.IsType<CoalescingScheduler>(Sys.Scheduler);
        // The scheduler's own clock, which may be some milliseconds coarser than a stopwatch.
        var start = Environment.TickCount64;
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(20), TestActor, "rang", ActorRefs.NoSender);

        ExpectMsg("rang");
        var took = Environment.TickCount64 - start;
        Assert.True(took >= 20, $"{took} ms");
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
        AwaitCondition(() => Volatile.Read(ref failing) > 1);
        cancelable.Cancel();
    }

    [Fact]
    public async Task Nothing_rings_after_the_system_has_ended()
    {
        var other = ActorSystem.Create("other", Sys.Settings.Config);
        other.Scheduler.ScheduleTellRepeatedly(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10), TestActor, "tick", ActorRefs.NoSender);
        await ExpectMsgAsync("tick");
        await other.Terminate();

        // What was sent before the end is here now.
        await TestActor.Ask<ActorIdentity>(new Identify(null), TimeSpan.FromSeconds(60));
        while (HasMessages)
        {
            await ExpectMsgAsync("tick");
        }

        await ExpectNoMsgAsync();
    }
}
