using System.Diagnostics;
using System.Globalization;

namespace ActorOrchestrator.Actors.Resources.Admission.Metrics;

/// <summary>How often something took how long, by upper bounds in seconds. Lock-free.</summary>
public sealed class LatencyCounts(double[] bounds)
{
    private readonly long[] _limits = Array.ConvertAll(bounds, seconds => (long)(seconds * Stopwatch.Frequency));
    private readonly long[] _counts = new long[bounds.Length + 1];
    private long _ticks;

    /// <param name="ticks">Of <see cref="Stopwatch"/>.</param>
    public void Observe(long ticks)
    {
        var place = 0;
        while (place < _limits.Length && ticks > _limits[place])
        {
            place++;
        }

        Interlocked.Increment(ref _counts[place]);
        Interlocked.Add(ref _ticks, ticks);
    }

    /// <summary>As Prometheus' text format has a histogram.</summary>
    internal IEnumerable<MetricSample> Samples(string labels)
    {
        var total = 0L;
        for (var i = 0; i < bounds.Length; i++)
        {
            total += Volatile.Read(ref _counts[i]);
            yield return new MetricSample("_bucket", $"{labels},le=\"{bounds[i].ToString("R", CultureInfo.InvariantCulture)}\"", total);
        }

        total += Volatile.Read(ref _counts[^1]);
        yield return new MetricSample("_bucket", $"{labels},le=\"+Inf\"", total);
        yield return new MetricSample("_sum", labels, (double)Volatile.Read(ref _ticks) / Stopwatch.Frequency);
        yield return new MetricSample("_count", labels, total);
    }
}
