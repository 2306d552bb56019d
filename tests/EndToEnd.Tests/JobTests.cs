using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>Work that ends: it is done as often as asked, and what fails is tried as often as allowed.</summary>
[Collection(SharedCluster.Name)]
public sealed class JobTests(ClusterFixture cluster)
{
    [Fact]
    public void A_parallel_job_gives_every_index_its_pod_and_completes()
    {
        using var space = new Space(cluster, "1.32", "indexes");
        space.Feed(
            """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: squares}
            spec:
              completions: 4
              parallelism: 2
              completionMode: Indexed
              template:
                spec:
                  restartPolicy: Never
                  terminationGracePeriodSeconds: 1
                  containers:
                  - name: square
                    image: busybox:1.36
                    command: [sh, -c, 'echo "$(hostname) $JOB_COMPLETION_INDEX"']
            """,
            "apply", "-f", "-");

        space.Do("wait", "--for=condition=Complete", "job/squares", "--timeout=90s");

        Assert.Equal("4 0-3", space.Do("get", "job", "squares", "-o", "jsonpath={.status.succeeded} {.status.completedIndexes}"));
        Assert.Equal("", space.Do("get", "pods", "-o", "jsonpath={.items[*].metadata.finalizers}"));
        Assert.Matches(@"squares\s+Complete\s+4/4", space.Do("get", "job", "squares"));
        for (var index = 0; index < 4; index++)
        {
            Assert.Contains(
                $"squares-{index} {index}",
                space.Do("logs", "-l", $"batch.kubernetes.io/job-completion-index={index}"),
                StringComparison.Ordinal);
        }

        space.Do("delete", "job", "squares");
        Eventually.Equal("", () => space.Do("get", "pods", "-o", "name"), "the job's pods went with it");
    }

    [Fact]
    public void A_job_that_keeps_failing_is_tried_as_often_as_it_may()
    {
        using var space = new Space(cluster, "1.32", "failures");
        space.Feed(
            """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: broken}
            spec:
              backoffLimit: 1
              template:
                spec:
                  restartPolicy: Never
                  terminationGracePeriodSeconds: 1
                  containers:
                  - {name: c, image: "busybox:1.36", command: [sh, -c, exit 3]}
            """,
            "apply", "-f", "-");

        space.Do("wait", "--for=condition=Failed", "job/broken", "--timeout=90s");

        Assert.Equal("2", space.Do("get", "job", "broken", "-o", "jsonpath={.status.failed}"));
        Assert.Equal("BackoffLimitExceeded", space.Do("get", "job", "broken", "-o", "jsonpath={.status.conditions[?(@.type==\"Failed\")].reason}"));
        Assert.Equal(2, space.Do("get", "pods", "-o", "name").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("Job has reached the specified backoff limit", space.Do("describe", "job", "broken"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cron_job_is_run_by_hand()
    {
        using var space = new Space(cluster, "1.32", "clock");
        space.Do("create", "cronjob", "clock", "--image=busybox:1.36", "--schedule=0 0 1 1 *", "--restart=Never", "--", "date");
        space.Do("create", "job", "now", "--from=cronjob/clock");

        space.Do("wait", "--for=condition=Complete", "job/now", "--timeout=90s");

        Assert.Equal("CronJob/clock", space.Do("get", "job", "now", "-o", "jsonpath={.metadata.ownerReferences[0].kind}/{.metadata.ownerReferences[0].name}"));
        Assert.Equal("manual", space.Do("get", "job", "now", "-o", "jsonpath={.metadata.annotations.cronjob\\.kubernetes\\.io/instantiate}"));
        Eventually.Holds(
            () => { var time = space.Do("get", "cronjob", "clock", "-o", "jsonpath={.status.lastSuccessfulTime}"); return (time.Length > 0, time); },
            "the run counts as the schedule's last success");
    }
}
