using System.Diagnostics;
using ActorOrchestrator.Contracts.Resources;
using static ActorOrchestrator.Bench.World.WorldWork;

namespace ActorOrchestrator.Bench.World;

/// <summary>What a large cluster weighs, the agents of all its nodes included.</summary>
public sealed class WorldSizeBench : IBench
{
    public string Name => "world-size";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        await using var world = await WorldHost.StartAsync(1000);
        var bare = Memory();
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 9; i++)
        {
            await world.CreateAsync(ResourceTypes.Deployments, Namespace, Deployment($"large-{i}", 1000, "200m"));
        }

        await world.UntilAsync(Running("large"), 9000, "pods");
        var took = clock.Elapsed;
        await QuietAsync(cancellation);
        var (managed, resident) = Memory();
        report.Add(new Measurement(Name, "9 Deployments of 1,000 on 1,000 nodes: created to all Running", 9000 / took.TotalSeconds, "pods/s"));
        report.Add(new Measurement(Name, "1,000 nodes without pods: managed memory", bare.Managed, "MiB"));
        report.Add(new Measurement(Name, "1,000 nodes with 9,000 pods, their agents included: managed memory", managed, "MiB"));
        report.Add(new Measurement(Name, "the same: resident", resident, "MiB", Target: "≤ 600 MiB"));
        report.Add(new Measurement(Name, "the same: objects as stored", world.View.StateBytes / 1048576.0, "MiB"));
        report.Add(new Measurement(Name, "the same, idle: processor", await IdleShareAsync(cancellation), "% of a core"));
    }
}
