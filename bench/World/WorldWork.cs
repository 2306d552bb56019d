using System.Diagnostics;
using System.Runtime;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Bench.World;

/// <summary>What the benches of the world do to it, and how they look at it.</summary>
internal static class WorldWork
{
    public const string Namespace = "default";
    private static readonly TimeSpan IdleSample = TimeSpan.FromSeconds(30);

    public static ConditionCount Running(string prefix) => new(
        ResourceTypes.Pods,
        pod => pod.Key.Name.StartsWith(prefix, StringComparison.Ordinal) && pod.Utf8.Span.IndexOf("\"phase\":\"Running\""u8) >= 0);

    public static JsonObject Deployment(string name, int replicas, string cpu) => JsonNode.Parse($$$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{{{name}}}}","labels":{"app":"{{{{name}}}}"}},
         "spec":{"replicas":{{{{replicas}}}},"selector":{"matchLabels":{"app":"{{{{name}}}}"}},
          "template":{"metadata":{"labels":{"app":"{{{{name}}}}"}},
           "spec":{"terminationGracePeriodSeconds":0,"containers":[{"name":"app","image":"{{{{WorldHost.Image}}}}","resources":{"requests":{"cpu":"{{{{cpu}}}}"} } }] } } } }
        """)!.AsObject();

    public static async Task<double> IdleShareAsync(CancellationToken cancellation)
    {
        var before = Environment.CpuUsage.TotalTime;
        await Task.Delay(IdleSample, cancellation);
        return (Environment.CpuUsage.TotalTime - before) / IdleSample * 100;
    }

    /// <summary>Until a second has cost less than a twentieth of a core.</summary>
    public static async Task QuietAsync(CancellationToken cancellation)
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

    public static (double Managed, double Resident) Memory()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var self = Process.GetCurrentProcess();
        return (GC.GetTotalMemory(forceFullCollection: true) / 1048576.0, self.WorkingSet64 / 1048576.0);
    }

    public static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
