using System.Diagnostics;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Contracts.Resources;
using static ActorOrchestrator.Bench.World.WorldWork;

namespace ActorOrchestrator.Bench.World;

/// <summary>A Job of many short pods: from its creation to its being complete, each pod counted once.</summary>
public sealed class WorldJobBench : IBench
{
    private const int Pods = 1000;
    private const int Rounds = 4;

    public string Name => "world-job";

    /// <summary>The first Job compiles; the median of the others counts.</summary>
    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        await using var world = await WorldHost.StartAsync(100, container => ContainerLabels.Read(container.Labels) is { Container: not ContainerIdentity.Sandbox } ? 0 : null);
        var (rates, costs, facts) = (new List<double>(), new List<double>(), 0.0);
        for (var round = 0; round < Rounds && !cancellation.IsCancellationRequested; round++)
        {
            var name = $"batch-{round}";
            var revision = world.Now.Revision.Value;
            var cpu = Environment.CpuUsage.TotalTime;
            var clock = Stopwatch.StartNew();
            await world.CreateAsync(ResourceTypes.Jobs, Namespace, Job(name));
            await world.UntilAsync(Complete(name), 1, "job");
            var took = clock.Elapsed;
            await QuietAsync(cancellation);
            rates.Add(Pods / took.TotalSeconds);
            facts = (world.Now.Revision.Value - revision) / (double)Pods;
            costs.Add((Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / Pods);
            await world.Client.DeleteAsync(new ObjectKey(ResourceTypes.Jobs, Namespace, name), new(null, "Background"), new("bench", "delete"), cancellation);
            await world.UntilAsync(snapshot => snapshot.Count(ResourceTypes.Pods) == 0, "deletion");
            await QuietAsync(cancellation);
        }

        report.Add(new Measurement(Name, "Job of 1,000 short pods on 100 nodes, 200 at once: created to Complete", Median(rates[1..]), "pods/s"));
        report.Add(new Measurement(Name, "the same: processor, nodes and events included", Median(costs[1..]), "ms/pod"));
        report.Add(new Measurement(Name, "the same: facts", facts, "/pod"));
    }

    private static ConditionCount Complete(string name) => new(
        ResourceTypes.Jobs,
        job => job.Key.Name == name && job.ToJson()["status"]?["succeeded"]?.GetValue<int>() == Pods
            && job.ToJson()["status"]?["conditions"] is JsonArray conditions && conditions.Any(condition => (string?)condition!["type"] == "Complete"));

    private static JsonObject Job(string name) => JsonNode.Parse($$$$"""
        {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"{{{{name}}}}"},
         "spec":{"completions":{{{{Pods}}}},"parallelism":200,
          "template":{"spec":{"restartPolicy":"Never","containers":[{"name":"app","image":"{{{{WorldHost.Image}}}}","resources":{"requests":{"cpu":"100m"} } }] } } } }
        """)!.AsObject();
}
