using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Simulation.Tests;

/// <summary>
/// Something that is asked of a cluster, and when it is done. It is played once undisturbed and then once for every row it writes, with a control plane that dies at that
/// row: whatever the row, the cluster must end up the same.
/// </summary>
internal sealed record Scenario
{
    /// <summary>What is there before, undisturbed.</summary>
    public required Action<VirtualCluster> Before { get; init; }

    public required Action<VirtualCluster> Act { get; init; }

    public required Func<VirtualCluster, bool> IsDone { get; init; }

    /// <summary>What must hold after every single row.</summary>
    public Action<VirtualCluster, FactBatch> Always { get; init; } = (_, _) => { };

    /// <summary>What containers do, by their specification and how many were started so far, this one included: null runs on, a number exits with it at once.</summary>
    public Func<ContainerSpec, int, int?> Program { get; init; } = (_, _) => null;

    /// <summary>How often one container of one pod may be started.</summary>
    public int Starts { get; init; } = 1;

    public double Seconds { get; init; } = 300;

    public void Survives(CrashMoment moment)
    {
        var (expected, rows) = Play(0, moment);
        Assert.True(rows > 0, "The scenario wrote nothing.");
        for (var row = 1; row <= rows; row++)
        {
            var (outcome, _) = Play(row, moment);
            if (outcome != expected)
            {
                Assert.Fail($"Died {moment} of row {row} of {rows}:\n{Differences(expected, outcome)}");
            }
        }
    }

    private (string Outcome, int Rows) Play(int crashAfter, CrashMoment moment)
    {
        using var cluster = VirtualCluster.Start();
        var starts = new Starts(Starts);
        var what = crashAfter == 0 ? "undisturbed" : $"died {moment} of row {crashAfter}";
        cluster.Program = spec =>
        {
            return starts.Count(spec, cluster, what) is { } started ? Program(spec, started) : null;
        };
        Before(cluster);
        cluster.Pass(2);
        cluster.Published += row => Always(cluster, row);
        cluster.Published += PodsAreBoundOnce;
        var rows = cluster.Rows;
        if (crashAfter > 0)
        {
            cluster.CrashAfter(crashAfter, moment);
        }

        Act(cluster);
        cluster.Until(() => IsDone(cluster), what, Seconds);
        rows = cluster.Rows - rows;
        cluster.Pass(5);
        return (Outcome.Of(cluster), rows);
    }

    private static void PodsAreBoundOnce(FactBatch row)
    {
        foreach (var fact in row.Facts.Where(fact => fact.Key.Type == ResourceTypes.Pods && fact.Previous?.Uid == fact.Object.Uid && fact.Previous.Links.NodeName is { Length: > 0 }))
        {
            Assert.Equal(fact.Previous!.Links.NodeName, fact.Object.Links.NodeName);
        }
    }

    private static string Differences(string expected, string found)
    {
        var (left, right) = (expected.Split('\n'), found.Split('\n'));
        var (missing, instead) = (left.Except(right).ToArray(), right.Except(left).ToArray());
        if (missing.Length == 0 && instead.Length == 0)
        {
            return $"{left.Length} objects became {right.Length}.";
        }

        // Beside the object that it should have been, as far as one can tell: from a little before the first letter that differs.
        return string.Join('\n', instead.Select(line =>
        {
            var same = left.Max(other => Same(line, other));
            var other = left.First(other => Same(line, other) == same);
            return $"{Excerpt(line, same)}\n  is not\n{Excerpt(other, same)}";
        }).Concat(instead.Length == 0 ? missing.Select(line => $"missing: {line}") : []));
    }

    private static int Same(string left, string right) => left.AsSpan().CommonPrefixLength(right);

    private static string Excerpt(string line, int at)
    {
        var start = Math.Max(0, at - 200);
        return line.Substring(start, Math.Min(500, line.Length - start));
    }
}

/// <summary>What is started, and where: a container that runs is left alone, and a pod's name belongs to one pod at a time.</summary>
internal sealed class Starts(int most)
{
    private readonly Dictionary<(string Pod, string Container), int> _counts = [];

    /// <returns>How many containers were started so far; null for a sandbox.</returns>
    public int? Count(ContainerSpec spec, VirtualCluster cluster, string what)
    {
        var identity = ContainerLabels.Read(spec.Labels);
        if (identity is null || identity.IsSandbox)
        {
            return null;
        }

        var key = (identity.PodUid, identity.Container);
        _counts[key] = _counts.GetValueOrDefault(key) + 1;
        Assert.True(_counts[key] <= most, $"{what}: container {key.Container} of pod {spec.Labels[ContainerLabels.PodName]} was started {_counts[key]} times.");
        var holders = cluster.Machines.SelectMany(machine => machine.Engine.Containers)
            .Where(container => container.State == EngineContainerState.Running
                && container.Labels.GetValueOrDefault(ContainerLabels.PodNamespace) == spec.Labels[ContainerLabels.PodNamespace]
                && container.Labels.GetValueOrDefault(ContainerLabels.PodName) == spec.Labels[ContainerLabels.PodName]
                && container.Labels.GetValueOrDefault(ContainerLabels.PodUid) != identity.PodUid)
            .Select(container => container.Name);
        Assert.True(!holders.Any(), $"{what}: {spec.Name} was started beside {string.Join(", ", holders)}.");
        return _counts.Values.Sum();
    }
}
