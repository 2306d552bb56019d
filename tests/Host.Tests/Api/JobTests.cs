using ActorOrchestrator.Actors.Controllers.CronJobs;
using ActorOrchestrator.Actors.Controllers.Jobs;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>Jobs as a client sees them: from the request over the pods' ends to the condition that <c>kubectl wait</c> waits for.</summary>
public sealed class JobTests : IAsyncLifetime
{
    private const string Jobs = "/apis/batch/v1/namespaces/default/jobs";
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Template = """ "template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]} } """;
    private readonly ApiHost _api = new() { Controllers = [.. JobController.Definitions, CronJobReconciler.Definition] };

    public Task InitializeAsync() => _api.InitializeAsync();

    public Task DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task An_indexed_job_completes_when_each_index_has_succeeded()
    {
        var made = await _api.PostAsync(Jobs, $$"""{"metadata":{"name":"work"},"spec":{"completions":2,"parallelism":2,"completionMode":"Indexed",{{Template}} } }""");
        Assert.Equal(201, made.Code);
        var uid = (string)made["metadata"]!["uid"]!;
        Assert.Equal(uid, (string?)made["spec"]!["selector"]!["matchLabels"]!["batch.kubernetes.io/controller-uid"]);
        var pods = await UntilAsync($"{Pods}?labelSelector=batch.kubernetes.io/controller-uid={uid}", list => list["items"]!.AsArray().Count == 2);
        foreach (var pod in pods["items"]!.AsArray())
        {
            Assert.Equal("batch.kubernetes.io/job-tracking", (string?)pod!["metadata"]!["finalizers"]![0]);
            await _api.PatchAsync($"{Pods}/{pod["metadata"]!["name"]}/status", """{"status":{"phase":"Succeeded"}}""", "merge");
        }

        var done = await UntilAsync($"{Jobs}/work", job => job["status"]?["completionTime"] is not null);
        Assert.Equal(["SuccessCriteriaMet", "Complete"], done["status"]!["conditions"]!.AsArray().Select(condition => (string)condition!["type"]!));
        Assert.Equal(("0,1", 2), ((string?)done["status"]!["completedIndexes"], (int?)done["status"]!["succeeded"]));
        await UntilAsync(Pods, list => list["items"]!.AsArray().All(pod => pod!["metadata"]!["finalizers"] is null));

        // What is over stays over, whoever asks.
        var undone = await _api.PatchAsync($"{Jobs}/work/status", """{"status":{"conditions":null,"completionTime":null}}""", "merge");
        Assert.Equal(422, undone.Code);
        Assert.Contains("cannot disable the terminal Complete=True condition", undone.Message, StringComparison.Ordinal);
        Assert.Contains("child pods are preserved by default when jobs are deleted", Assert.Single((await _api.DeleteAsync($"{Jobs}/work")).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_made_by_hand_of_a_schedule_is_its_own()
    {
        var cron = await _api.PostAsync(
            "/apis/batch/v1/namespaces/default/cronjobs", $$"""{"metadata":{"name":"clock"},"spec":{"schedule":"0 0 1 1 *","jobTemplate":{"spec":{ {{Template}} } } } }""");
        Assert.Equal(201, cron.Code);

        // As kubectl create job --from does.
        var job = await _api.PostAsync(Jobs, $$"""
            {"metadata":{"name":"now","annotations":{"cronjob.kubernetes.io/instantiate":"manual"},
              "ownerReferences":[{"apiVersion":"batch/v1","kind":"CronJob","name":"clock","uid":"{{cron["metadata"]!["uid"]}}","controller":true}]},
             "spec":{ {{Template}} } }
            """);
        Assert.Equal(201, job.Code);

        var running = await UntilAsync("/apis/batch/v1/namespaces/default/cronjobs/clock", found => found["status"]?["active"] is not null);
        Assert.Equal("now", (string?)running["status"]!["active"]![0]!["name"]);
    }

    private async Task<Answer> UntilAsync(string path, Func<Answer, bool> holds)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var i = 0; ; i++)
        {
            var answer = await _api.GetAsync(path);
            if (answer.Code == 200 && holds(answer))
            {
                return answer;
            }

            Assert.True(i < 500, answer.ToString());
            await pause.WaitForNextTickAsync();
        }
    }
}
