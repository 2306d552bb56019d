using System.Diagnostics;
using System.Runtime;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Bench.World;

/// <summary>The whole control plane with simulated nodes: what a rollout costs from the Deployment's creation to every pod Running, what a large cluster weighs, what idle objects cost.</summary>
public sealed class WorldBench : IBench
{
    private const string Namespace = "default";
    private const int Pods = 1000;
    private static readonly TimeSpan IdleSample = TimeSpan.FromSeconds(30);

    public string Name => "world";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        await RolloutAsync(report, cancellation);
        await IdleAsync(report, cancellation);
        await LargeAsync(report, cancellation);
    }

    /// <summary>The first Deployment compiles; the median of the others counts.</summary>
    private async Task RolloutAsync(Report report, CancellationToken cancellation)
    {
        await using var world = await WorldHost.StartAsync(100);
        var (rates, costs) = (new List<double>(), new List<double>());
        for (var round = 0; round < 6 && !cancellation.IsCancellationRequested; round++)
        {
            var name = $"web-{round}";
            var cpu = Environment.CpuUsage.TotalTime;
            var clock = Stopwatch.StartNew();
            await world.CreateAsync(ResourceTypes.Deployments, Namespace, Deployment(name, Pods, "190m"));
            await world.UntilAsync(Running(name), Pods, "pods");
            var took = clock.Elapsed;
            // What lags behind, such as events, is part of the price.
            await QuietAsync(cancellation);
            rates.Add(Pods / took.TotalSeconds);
            costs.Add((Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / Pods);
            await world.Client.DeleteAsync(new ObjectKey(ResourceTypes.Deployments, Namespace, name), new DeleteRequest(), new("bench", "delete"), cancellation);
            await world.UntilAsync(snapshot => snapshot.Count(ResourceTypes.Pods) == 0, "deletion");
            await QuietAsync(cancellation);
        }

        report.Add(new Measurement(Name, "first Deployment of 1,000 on 100 nodes: created to all Running", rates[0], "pods/s"));
        report.Add(new Measurement(Name, "Deployment of 1,000 on 100 nodes: created to all Running", Median(rates[1..]), "pods/s", Target: "≥ 1,000 pods/s"));
        report.Add(new Measurement(Name, "the same: processor, nodes and events included", Median(costs[1..]), "ms/pod", Target: "≤ 1 ms"));
    }

    private async Task IdleAsync(Report report, CancellationToken cancellation)
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

    private async Task LargeAsync(Report report, CancellationToken cancellation)
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

    private static ConditionCount Running(string prefix) => new(
        ResourceTypes.Pods,
        pod => pod.Key.Name.StartsWith(prefix, StringComparison.Ordinal) && pod.Utf8.Span.IndexOf("\"phase\":\"Running\""u8) >= 0);

    private static JsonObject Deployment(string name, int replicas, string cpu) => JsonNode.Parse($$$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{{{name}}}}","labels":{"app":"{{{{name}}}}"}},
         "spec":{"replicas":{{{{replicas}}}},"selector":{"matchLabels":{"app":"{{{{name}}}}"}},
          "template":{"metadata":{"labels":{"app":"{{{{name}}}}"}},
           "spec":{"terminationGracePeriodSeconds":0,"containers":[{"name":"app","image":"{{{{WorldHost.Image}}}}","resources":{"requests":{"cpu":"{{{{cpu}}}}"} } }] } } } }
        """)!.AsObject();

    private static async Task<double> IdleShareAsync(CancellationToken cancellation)
    {
        var before = Environment.CpuUsage.TotalTime;
        await Task.Delay(IdleSample, cancellation);
        return (Environment.CpuUsage.TotalTime - before) / IdleSample * 100;
    }

    /// <summary>Until a second has cost less than a twentieth of a core.</summary>
    private static async Task QuietAsync(CancellationToken cancellation)
    {
        for (var i = 0; i < 60; i++)
        {
            var before = Environment.CpuUsage.TotalTime;
            await Task.Delay(TimeSpan.FromSeconds(0.5), cancellation);
            if (Environment.CpuUsage.TotalTime - before < TimeSpan.FromSeconds(0.05))
            {
                return;
            }
        }
    }

    private static (double Managed, double Resident) Memory()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var self = Process.GetCurrentProcess();
        return (GC.GetTotalMemory(forceFullCollection: true) / 1048576.0, self.WorkingSet64 / 1048576.0);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
