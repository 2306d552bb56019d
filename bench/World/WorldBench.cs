using System.Diagnostics;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using static ActorOrchestrator.Bench.World.WorldWork;

namespace ActorOrchestrator.Bench.World;

/// <summary>The whole control plane with simulated nodes: what a rollout takes from the Deployment's creation to every pod Running, and what it costs.</summary>
public sealed class WorldBench : IBench
{
    private const int Pods = 1000;

    public string Name => "world";

    /// <summary>The first Deployment compiles; the median of the others counts.</summary>
    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        await using var world = await WorldHost.StartAsync(100);
        var (rates, costs, facts) = (new List<double>(), new List<double>(), 0.0);
        for (var round = 0; round < 6 && !cancellation.IsCancellationRequested; round++)
        {
            var name = $"web-{round}";
            var revision = world.Now.Revision.Value;
            var cpu = Environment.CpuUsage.TotalTime;
            var clock = Stopwatch.StartNew();
            await world.CreateAsync(ResourceTypes.Deployments, Namespace, Deployment(name, Pods, "190m"));
            await world.UntilAsync(Running(name), Pods, "pods");
            var took = clock.Elapsed;
            // What lags behind, such as events, is part of the price.
            await QuietAsync(cancellation);
            rates.Add(Pods / took.TotalSeconds);
            facts = (world.Now.Revision.Value - revision) / (double)Pods;
            costs.Add((Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / Pods);
            await world.Client.DeleteAsync(new ObjectKey(ResourceTypes.Deployments, Namespace, name), new DeleteRequest(), new("bench", "delete"), cancellation);
            await world.UntilAsync(snapshot => snapshot.Count(ResourceTypes.Pods) == 0, "deletion");
            await QuietAsync(cancellation);
        }

        report.Add(new Measurement(Name, "first Deployment of 1,000 on 100 nodes: created to all Running", rates[0], "pods/s"));
        report.Add(new Measurement(Name, "Deployment of 1,000 on 100 nodes: created to all Running", Median(rates[1..]), "pods/s", Target: "≥ 1,000 pods/s"));
        report.Add(new Measurement(Name, "the same: processor, nodes and events included", Median(costs[1..]), "ms/pod", Target: "≤ 1 ms"));
        report.Add(new Measurement(Name, "the same: facts", facts, "/pod"));
    }
}
