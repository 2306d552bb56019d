using Akka.TestKit;

namespace ActorOrchestrator.Actors.Tests.Timers;

/// <summary>The clock of a system in virtual time: it and the system's timers move together.</summary>
internal sealed class SchedulerTime(TestScheduler scheduler) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => scheduler.Now;
    public override long GetTimestamp() => scheduler.Now.Ticks;
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
}
