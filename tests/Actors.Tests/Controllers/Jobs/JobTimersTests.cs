using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.CronJobs;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Jobs;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Tests.NodeAgent;
using ActorOrchestrator.Actors.Tests.Timers;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.TestSupport;
using ActorOrchestrator.TestSupport.Ledger;
using Akka.TestKit;

namespace ActorOrchestrator.Actors.Tests.Controllers.Jobs;

/// <summary>What is due in a while happens by itself, in virtual time: schedules, deadlines, back-off and the end of finished jobs.</summary>
public sealed class JobTimersTests : PatientTestKit
{
    private const string Template = """ "template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]} } """;
    private static readonly WriteOptions User = new("tester", "test");

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    private readonly RecordedEvents _events = new();
    private readonly DirectLedger _ledger;
    private readonly ResourceStore _store;

    public JobTimersTests()
        : base(AgentWorld.Hocon)
    {
        var time = new SchedulerTime(Virtual);
        _ledger = new DirectLedger(time);
        _store = new ResourceStore(_ledger, _ledger.View, ResourceCatalog.BuiltIn, time);
        Sys.ActorOf(ControllersActor.Props(_ledger.View, _store, _events, time, ControllersSettings.Default, [.. JobController.Definitions, CronJobReconciler.Definition]));
    }

    private TestScheduler Virtual => (TestScheduler)Sys.Scheduler;
    private StoredObject[] Jobs => [.. _ledger.View.Current.All(ResourceTypes.Jobs)];
    private JobPod[] Pods => [.. _ledger.View.Current.All(ResourceTypes.Pods).Select(JobPod.Of)];

    [Fact]
    public async Task A_schedule_makes_a_job_each_time()
    {
        await CreateAsync("default", ResourceTypes.Namespaces, "{}");
        await CreateAsync("tick", ResourceTypes.CronJobs, $$""" "schedule":"*/5 * * * *","jobTemplate":{"spec":{ {{Template}} } } """);
        for (var jobs = 1; jobs <= 3; jobs++)
        {
            await PassUntilAsync(TimeSpan.FromMinutes(5), () => Jobs.Length >= jobs);
        }

        Assert.All(Jobs, job => Assert.Equal(0, long.Parse(job.Key.Name[5..], System.Globalization.CultureInfo.InvariantCulture) % 5));
    }

    [Fact]
    public async Task A_job_past_its_deadline_fails_and_is_removed_when_its_time_is_over()
    {
        await CreateAsync("default", ResourceTypes.Namespaces, "{}");
        await CreateAsync("work", ResourceTypes.Jobs, $$""" "activeDeadlineSeconds":30,"ttlSecondsAfterFinished":60, {{Template}} """);
        await AwaitConditionAsync(() => Task.FromResult(Pods.Length == 1), null, Poll);
        await PassUntilAsync(TimeSpan.FromSeconds(30), () => Jobs is [var job] && JobView.Of(job).Status.Conditions.OfType("Failed") is { Reason: "DeadlineExceeded" });
        await PassUntilAsync(TimeSpan.FromSeconds(60), () => Jobs is [] || Jobs[0].Metadata.DeletionTimestamp is not null);
    }

    [Fact]
    public async Task A_pod_that_failed_is_followed_by_another_after_ten_seconds()
    {
        await CreateAsync("default", ResourceTypes.Namespaces, "{}");
        await CreateAsync("work", ResourceTypes.Jobs, Template);
        await AwaitConditionAsync(() => Task.FromResult(Pods.Length == 1), null, Poll);
        var first = Pods[0];
        await _store.UpdateAsync(
            first.Stored.Key,
            (_, pod) =>
            {
                pod["status"] = new JsonObject { ["phase"] = "Failed" };
                return pod;
            },
            new WriteOptions("system:node:n1", "test") { Subresource = "status" });
        await AwaitConditionAsync(() => Task.FromResult(Jobs is [var job] && JobView.Of(job).Status.Failed == 1), null, Poll);
        Assert.Single(Pods);
        await PassUntilAsync(TimeSpan.FromSeconds(10), () => Pods.Length == 2);
    }

    private async Task CreateAsync(string name, ResourceType type, string spec)
    {
        var descriptor = ResourceCatalog.BuiltIn.All.First(candidate => candidate.Type == type);
        var place = descriptor.Namespaced ? ""","namespace":"default" """ : "";
        var body = $$$"""{"apiVersion":"{{{descriptor.ApiVersion}}}","kind":"{{{descriptor.Kind}}}","metadata":{"name":"{{{name}}}"{{{place}}}},"spec":{{{(spec == "{}" ? spec : $"{{{spec}}}")}}} }""";
        var made = await _store.CreateAsync(type, descriptor.Namespaced ? "default" : "", JsonNode.Parse(body)!.AsObject(), User);
        Assert.True(made.Ok, made.Failure?.Message);
    }

    /// <summary>Time passes in steps, so that a timer that was set late in one is due in the next, until it holds.</summary>
    private Task PassUntilAsync(TimeSpan most, Func<bool> holds) => AwaitConditionAsync(
        () =>
        {
            if (!holds())
            {
                Virtual.Advance(most / 20);
            }

            return Task.FromResult(holds());
        },
        null,
        Poll);
}
