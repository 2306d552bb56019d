namespace ActorOrchestrator.Actors.NodeAgent.Usage;

/// <summary>
/// Use over time out of a counter: each window begins where the one before it ended. A counter that goes back was begun anew, and so is the window.
/// </summary>
/// <param name="shortest">A window of less says too little; it goes on until the next reading.</param>
internal sealed class UsageWindow(TimeSpan shortest)
{
    private long _cpuAtBeginning;
    private long _beganAt;
    private bool _hasBegun;

    /// <summary>Of the newest window; zero before the first one has ended.</summary>
    public TimeSpan Length { get; private set; }

    /// <summary>Billionths of a core, averaged over the newest window.</summary>
    public long CpuNanocores { get; private set; }

    public bool HasEnded => Length > TimeSpan.Zero;

    /// <summary>Takes a reading of the counter.</summary>
    /// <param name="cpuNanoseconds">The counter.</param>
    /// <param name="at">When it was read: a timestamp of the clock.</param>
    /// <param name="clock">The clock of both readings.</param>
    /// <returns>True when a window has ended here.</returns>
    public bool Read(long cpuNanoseconds, long at, TimeProvider clock)
    {
        if (!_hasBegun || cpuNanoseconds < _cpuAtBeginning)
        {
            (_hasBegun, Length, CpuNanocores) = (true, TimeSpan.Zero, 0);
        }
        else
        {
            var length = clock.GetElapsedTime(_beganAt, at);
            if (length < shortest || length <= TimeSpan.Zero)
            {
                return false;
            }

            Length = length;
            CpuNanocores = (long)((cpuNanoseconds - _cpuAtBeginning) / length.TotalSeconds);
        }

        (_cpuAtBeginning, _beganAt) = (cpuNanoseconds, at);
        return HasEnded;
    }
}
