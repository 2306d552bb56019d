using System.Runtime.InteropServices;

namespace ActorOrchestrator.Bench.Scheduler;

/// <summary>Processor time of the calling thread: what one thread needs, whoever else wants the machine.</summary>
internal static partial class ThreadClock
{
    // CLOCK_THREAD_CPUTIME_ID of Linux.
    private const int ThreadCpuTime = 3;

    public static long Nanoseconds =>
        clock_gettime(ThreadCpuTime, out var now) == 0
            ? (now.Seconds * 1_000_000_000L) + now.Nanoseconds
            : throw new InvalidOperationException("The thread's processor time cannot be read.");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_gettime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
