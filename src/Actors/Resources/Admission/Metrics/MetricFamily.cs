using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace ActorOrchestrator.Actors.Resources.Admission.Metrics;

/// <param name="Suffix">Behind the family's name.</param>
/// <param name="Labels">As they stand between the braces.</param>
public readonly record struct MetricSample(string Suffix, string Labels, double Value);

/// <summary>All series of one name, in Prometheus' terms.</summary>
public abstract class MetricFamily(string name, string type, string help)
{
    public string Name => name;

    /// <summary><c>counter</c> or <c>histogram</c>.</summary>
    public string Type => type;

    public string Help => help;

    public abstract IEnumerable<MetricSample> Samples { get; }

    /// <summary>Names and values as labels.</summary>
    public static string Labels(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var text = new System.Text.StringBuilder();
        foreach (var (label, value) in labels)
        {
            text.Append(text.Length > 0 ? "," : "").Append(label).Append("=\"")
                .Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('"');
        }

        return text.ToString();
    }
}

public sealed class CounterFamily(string name, string help) : MetricFamily(name, "counter", help)
{
    private readonly ConcurrentDictionary<string, StrongBox<long>> _series = new(StringComparer.Ordinal);

    public override IEnumerable<MetricSample> Samples =>
        _series.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new MetricSample("", pair.Key, Volatile.Read(ref pair.Value.Value)));

    public void Count(params ReadOnlySpan<(string Name, string Value)> labels) =>
        Interlocked.Increment(ref _series.GetOrAdd(Labels(labels), static _ => new StrongBox<long>()).Value);
}

public sealed class LatencyFamily(string name, string help, params double[] bounds) : MetricFamily(name, "histogram", help)
{
    private readonly ConcurrentDictionary<string, LatencyCounts> _series = new(StringComparer.Ordinal);

    public override IEnumerable<MetricSample> Samples => _series.OrderBy(pair => pair.Key, StringComparer.Ordinal).SelectMany(pair => pair.Value.Samples(pair.Key));

    /// <summary>The series of these labels; whoever observes often keeps it.</summary>
    public LatencyCounts Of(params ReadOnlySpan<(string Name, string Value)> labels) => _series.GetOrAdd(Labels(labels), _ => new LatencyCounts(bounds));
}
