using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Jobs;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers.Jobs;

public sealed class JobReconcilerTests
{
    [Fact]
    public void A_job_runs_as_many_pods_at_once_as_it_may_until_enough_have_succeeded()
    {
        var world = new JobWorld(""","completions":5,"parallelism":2""");
        world.Settle();
        Assert.Equal(2, world.Active.Length);
        Assert.All(world.Active, pod => Assert.True(pod.IsTracked));
        Assert.Equal((2, 0), (world.Job.Status.Active, world.Job.Status.Succeeded));
        Assert.Equal(world.World.Now, world.Job.Status.StartTime);

        for (var done = 1; done <= 5; done++)
        {
            world.End(world.Active[0], "Succeeded");
            world.Settle();
            Assert.Equal(done, world.Job.Status.Succeeded);
            Assert.Equal(Math.Min(2, 5 - done), world.Active.Length);
        }

        Assert.True(world.Job.Status.IsTrue("SuccessCriteriaMet"));
        Assert.Equal("CompletionsReached", world.Job.Status.Conditions.OfType("Complete")!.Reason);
        Assert.Equal(world.World.Now, world.Job.Status.CompletionTime);
        Assert.Contains(("Completed", "Job completed"), world.Events);
        Assert.All(world.Pods, pod => Assert.False(pod.IsTracked));
    }

    [Fact]
    public void Too_many_failures_fail_the_job_and_end_its_other_pods()
    {
        var world = new JobWorld(""","completions":3,"parallelism":2,"backoffLimit":1""");
        world.Settle();
        world.End(world.Active[0], "Failed");
        world.Settle();
        world.World.Now += TimeSpan.FromSeconds(10);
        world.Settle();
        Assert.Equal(2, world.Active.Length);
        world.End(world.Active[0], "Failed");
        world.Settle();
        Assert.True(world.Job.Status.IsTrue("FailureTarget"));
        Assert.False(world.Job.IsFinished, "a pod is still ending");

        foreach (var pod in world.Pods.Where(pod => pod.IsDeleting))
        {
            world.End(pod, "Failed");
        }

        world.Bury();
        world.Settle();
        Assert.Equal("BackoffLimitExceeded", world.Job.Status.Conditions.OfType("Failed")!.Reason);
        Assert.Equal(3, world.Job.Status.Failed);
        Assert.Null(world.Job.Status.CompletionTime);
        Assert.Contains(("BackoffLimitExceeded", "Job has reached the specified backoff limit"), world.Events);
    }

    [Fact]
    public void After_failures_the_next_pod_waits_longer_each_time()
    {
        var world = new JobWorld(""","backoffLimit":10""");
        foreach (var delay in new[] { 10, 20, 40, 80 })
        {
            world.Settle();
            world.End(Assert.Single(world.Active), "Failed");
            world.Settle();
            Assert.Empty(world.Active);
            Assert.Equal(world.World.Now.AddSeconds(delay), world.Plan().RequeueAt);
            world.World.Now += TimeSpan.FromSeconds(delay);
        }
    }

    [Fact]
    public void Each_index_has_one_pod_that_knows_it_and_is_run_until_it_succeeds()
    {
        var world = new JobWorld(""","completions":4,"parallelism":3,"completionMode":"Indexed" """);
        world.Settle();
        Assert.Equal([0, 1, 2], world.Active.Select(pod => pod.Index!.Value).Order());
        var pod = world.Active.Single(pod => pod.Index == 1).Stored.ToJson();
        Assert.Equal("work-1", pod["spec"]!["hostname"]!.ToString());
        Assert.Equal("JOB_COMPLETION_INDEX", pod["spec"]!["containers"]![0]!["env"]![0]!["name"]!.ToString());
        Assert.StartsWith("work-1-", pod["metadata"]!["name"]!.ToString());

        world.End(world.Active.Single(pod => pod.Index == 1), "Succeeded");
        world.Settle();
        Assert.Equal([0, 2, 3], world.Active.Select(pod => pod.Index!.Value).Order());
        world.End(world.Active.Single(pod => pod.Index == 0), "Failed");
        world.End(world.Active.Single(pod => pod.Index == 2), "Succeeded");
        world.End(world.Active.Single(pod => pod.Index == 3), "Succeeded");
        world.Settle();
        Assert.Equal("1-3", world.Job.Status.CompletedIndexes.ToString());
        world.World.Now += TimeSpan.FromSeconds(10);
        world.Settle();
        world.End(Assert.Single(world.Active), "Succeeded");
        world.Settle();
        Assert.Equal(("0-3", 4, 1), (world.Job.Status.CompletedIndexes.ToString(), world.Job.Status.Succeeded, world.Job.Status.Failed));
        Assert.True(world.Job.Status.IsTrue("Complete"));
    }

    [Fact]
    public void An_index_fails_on_its_own_and_the_others_go_on()
    {
        var world = new JobWorld(""","completions":2,"parallelism":2,"completionMode":"Indexed","backoffLimitPerIndex":1,"backoffLimit":2147483647""");
        world.Settle();
        world.End(world.Active.Single(pod => pod.Index == 0), "Failed");
        world.Settle();
        Assert.DoesNotContain(world.Active, pod => pod.Index == 0);
        world.World.Now += TimeSpan.FromSeconds(10);
        world.Settle();
        Assert.Equal(1, world.Active.Single(pod => pod.Index == 0).IndexFailures);
        world.End(world.Active.Single(pod => pod.Index == 0), "Failed");
        world.Settle();
        Assert.Equal("0", world.Job.Status.FailedIndexes!.ToString());
        Assert.False(world.Job.IsFinished);

        world.End(Assert.Single(world.Active), "Succeeded");
        world.Settle();
        Assert.Equal("FailedIndexes", world.Job.Status.Conditions.OfType("Failed")!.Reason);
        Assert.Equal((1, 2), (world.Job.Status.Succeeded, world.Job.Status.Failed));
    }

    [Theory]
    [InlineData("FailJob", 42, "PodFailurePolicy", "Container c for pod default/{0} failed with exit code 42 matching FailJob rule at index 0")]
    [InlineData("Ignore", 42, null, "")]
    [InlineData("FailJob", 43, null, "")]
    public void A_rule_says_what_a_failure_means(string action, int exitCode, string? reason, string message)
    {
        var world = new JobWorld($$$""","backoffLimit":6,"podFailurePolicy":{"rules":[{"action":"{{{action}}}","onExitCodes":{"operator":"In","values":[42]}}]}""");
        world.Settle();
        var pod = Assert.Single(world.Active);
        world.End(pod, "Failed", exitCode);
        world.Settle();
        Assert.Equal(reason, world.Job.Status.Conditions.OfType("Failed")?.Reason);
        Assert.Equal(action == "Ignore" ? 0 : 1, world.Job.Status.Failed);
        Assert.False(world.Pods.Single(other => other.Uid == pod.Uid).IsTracked);
        if (reason is not null)
        {
            Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, message, pod.Stored.Key.Name), world.Job.Status.Conditions.OfType("Failed")!.Message);
        }
    }

    [Fact]
    public void Enough_indexes_are_a_success_and_the_rest_is_ended()
    {
        var world = new JobWorld(
            """,  "completions":3,"parallelism":3,"completionMode":"Indexed","successPolicy":{"rules":[{"succeededIndexes":"1-2","succeededCount":1}]}""");
        world.Settle();
        world.End(world.Active.Single(pod => pod.Index == 2), "Succeeded");
        world.Settle();
        Assert.Equal("Matched rules at index 0", world.Job.Status.Conditions.OfType("SuccessCriteriaMet")!.Message);
        Assert.Equal(2, world.Pods.Count(pod => pod.IsDeleting));
        foreach (var pod in world.Pods.Where(pod => pod.IsDeleting))
        {
            world.End(pod, "Failed");
        }

        world.Bury();
        world.Settle();
        Assert.Equal("SuccessPolicy", world.Job.Status.Conditions.OfType("Complete")!.Reason);
    }

    [Fact]
    public void A_suspended_job_has_no_pods_and_starts_anew()
    {
        var world = new JobWorld(""","suspend":true,"activeDeadlineSeconds":100""");
        world.Settle();
        Assert.Empty(world.Pods);
        Assert.Null(world.Job.Status.StartTime);
        Assert.Contains(("Suspended", "Job suspended"), world.Events);

        world.World.Now += TimeSpan.FromHours(1);
        world.EditSpec(spec => spec["suspend"] = false);
        world.Settle();
        Assert.Single(world.Active);
        Assert.Equal(world.World.Now, world.Job.Status.StartTime);
        Assert.Contains(("Resumed", "Job resumed"), world.Events);
        Assert.Equal(world.World.Now.AddSeconds(100), world.Plan().RequeueAt);

        world.World.Now += TimeSpan.FromSeconds(100);
        world.Settle();
        Assert.Equal("DeadlineExceeded", world.Job.Status.Conditions.OfType("FailureTarget")!.Reason);
    }

    [Fact]
    public void The_first_success_of_a_work_queue_makes_no_more_pods_and_ends_with_the_last()
    {
        var world = new JobWorld(""","parallelism":3""");
        world.Settle();
        world.End(world.Active[0], "Succeeded");
        world.Settle();
        Assert.Equal(2, world.Active.Length);
        Assert.False(world.Job.IsFinished);
        world.End(world.Active[0], "Succeeded");
        world.End(world.Active[0], "Failed");
        world.Settle();
        Assert.True(world.Job.Status.IsTrue("Complete"));
        Assert.Equal((2, 1), (world.Job.Status.Succeeded, world.Job.Status.Failed));
    }

    [Fact]
    public void Fewer_at_once_means_that_some_are_ended()
    {
        var world = new JobWorld(""","completions":9,"parallelism":4""");
        world.Settle();
        world.EditSpec(spec => spec["parallelism"] = 1);
        world.Settle();
        Assert.Single(world.Active);
    }

    [Fact]
    public void Pods_of_a_job_that_is_gone_are_let_go_and_one_that_finished_long_ago_is_removed()
    {
        var (orphans, ttl) = (JobController.Definitions.ElementAt(1), JobController.Definitions.ElementAt(2));
        var world = new JobWorld(""","ttlSecondsAfterFinished":60""");
        world.Settle();
        world.End(world.Active[0], "Succeeded");
        world.Settle();
        Assert.Equal(world.World.Now.AddSeconds(60), ttl.Reconcile(Observed.At(JobWorld.Key, world.World.Cluster), world.World.Now).RequeueAt);
        world.World.Now += TimeSpan.FromSeconds(60);
        Assert.Equal("Foreground", Assert.IsType<DeleteObject>(Assert.Single(ttl.Reconcile(Observed.At(JobWorld.Key, world.World.Cluster), world.World.Now).Steps[0].Actions)).Request.PropagationPolicy);

        var other = new JobWorld();
        other.Settle();
        other.World.Remove(JobWorld.Key);
        var pod = Assert.Single(other.Pods).Stored.Key;
        Assert.Equal([pod], orphans.Everything(other.World.Cluster));
        other.World.Settle(orphans, pod);
        Assert.False(Assert.Single(other.Pods).IsTracked);
    }

    [Fact]
    public void Somebody_elses_job_is_left_alone()
    {
        var world = new JobWorld(""","managedBy":"example.com/other" """);
        Assert.True(world.Plan().IsNothing);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("0", "0")]
    [InlineData("0,1", "0,1")]
    [InlineData("2,0,1", "0-2")]
    [InlineData("1,3-5,7", "1,3-5,7")]
    [InlineData("3-20", "3-9")]
    [InlineData("x,4", "4")]
    public void Indexes_are_written_as_intervals(string read, string written)
    {
        var set = IndexSet.Parse(read, 10);
        Assert.Equal(written, set.ToString());
        Assert.Equal(set, IndexSet.Parse(set.ToString(), 10));
        Assert.Equal(set.All().Count(), set.Count);
    }
}
