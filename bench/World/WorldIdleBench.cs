using ActorOrchestrator.Contracts.Resources;
using static ActorOrchestrator.Bench.World.WorldWork;

namespace ActorOrchestrator.Bench.World;

/// <summary>What objects cost that nobody changes.</summary>
public sealed class WorldIdleBench : IBench
{
    public string Name => "world-idle";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        await using var world = await WorldHost.StartAsync(10);
        await QuietAsync(cancellation);
        var empty = await IdleShareAsync(cancellation);
        for (var i = 0; i < 1000; i++)
        {
            await world.CreateAsync(ResourceTypes.Deployments, Namespace, Deployment($"idle-{i}", 0, "10m"));
        }

        await world.UntilAsync(snapshot => snapshot.Count(ResourceTypes.ReplicaSets) == 1000, "ReplicaSets");
        await QuietAsync(cancellation);
        report.Add(new Measurement(Name, "1,000 idle Deployments: processor", await IdleShareAsync(cancellation), "% of a core", "an empty cluster", empty, "as empty"));
    }
}
