using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Simulation.Tests;

/// <summary>Whichever row of a Job's history the control plane dies at, every pod is counted once: none twice, none never.</summary>
public class JobCrashTests
{
    private const int Completions = 4;

    [Theory]
    [InlineData(CrashMoment.BeforeReply)]
    [InlineData(CrashMoment.AfterReply)]
    [InlineData(CrashMoment.WithNodes)]
    public void A_job_whose_pods_fail_at_first_counts_each_once(CrashMoment moment) => Work("", failures: 2).Survives(moment);

    [Theory]
    [InlineData(CrashMoment.BeforeReply)]
    [InlineData(CrashMoment.AfterReply)]
    public void An_indexed_job_runs_every_index_once(CrashMoment moment) => Work(""","completionMode":"Indexed" """, failures: 0).Survives(moment);

    private static Scenario Work(string more, int failures) => new()
    {
        Before = _ => { },
        Act = cluster => cluster.Create(ResourceTypes.Jobs, $$"""
            {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"work"},
             "spec":{"completions":{{Completions}},"parallelism":2{{more}},
              "template":{"spec":{"restartPolicy":"Never","terminationGracePeriodSeconds":1,"containers":[{"name":"app","image":"app:1"}]} } } }
            """),
        IsDone = cluster => cluster.Find(ResourceTypes.Jobs, "work")?.ToJson()["status"]?["conditions"] is JsonArray conditions
            && conditions.Any(condition => (string?)condition!["type"] == "Complete" && (string?)condition["status"] == "True"),
        Always = NeverCountedTwice,
        // The first so many pods fail, whichever they are.
        Program = (_, started) => started <= failures ? 1 : 0,
    };

    /// <summary>A count never runs ahead of the pods that ended so, and never goes back.</summary>
    private static void NeverCountedTwice(VirtualCluster cluster, FactBatch row)
    {
        foreach (var fact in row.Facts.Where(fact => fact.Key.Type == ResourceTypes.Jobs))
        {
            var pods = cluster.All(ResourceTypes.Pods).ToArray();
            foreach (var (count, phase) in new[] { ("succeeded", "Succeeded"), ("failed", "Failed") })
            {
                var now = Count(fact.Object, count);
                Assert.True(now <= pods.Count(pod => (string?)pod["status"]!["phase"] == phase), $"{now} {count} of {pods.Length} pods.");
                Assert.True(fact.Previous is null || now >= Count(fact.Previous, count), $"{count} went back to {now}.");
            }
        }
    }

    private static int Count(StoredObject job, string name) => (int?)job.ToJson()["status"]?[name] ?? 0;
}
