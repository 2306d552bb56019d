namespace ActorOrchestrator.Bench;

/// <summary>One family of measurements. A bench measures its floor in the same run, so that the ratio survives a noisy machine.</summary>
public interface IBench
{
    /// <summary>How it is named on the command line: <c>ledger</c>, <c>api</c>, <c>pods</c>, <c>host</c>.</summary>
    string Name { get; }

    Task RunAsync(Report report, CancellationToken cancellation);
}

/// <summary>One figure beside its floor.</summary>
/// <param name="Bench">The bench it belongs to.</param>
/// <param name="Figure">What was measured, in words.</param>
/// <param name="Value">The median, in <paramref name="Unit"/>.</param>
/// <param name="Unit"><c>/s</c>, <c>ms</c>, <c>MiB</c>, <c>% core</c>.</param>
/// <param name="Floor">What it is held against; null where there is nothing below it.</param>
/// <param name="FloorValue">The floor's median in the same run.</param>
/// <param name="Target">The ratio (or, without a floor, the value) that it must reach, as <c>≥ 0.8x</c>.</param>
public sealed record Measurement(string Bench, string Figure, double Value, string Unit, string? Floor = null, double? FloorValue = null, string Target = "")
{
    public double? Ratio => FloorValue is > 0 ? Value / FloorValue : null;
}
