using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace ActorOrchestrator.Host.Api.Metrics;

/// <summary>What is counted of requests that are alike in all their labels.</summary>
internal sealed class RequestSeries(string dryRun, string labels, bool measuresSize)
{
    private static readonly double[] Seconds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
    private static readonly double[] Bytes = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

    private int _open;

    /// <summary>Without <c>dry_run</c>, which not every metric has.</summary>
    public string Labels => labels;

    public string AllLabels { get; } = $"dry_run=\"{dryRun}\",{labels}";

    public ConcurrentDictionary<int, StrongBox<long>> Codes { get; } = new();
    public Histogram Duration { get; } = new(Seconds);
    public Histogram? Size { get; } = measuresSize ? new Histogram(Bytes) : null;

    /// <summary>Requests without an end that are open now.</summary>
    public int Open => Volatile.Read(ref _open);

    public void Opened() => Interlocked.Increment(ref _open);

    public void Closed() => Interlocked.Decrement(ref _open);

    public void Answered(int code, TimeSpan elapsed, long? bytes)
    {
        if (!Codes.TryGetValue(code, out var count))
        {
            count = Codes.GetOrAdd(code, static _ => new StrongBox<long>());
        }

        Interlocked.Increment(ref count.Value);
        Duration.Observe(elapsed.TotalSeconds);
        if (bytes is { } size)
        {
            Size?.Observe(size);
        }
    }
}
