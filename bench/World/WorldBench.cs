using System.Diagnostics;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using static ActorOrchestrator.Bench.World.WorldWork;

namespace ActorOrchestrator.Bench.World;

/// <summary>The whole control plane with simulated nodes: what a rollout takes from the Deployment's creation to every pod Running, and what it costs.</summary>
public sealed class WorldBench : IBench
{
    private const int Pods = 1000;
    private const int WarmUp = 3;
    private const int Measured = 5;

    public string Name => "world";

    /// <summary>In the first Deployments the runtime compiles what is hot; the median of those after them counts, and the first is told too.</summary>
    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        await using var world = await WorldHost.StartAsync(100);
        var (rates, costs, pauses, allocated, facts) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), 0.0);
        for (var round = 0; round < WarmUp + Measured && !cancellation.IsCancellationRequested; round++)
        {
            var name = $"web-{round}";
            var revision = world.Now.Revision.Value;
            var cpu = Environment.CpuUsage.TotalTime;
            var (paused, bytes) = (GC.GetTotalPauseDuration(), GC.GetTotalAllocatedBytes());
            var clock = Stopwatch.StartNew();
            await world.CreateAsync(ResourceTypes.Deployments, Namespace, Deployment(name, Pods, "190m"));
            await world.UntilAsync(Running(name), Pods, "pods");
            var took = clock.Elapsed;
            // What lags behind, such as events, is part of the price.
            await QuietAsync(cancellation);
            rates.Add(Pods / took.TotalSeconds);
            pauses.Add((GC.GetTotalPauseDuration() - paused).TotalMilliseconds / Pods);
            allocated.Add((GC.GetTotalAllocatedBytes() - bytes) / 1024.0 / Pods);
            facts = (world.Now.Revision.Value - revision) / (double)Pods;
            costs.Add((Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / Pods);
            await world.Client.DeleteAsync(new ObjectKey(ResourceTypes.Deployments, Namespace, name), new DeleteRequest(), new("bench", "delete"), cancellation);
            await world.UntilAsync(snapshot => snapshot.Count(ResourceTypes.Pods) == 0, "deletion");
            await QuietAsync(cancellation);
        }

        report.Add(new Measurement(Name, "first Deployment of 1,000 on 100 nodes: created to all Running", rates[0], "pods/s"));
        report.Add(new Measurement(Name, "Deployment of 1,000 on 100 nodes: created to all Running", Median(rates[WarmUp..]), "pods/s", Target: "≥ 1,000 pods/s"));
        report.Add(new Measurement(Name, "the same: processor, nodes and events included", Median(costs[WarmUp..]), "ms/pod", Target: "≤ 1 ms"));
        report.Add(new Measurement(Name, "the same: stopped by collections", Median(pauses[WarmUp..]), "ms/pod"));
        report.Add(new Measurement(Name, "the same: allocated", Median(allocated[WarmUp..]), "KiB/pod"));
        report.Add(new Measurement(Name, "the same: facts", facts, "/pod"));
    }
}
