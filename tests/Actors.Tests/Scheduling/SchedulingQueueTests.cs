using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Actors.Scheduling.Plugins;
using ActorOrchestrator.Actors.Scheduling.Queue;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Scheduling;

public sealed class SchedulingQueueTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly SchedulingQueue _queue = new(new PrioritySort(), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));

    [Fact]
    public void The_higher_priority_goes_first_and_equals_in_the_order_they_came()
    {
        _queue.Upsert(Given.Pod("second"), Noon);
        _queue.Upsert(Given.Pod("third"), Noon.AddSeconds(1));
        _queue.Upsert(Given.Pod("first", spec: s => s["priority"] = 10), Noon.AddSeconds(2));
        Assert.Equal(["first", "second", "third"], Enumerable.Range(0, 3).Select(_ => _queue.Pop(Noon.AddSeconds(3))!.Key.Name));
        Assert.Null(_queue.Pop(Noon.AddSeconds(3)));
    }

    [Fact]
    public void Back_off_doubles_from_one_second_to_ten() =>
        Assert.Equal([1, 2, 4, 8, 10, 10], Enumerable.Range(1, 6).Select(attempts => (int)_queue.BackoffOf(attempts).TotalSeconds));

    [Fact]
    public void An_unschedulable_pod_waits_for_help_and_lets_the_others_go_first_until_the_end_of_its_back_off()
    {
        _queue.Upsert(Given.Pod("p", spec: s => s["priority"] = 10), Noon);
        _queue.AddUnschedulable(_queue.Pop(Noon)!, Noon);
        Assert.Null(_queue.Pop(Noon.AddHours(1)));
        Assert.Equal(1, _queue.Wake(_ => true, Noon.AddMilliseconds(300)));
        Assert.Equal(Noon.AddSeconds(1), _queue.NextReady);
        _queue.Upsert(Given.Pod("other"), Noon);
        _queue.Upsert(Given.Pod("third"), Noon);
        Assert.Equal("other", _queue.Pop(Noon.AddMilliseconds(900))!.Key.Name);
        Assert.Equal("p", _queue.Pop(Noon.AddSeconds(1))!.Key.Name);
    }

    [Fact]
    public void Whoever_could_be_helped_need_not_wait_when_there_is_nobody_else()
    {
        _queue.Upsert(Given.Pod("p"), Noon);
        _queue.AddUnschedulable(_queue.Pop(Noon)!, Noon);
        _queue.Wake(_ => true, Noon.AddMilliseconds(300));
        Assert.Equal("p", _queue.Pop(Noon.AddMilliseconds(301))!.Key.Name);
        Assert.Null(_queue.NextReady);
    }

    [Fact]
    public void Whose_try_failed_waits_however_idle_the_scheduler_is()
    {
        _queue.Upsert(Given.Pod("p"), Noon);
        _queue.AddBackoff(_queue.Pop(Noon)!, Noon);
        Assert.Null(_queue.Pop(Noon.AddMilliseconds(900)));
        Assert.Equal("p", _queue.Pop(Noon.AddSeconds(1))!.Key.Name);
    }

    [Fact]
    public void Labels_that_change_are_worth_another_try_and_a_status_that_changes_is_not()
    {
        var pod = Given.PodJson("p");
        _queue.Upsert(PodInfo.From(Given.Stored(ResourceTypes.Pods, pod)), Noon);
        _queue.AddUnschedulable(_queue.Pop(Noon)!, Noon);
        pod["status"]!["nominatedNodeName"] = "n";
        _queue.Upsert(PodInfo.From(Given.Stored(ResourceTypes.Pods, pod)), Noon);
        Assert.Null(_queue.Pop(Noon.AddSeconds(5)));
        pod["metadata"]!["labels"] = new JsonObject { ["app"] = "other" };
        _queue.Upsert(PodInfo.From(Given.Stored(ResourceTypes.Pods, pod)), Noon);
        Assert.Equal("n", _queue.Pop(Noon.AddSeconds(5))!.Pod.NominatedNodeName);
    }

    [Fact]
    public void A_gated_pod_is_not_tried_until_its_gates_are_gone()
    {
        var gated = Given.Pod("p", spec: s => s["schedulingGates"] = new JsonArray(new JsonObject { ["name"] = "quota" }));
        _queue.Upsert(gated, Noon);
        _queue.Wake(_ => true, Noon);
        Assert.Null(_queue.Pop(Noon));
        _queue.Upsert(Given.Pod("p"), Noon);
        Assert.Equal("p", _queue.Pop(Noon)!.Key.Name);
    }

    [Fact]
    public void A_pod_that_is_gone_is_never_handed_out()
    {
        var pod = Given.Pod("p");
        _queue.Upsert(pod, Noon);
        _queue.AddBackoff(_queue.Pop(Noon)!, Noon);
        Assert.True(_queue.Remove(pod.Key));
        Assert.Null(_queue.Pop(Noon.AddHours(1)));
        Assert.Null(_queue.NextReady);
    }
}
