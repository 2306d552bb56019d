using System.Globalization;

namespace ActorOrchestrator.Host.Api.Metrics;

/// <summary>Counts by upper bounds, as Prometheus takes them. Lock-free.</summary>
internal sealed class Histogram(double[] bounds)
{
    private const double Precision = 1e6;

    private readonly long[] _counts = new long[bounds.Length + 1];
    private long _sum;

    public void Observe(double value)
    {
        var place = 0;
        while (place < bounds.Length && value > bounds[place])
        {
            place++;
        }

        Interlocked.Increment(ref _counts[place]);
        Interlocked.Add(ref _sum, (long)(value * Precision));
    }

    public void Write(MetricsWriter writer, string name, string labels)
    {
        var total = 0L;
        var separator = labels.Length > 0 ? "," : "";
        for (var i = 0; i < bounds.Length; i++)
        {
            total += Volatile.Read(ref _counts[i]);
            writer.Sample($"{name}_bucket", $"{labels}{separator}le=\"{bounds[i].ToString("R", CultureInfo.InvariantCulture)}\"", total);
        }

        total += Volatile.Read(ref _counts[^1]);
        writer.Sample($"{name}_bucket", $"{labels}{separator}le=\"+Inf\"", total);
        writer.Sample($"{name}_sum", labels, Volatile.Read(ref _sum) / Precision);
        writer.Sample($"{name}_count", labels, total);
    }
}
