using System.Collections.Immutable;
using System.Globalization;
using Akka.Configuration;

namespace ActorOrchestrator.Actors.NodeAgent.Shutdown;

/// <summary>
/// How long the pods of a node that is shut down have for their end, by priority, from <c>orchestrator.node</c>; none when containers are to outlive their host.
/// </summary>
/// <param name="Periods">From the lowest priority; a period is for the pods from its priority up to the next, and for those below the first.</param>
public sealed record NodeShutdownSettings(ImmutableArray<ShutdownPeriod> Periods)
{
    public static readonly NodeShutdownSettings None = new([]);

    /// <summary>From this priority on a pod is critical.</summary>
    private const int SystemCritical = 2_000_000_000;

    public bool IsOn => !Periods.IsEmpty;

    public TimeSpan Total => Periods.Aggregate(TimeSpan.Zero, (sum, period) => sum + period.Grace);

    /// <param name="config">The section <c>orchestrator.node</c>.</param>
    public static NodeShutdownSettings From(Config config)
    {
        var periods = config.GetConfig("shutdown-grace-by-priority").AsEnumerable().Select(entry => new ShutdownPeriod(Priority(entry.Key.Trim('"')), entry.Value.GetTimeSpan())).ToArray();
        if (periods.Length > 0)
        {
            return new NodeShutdownSettings([.. periods.OrderBy(period => period.Priority)]);
        }

        var total = config.GetTimeSpan("shutdown-grace-period");
        var critical = config.GetTimeSpan("shutdown-grace-period-critical-pods");
        if (critical > total)
        {
            throw new ConfigurationException($"orchestrator.node.shutdown-grace-period-critical-pods is {critical}, which is a part of shutdown-grace-period and longer than the whole, {total}.");
        }

        return total == TimeSpan.Zero ? None : new NodeShutdownSettings([new ShutdownPeriod(0, total - critical), new ShutdownPeriod(SystemCritical, critical)]);
    }

    private static int Priority(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority)
        ? priority
        : throw new ConfigurationException($"orchestrator.node.shutdown-grace-by-priority.\"{text}\": the priority of a pod, a whole number, is expected.");
}

public readonly record struct ShutdownPeriod(int Priority, TimeSpan Grace);
