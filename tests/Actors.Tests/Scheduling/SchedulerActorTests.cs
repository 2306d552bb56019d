using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Admission.Metrics;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.Tests.NodeAgent;
using ActorOrchestrator.Actors.Tests.Timers;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Scheduling;
using ActorOrchestrator.TestSupport;
using ActorOrchestrator.TestSupport.Ledger;
using Akka.Actor;
using Akka.TestKit;

namespace ActorOrchestrator.Actors.Tests.Scheduling;

/// <summary>What the scheduler writes, and in which order, in virtual time on writes that the test holds back.</summary>
public sealed class SchedulerActorTests : PatientTestKit
{
    private static readonly ObjectKey Pod = new(ResourceTypes.Pods, "default", "p");
    private static readonly ObjectKey Node = new(ResourceTypes.Nodes, "", "small");

    private readonly RecordedEvents _events = new();
    private readonly SchedulerTime _time;
    private readonly TestLedger _ledger;
    private readonly HeldStatus _client = new();

    public SchedulerActorTests()
        : base(AgentWorld.Hocon)
    {
        _time = new SchedulerTime((TestScheduler)Sys.Scheduler);
        _ledger = new TestLedger(Sys, time: _time);
    }

    [Fact]
    public async Task The_newest_answer_is_written_last_however_long_the_one_before_takes()
    {
        await _ledger.CreateAsync(ResourceTypes.Nodes, Tainted(Given.NodeJson("small", cpu: "50m")));
        await _ledger.CreateAsync(ResourceTypes.Pods, Given.PodJson("p"));
        var scheduler = Sys.ActorOf(SchedulerActor.Props(_ledger.View, _client, _events, _time, new SchedulerSettings()));
        await AwaitAssertAsync(() => Assert.Contains(_events.All, said => said.Contains("untolerated taint", StringComparison.Ordinal)));
        var first = Assert.Single(_client.Writes);

        await _ledger.ReplaceAsync(Node, node => node["spec"]!.AsObject().Remove("taints"));
        await AskAsync(scheduler);
        ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(2));
        await AwaitAssertAsync(() => Assert.Contains(_events.All, said => said.Contains("Insufficient cpu", StringComparison.Ordinal)));
        Assert.Single(_client.Writes);

        first.SetResult(ResourceResult.Failed(ApiStatus.NotFound(Pod)));
        await AwaitAssertAsync(() => Assert.Equal(2, _client.Writes.Count));
    }

    /// <summary>Its mailbox is done with everything before.</summary>
    private static Task AskAsync(IActorRef scheduler) => scheduler.Ask<SchedulerReplies.Explanation>(new SchedulerQueries.Explain(Pod));

    private static JsonObject Tainted(JsonObject node)
    {
        node["spec"]!["taints"] = new JsonArray(new JsonObject { ["key"] = "node.kubernetes.io/not-ready", ["effect"] = "NoSchedule" });
        return node;
    }

    /// <summary>Answers when the test does.</summary>
    private sealed class HeldStatus : IResourceClient
    {
        private readonly List<TaskCompletionSource<ResourceResult>> _writes = [];

        public IReadOnlyList<TaskCompletionSource<ResourceResult>> Writes
        {
            get
            {
                lock (_writes)
                {
                    return [.. _writes];
                }
            }
        }

        public AdmissionMetrics AdmissionMetrics { get; } = new();

        public Task<ApiStatus?> ConnectAsync(ObjectKey key, string kind, JsonObject connection, WriteOptions options, CancellationToken cancellation = default) =>
            throw new NotSupportedException();

        public Task<ResourceResult> UpdateAsync(
            ObjectKey key, Func<StoredObject, JsonObject, ChangeResult> change, WriteOptions options, CancellationToken cancellation = default)
        {
            var write = new TaskCompletionSource<ResourceResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_writes)
            {
                _writes.Add(write);
            }

            return write.Task;
        }

        public Task<ResourceResult> CreateAsync(
            ResourceType type, string @namespace, JsonObject obj, WriteOptions options, CancellationToken cancellation = default) => throw new NotSupportedException();

        public Task<ResourceResult> DeleteAsync(
            ObjectKey key, DeleteRequest request, WriteOptions options, CancellationToken cancellation = default) => throw new NotSupportedException();
    }
}
