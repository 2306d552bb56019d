using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.CronJobs;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers.CronJobs;

public sealed class CronJobReconcilerTests
{
    private static readonly ObjectKey Key = new(ResourceTypes.CronJobs, "default", "tick");
    private readonly PlanWorld _world = new();
    private readonly List<string> _events = [];

    private CronJobView Cron => CronJobView.Of(_world.Cluster.Find(Key)!);
    private StoredObject[] Jobs => [.. _world.Cluster.All(ResourceTypes.Jobs)];

    [Theory]
    [InlineData("*/15 * * * *", "", "2026-01-01T12:00:00Z", "2026-01-01T12:15:00Z")]
    [InlineData("0 0 * * *", "Europe/Berlin", "2026-01-01T12:00:00Z", "2026-01-01T23:00:00Z")]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-28T02:00:00Z", "2026-03-29T01:00:00Z")]
    [InlineData("0 12 13 * FRI", "", "2026-01-01T12:00:00Z", "2026-01-02T12:00:00Z")]
    [InlineData("0 12 13 * ?", "", "2026-01-01T12:00:00Z", "2026-01-13T12:00:00Z")]
    [InlineData("@hourly", "", "2026-01-01T12:30:00Z", "2026-01-01T13:00:00Z")]
    [InlineData("@every 1h30m", "", "2026-01-01T12:00:00Z", "2026-01-01T13:30:00Z")]
    [InlineData("CRON_TZ=Asia/Tokyo 0 0 * * *", "", "2026-01-01T12:00:00Z", "2026-01-01T15:00:00Z")]
    public void Schedules_are_read_as_upstream_reads_them(string text, string zone, string after, string next) =>
        Assert.Equal(Time(next), Schedule.TryParse(text, zone, out _)!.Next(Time(after)));

    [Theory]
    [InlineData("* * *", "")]
    [InlineData("0 0 * * *", "Mars/Base")]
    [InlineData("@every soon", "")]
    public void What_cannot_be_read_says_why(string text, string zone)
    {
        Assert.Null(Schedule.TryParse(text, zone, out var problem));
        Assert.NotEmpty(problem);
    }

    [Theory]
    [InlineData("* * * * *")]
    [InlineData("0 * * * *")]
    [InlineData("17 3 * * 1")]
    [InlineData("0 0 29 2 *")]
    [InlineData("@every 7m")]
    public void The_last_time_is_the_one_that_counting_forward_finds(string text)
    {
        var schedule = Schedule.TryParse(text, "", out _)!;
        var random = new Random(7);
        for (var round = 0; round < 20; round++)
        {
            var until = Time("2026-01-01T00:00:00Z").AddMinutes(random.Next(600000));
            var after = until.AddMinutes(-random.Next(1, 20000));
            DateTimeOffset? expected = null;
            var count = 0;
            for (var time = schedule.Next(after); time <= until; time = schedule.Next(time.Value))
            {
                (expected, count) = (time, count + 1);
            }

            Assert.Equal((expected, count > 100), schedule.Last(after, until));
        }
    }

    [Fact]
    public void A_job_is_made_when_it_is_due_and_only_once()
    {
        Make("*/5 * * * *");
        Look();
        Assert.Empty(Jobs);
        Assert.Equal(Time("2026-01-01T12:05:00Z"), Plan().RequeueAt);

        _world.Now = Time("2026-01-01T12:05:01Z");
        Look();
        var job = Assert.Single(Jobs);
        Assert.Equal($"tick-{Time("2026-01-01T12:05:00Z").ToUnixTimeSeconds() / 60}", job.Key.Name);
        Assert.Equal("2026-01-01T12:05:00Z", job.Metadata.Annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"]);
        Assert.Equal("x", job.Metadata.Labels["app"]);
        Assert.Equal(Key.Name, job.Metadata.ControllerReference!.Name);
        Assert.Equal(Time("2026-01-01T12:05:00Z"), Cron.LastScheduleTime);
        Assert.Equal(job.Key.Name, Assert.Single(Cron.Active).Name);
        Look();
        Assert.Single(Jobs);
    }

    [Theory]
    [InlineData("Allow", 2)]
    [InlineData("Forbid", 1)]
    [InlineData("Replace", 1)]
    public void The_policy_says_what_becomes_of_a_job_that_still_runs(string policy, int running)
    {
        Make("*/5 * * * *", $",\"concurrencyPolicy\":\"{policy}\"");
        _world.Now = Time("2026-01-01T12:05:00Z");
        Look();
        var first = Assert.Single(Jobs).Key;
        _world.Now = Time("2026-01-01T12:10:00Z");
        Look();
        Assert.Equal(running, Jobs.Length);
        Assert.Equal(policy != "Replace", _world.Cluster.Find(first) is not null);
        Assert.Equal(policy == "Forbid", _events.Contains("JobAlreadyActive"));
        if (policy == "Forbid")
        {
            // It is due all the same, as soon as the other has ended.
            Finish(first, "Complete");
            Look();
            Assert.Equal(2, Jobs.Length);
            Assert.Contains("SawCompletedJob", _events);
        }
    }

    [Fact]
    public void After_a_long_absence_only_the_last_time_counts_and_one_too_old_is_missed()
    {
        Make("* * * * *");
        _world.Now = Time("2026-01-02T12:00:30Z");
        Look();
        Assert.Single(Jobs);
        Assert.Contains("TooManyMissedTimes", _events);
        Assert.Equal(Time("2026-01-02T12:00:00Z"), Cron.LastScheduleTime);

        _world.Remove(Jobs[0].Key);
        Make("0 * * * *", ",\"startingDeadlineSeconds\":100", created: "2026-01-02T12:00:00Z");
        _world.Now = Time("2026-01-02T13:05:00Z");
        Look();
        Assert.Empty(Jobs);
    }

    [Fact]
    public void Finished_jobs_beyond_the_limits_are_deleted_and_the_last_success_is_noted()
    {
        Make("*/5 * * * *", ",\"successfulJobsHistoryLimit\":1,\"failedJobsHistoryLimit\":0");
        for (var i = 1; i <= 3; i++)
        {
            _world.Now = Time("2026-01-01T12:00:00Z").AddMinutes(5 * i);
            Look();
            Finish(Jobs.Single(job => !IsFinished(job)).Key, i == 2 ? "Failed" : "Complete");
            Look();
        }

        Assert.Single(Jobs);
        Assert.Equal(_world.Now, Cron.LastSuccessfulTime);
        Assert.Empty(Cron.Active);
    }

    [Fact]
    public void A_suspended_one_makes_nothing()
    {
        Make("* * * * *", ",\"suspend\":true");
        _world.Now = _world.Now.AddHours(1);
        Look();
        Assert.Empty(Jobs);
        Assert.Null(Plan().RequeueAt);
    }

    private static bool IsFinished(StoredObject job) => Actors.Controllers.Jobs.JobView.Of(job).IsFinished;

    private void Make(string schedule, string more = "", string created = "2026-01-01T12:00:00Z") => _world.Put(
        ResourceTypes.CronJobs,
        """
        {"metadata":{"name":"tick","namespace":"default","uid":"cron","creationTimestamp":"CREATED"},
         "spec":{"schedule":"SCHEDULE","jobTemplate":{"metadata":{"labels":{"app":"x"}},"spec":{"template":{}}}MORE}}
        """.Replace("CREATED", created, StringComparison.Ordinal).Replace("SCHEDULE", schedule, StringComparison.Ordinal).Replace("MORE", more, StringComparison.Ordinal));

    private void Finish(ObjectKey job, string condition)
    {
        var obj = _world.Cluster.Find(job)!.ToJson();
        obj["status"] = new JsonObject
        {
            ["completionTime"] = JsonNodes.Time(_world.Now),
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = condition, ["status"] = "True", ["lastTransitionTime"] = JsonNodes.Time(_world.Now) }),
        };
        _world.Put(ResourceTypes.Jobs, obj);
    }

    private Plan Plan() => CronJobReconciler.Definition.Reconcile(Observed.At(Key, _world.Cluster), _world.Now);

    private void Look()
    {
        _events.AddRange(Plan().Steps.SelectMany(step => step.Actions).OfType<RecordEvent>().Select(told => told.Reason));
        _world.Settle(CronJobReconciler.Definition, Key);
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
