namespace ActorOrchestrator.Actors.Controllers.Framework;

/// <summary>Waits that double from a smallest to a largest, spread so that what failed together does not come back together.</summary>
/// <param name="Min">The wait after the first failure.</param>
/// <param name="Max">No wait is longer.</param>
public sealed record Backoff(TimeSpan Min, TimeSpan Max)
{
    /// <param name="failures">How many in a row, from 1.</param>
    /// <param name="chance">Between 0 and 1; the wait is between half and the whole of its step.</param>
    public TimeSpan After(int failures, double chance)
    {
        var doublings = Math.Min(failures - 1, 30);
        var step = Math.Min(Min.TotalMilliseconds * (1L << doublings), Max.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(step * (0.5 + (chance / 2)));
    }
}
